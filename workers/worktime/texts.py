"""What the codes of broken rules say to a person, in the active language.

Texts tell limits and hours, never the kind of a contract and nothing about health.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.formats import clock, clockrange, day, hours, minutes
from core.violations import Violation
from workers.models import Strain


def worker_text(violation: Violation) -> str | None:
    """The sentence of a code of working time, contracts or a person; None for codes of others."""
    known = _TEXTS.get(violation.code)
    return known(violation) if known else None


# --------------------------------------------------------------------------- parts of sentences


def _minutes(v: Violation, name: str) -> int:
    return int(v.numbers.get(name, 0))


def _instant(v: Violation, name: str) -> datetime | None:
    value = str(v.numbers.get(name, ""))
    return datetime.fromisoformat(value) if value else None


def _on(v: Violation) -> str:
    try:
        return day(date.fromisoformat(v.subject))
    except ValueError:
        return ""


def _got_limit(v: Violation) -> dict[str, str]:
    return {"got": hours(_minutes(v, "got_min")), "limit": hours(_minutes(v, "limit_min"))}


def _days(v: Violation) -> dict[str, int | str]:
    return {"got": v.numbers.get("got_days", 0), "limit": v.numbers.get("limit_days", 0)}


def _age(v: Violation) -> dict[str, int | str]:
    return {"limit": v.numbers.get("limit_years", "")}


def _order(v: Violation) -> dict[str, int | str]:
    return {"order": v.numbers.get("order", "")}


def _wall(minute: int) -> str:
    return f"{minute // 60}.{minute % 60:02d}"


# --------------------------------------------------------------------------- sentences


def _partly(v: Violation) -> str:
    return _("free only %(time)s") % {"time": clockrange(_instant(v, "from"), _instant(v, "until"))}


def _absent(v: Violation) -> str:
    until = _instant(v, "until")
    if until is None:
        return _("away")
    return _("away until %(day)s %(time)s") % {"day": day(until), "time": clock(until)}


def _skill(v: Violation) -> str:
    language = get_language() or "fi"
    name = v.numbers.get(language if language in {"sv", "en"} else "fi") or v.subject
    return _("does not have the skill: %(skill)s") % {"skill": name}


def _restricted(v: Violation) -> str:
    labels = {str(code): label for code, label in Strain.choices}
    return _("not asked to do: %(task)s") % {"task": str(labels.get(v.subject, v.subject)).lower()}


def _young_clock(v: Violation) -> str:
    facts = {
        "from": _wall(_minutes(v, "from_minute")),
        "to": _wall(_minutes(v, "to_minute")),
    }
    return _("young worker: only between %(from)s and %(to)s") % facts


_TEXTS: dict[str, Callable[[Violation], str]] = {
    # the person and the order
    "worker_inactive": lambda _v: _("does not work with us now"),
    "absent": _absent,
    "not_available": lambda _v: _("has not said to be free at this time"),
    "partly_available": _partly,
    "skill_missing": _skill,
    "restricted": _restricted,
    # working time, adults
    "daily_rest": lambda v: (
        _("rest %(got)s between work days, the rule is %(limit)s") % _got_limit(v)
    ),
    "daily_rest_floor": lambda v: (
        _("rest only %(got)s, at least %(limit)s is the law") % _got_limit(v)
    ),
    "weekly_rest": lambda v: _("rest of the week %(got)s, the rule is %(limit)s") % _got_limit(v),
    "daily_hours": lambda v: _("%(got)s in a day, over %(limit)s") % _got_limit(v),
    "weekly_hours": lambda v: _("%(got)s in the week, over %(limit)s") % _got_limit(v),
    "weekly_max": lambda v: _("%(got)s in the week, over %(limit)s") % _got_limit(v),
    "weekly_average": lambda v: _("on average %(got)s a week, over %(limit)s") % _got_limit(v),
    "own_daily_max": lambda v: _("%(got)s in a day, %(limit)s agreed at most") % _got_limit(v),
    "own_weekly_max": lambda v: _("%(got)s in the week, %(limit)s agreed at most") % _got_limit(v),
    "own_days_per_week": lambda v: (
        _("%(got)s days in the week, %(limit)s agreed at most") % _days(v)
    ),
    "outside_agreed_hours": lambda _v: _("outside the agreed hours"),
    "sunday_work": lambda v: _("Sunday work on %(day)s: ask for consent") % {"day": _on(v)},
    "holiday_work": lambda v: _("public holiday on %(day)s: ask for consent") % {"day": _on(v)},
    # working time, the young
    "under_working_age": lambda v: _("under the working age of %(limit)s") % _age(v),
    "guardian_consent_missing": lambda v: (
        _("under %(limit)s: the guardian's consent is not on the worker's page") % _age(v)
    ),
    "task_min_age": lambda v: _("the task is for people of %(limit)s or over") % _age(v),
    "task_hazardous_for_young": lambda _v: _("the task is not for people under 18"),
    "task_not_light_work": lambda _v: _("not light work, as the age asks"),
    "young_clock": _young_clock,
    "young_break": lambda v: (
        _("young worker: a break of %(limit)s is missing")
        % {"limit": minutes(_minutes(v, "limit_min"))}
    ),
    "young_daily_rest": lambda v: (
        _("young worker: rest %(got)s, at least %(limit)s") % _got_limit(v)
    ),
    "young_weekly_rest": lambda v: (
        _("young worker: rest of the week %(got)s, at least %(limit)s") % _got_limit(v)
    ),
    "young_daily_max": lambda v: (
        _("young worker: %(got)s in a day, at most %(limit)s") % _got_limit(v)
    ),
    "young_weekly_max": lambda v: (
        _("young worker: %(got)s in the week, at most %(limit)s") % _got_limit(v)
    ),
    "young_daily_hours": lambda v: (
        _("young worker: %(got)s in a day, over %(limit)s") % _got_limit(v)
    ),
    "young_weekly_hours": lambda v: (
        _("young worker: %(got)s in the week, over %(limit)s") % _got_limit(v)
    ),
    "young_overtime_year": lambda v: (
        _("young worker: overtime of the year %(got)s, over %(limit)s") % _got_limit(v)
    ),
    "young_term_week": lambda v: (
        _("school is on: %(got)s in the week, at most %(limit)s") % _got_limit(v)
    ),
    "young_school_day": lambda v: (
        _("school day: %(got)s of work, at most %(limit)s") % _got_limit(v)
    ),
    "young_term_free_day": lambda v: (
        _("day off school: %(got)s of work, at most %(limit)s") % _got_limit(v)
    ),
    "young_school_and_work": lambda v: (
        _("school and work %(got)s, at most %(limit)s") % _got_limit(v)
    ),
    # the contract, whatever its kind
    "no_engagement": lambda v: _("no contract on %(day)s") % {"day": _on(v)},
    "kind_disabled": lambda _v: _("the contract cannot be used here"),
    "rehabilitative_at_company": lambda _v: _("the contract does not allow this customer"),
    "subsidy_excludes_business": lambda _v: _("the contract does not allow paid customer work"),
    "kind_not_billable": lambda _v: _("these hours will not be billed to the customer"),
    "engagement_day_short": lambda v: (
        _("%(got)s in the day, the contract wants %(limit)s at least") % _got_limit(v)
    ),
    "engagement_day_long": lambda v: (
        _("%(got)s in the day, the contract allows %(limit)s") % _got_limit(v)
    ),
    "engagement_week_long": lambda v: (
        _("%(got)s in the week, the contract allows %(limit)s") % _got_limit(v)
    ),
    "engagement_week_days": lambda v: (
        _("%(got)s days in the week, the contract allows %(limit)s") % _days(v)
    ),
    "engagement_own_day_min": lambda v: (
        _("%(got)s in the day, the contract allows %(limit)s") % _got_limit(v)
    ),
    "engagement_own_week_min": lambda v: (
        _("%(got)s in the week, the contract allows %(limit)s") % _got_limit(v)
    ),
    "engagement_own_week_days": lambda v: (
        _("%(got)s days in the week, the contract allows %(limit)s") % _days(v)
    ),
    "school_practice_weekend": lambda _v: _("the contract does not allow work at the weekend"),
    "engagement_min_age": lambda v: _("the contract is for people of %(limit)s or over") % _age(v),
    "engagement_needs_end": lambda _v: _("The contract needs a last day."),
    "engagement_too_short": lambda v: (
        ngettext(
            "The contract is shorter than %(n)s month.",
            "The contract is shorter than %(n)s months.",
            _minutes(v, "limit_months"),
        )
        % {"n": _minutes(v, "limit_months")}
    ),
    "engagement_too_long": lambda v: (
        ngettext(
            "The contract is longer than %(n)s month.",
            "The contract is longer than %(n)s months.",
            _minutes(v, "limit_months"),
        )
        % {"n": _minutes(v, "limit_months")}
    ),
}
