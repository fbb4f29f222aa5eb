"""What the codes of broken rules say to a person, in the active language.

Texts tell limits and hours, never the kind of a contract and nothing about health. Apps to the
left add the texts of their own codes with :func:`register_texts` in ``ready()``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.templatetags.askare import clock, clockrange, day, hours, minutes
from core.violations import Violation
from workers.models import Strain

Texts = Callable[[Violation], "str | None"]
_others: list[Texts] = []


def register_texts(texts: Texts) -> None:
    """Add texts for more codes: a function that answers None for codes it does not know."""
    if texts not in _others:
        _others.append(texts)


def violation_text(violation: Violation) -> str:
    """One sentence for a broken rule; an unknown code reads as a plain refusal."""
    text = _known(violation)
    if text is None:
        return _("This is not possible now.")
    text = _with_notes(violation, text)
    worker = violation.numbers.get("worker")
    return f"{worker}: {text}" if worker and violation.code != "booked_meanwhile" else text


def _with_notes(violation: Violation, text: str) -> str:
    """What the sentence rests on: an exception permit, or a calendar that has no such day."""
    if permit := violation.numbers.get("permit"):
        return _("%(text)s (exception permit %(permit)s)") % {"text": text, "permit": permit}
    if violation.numbers.get("assumed"):
        return _("%(text)s (no school calendar for this time: a school day is assumed)") % {
            "text": text
        }
    return text


def is_known(violation: Violation) -> bool:
    """Whether the code has a text of its own."""
    return _known(violation) is not None


def violation_source(violation: Violation) -> str:
    """Where the number of the rule comes from (law and paragraph), or an empty text."""
    return str(violation.numbers.get("source", ""))


def _known(violation: Violation) -> str | None:
    own = _TEXTS.get(violation.code)
    if own is not None:
        return own(violation)
    found = (texts(violation) for texts in _others)
    return next((text for text in found if text), None)


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


def _booked_meanwhile(v: Violation) -> str:
    facts = {
        "worker": v.numbers.get("worker", ""),
        "order": v.numbers.get("order", ""),
        "by": v.numbers.get("by", ""),
        "at": clock(_instant(v, "at")),
    }
    if facts["by"]:
        return _("%(by)s gave %(worker)s order %(order)s at %(at)s. Choose somebody else.") % facts
    return _("%(worker)s got order %(order)s at %(at)s. Choose somebody else.") % facts


def _overlap(v: Violation) -> str:
    start, end = _instant(v, "from"), _instant(v, "until")
    if start is None:
        return _("overlaps with another gig")
    facts = {"order": v.numbers.get("order", ""), "time": clockrange(start, end)}
    return _("overlaps with order %(order)s, %(time)s") % facts


def _from_previous(v: Violation) -> str:
    facts = {
        "order": v.numbers.get("order", ""),
        "ends": clock(_instant(v, "ends")),
        "way": minutes(_minutes(v, "travel_min")),
        "from": clock(_instant(v, "fits_from")),
    }
    return _("order %(order)s ends at %(ends)s, trip %(way)s: would fit from %(from)s") % facts


def _to_next(v: Violation) -> str:
    facts = {
        "order": v.numbers.get("order", ""),
        "starts": clock(_instant(v, "starts")),
        "way": minutes(_minutes(v, "travel_min")),
        "until": clock(_instant(v, "fits_until")),
    }
    return (
        _("order %(order)s starts at %(starts)s, trip %(way)s: would fit until %(until)s") % facts
    )


def _travel_outside(v: Violation) -> str:
    free = {"time": clockrange(_instant(v, "from"), _instant(v, "until"))}
    away = {"away": clockrange(_instant(v, "leaves"), _instant(v, "home"))}
    return _("free %(time)s, with the way away from home %(away)s") % {**free, **away}


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


def _order_full(v: Violation) -> str:
    people = int(v.numbers.get("people", 1))
    return ngettext(
        "The place of this order is taken.",
        "All %(people)s places of this order are taken.",
        people,
    ) % {"people": people}


def _coach_needed(v: Violation) -> str:
    return _("first gigs: no coach on site or within reach")


_TEXTS: dict[str, Callable[[Violation], str]] = {
    # services
    "booked_meanwhile": _booked_meanwhile,
    "order_not_open": lambda v: _("The order does not take workers any more."),
    "gig_in_past": lambda v: _("The time of this gig is over."),
    "order_full": _order_full,
    "not_possible_now": lambda v: _("This is not possible any more. Open the page again."),
    "no_show_early": lambda v: _("The gig has not begun yet."),
    "punch_in_future": lambda v: _("That time has not come yet. Check the clock."),
    "check_in_early": lambda v: _("It is too early to check in. Try again before the gig."),
    "check_in_late": lambda v: _("The gig is over. Call the office and tell your hours."),
    "punch_noted": lambda v: (
        _("%(time)s was noted already. If that is wrong, tell the office.")
        % {"time": clock(_instant(v, "at"))}
    ),
    "check_out_before_in": lambda v: _("The end must be later than the start."),
    "absence_ends_before_start": lambda v: _("The last moment must be later than the first."),
    # the person and the order
    "worker_inactive": lambda v: _("does not work with us now"),
    "already_on_order": lambda v: _("is on this order already"),
    "overlap": _overlap,
    "travel_overlap": lambda v: _("not enough time for the way between two gigs"),
    "travel_from_previous": _from_previous,
    "travel_to_next": _to_next,
    "absent": _absent,
    "not_available": lambda v: _("has not said to be free at this time"),
    "partly_available": _partly,
    "travel_outside_availability": _travel_outside,
    "skill_missing": _skill,
    "restricted": _restricted,
    "trip_too_long": lambda v: (
        _("trip %(got)s, wishes %(limit)s at most")
        % {"got": minutes(_minutes(v, "got_min")), "limit": minutes(_minutes(v, "limit_min"))}
    ),
    "coach_needed": _coach_needed,
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
    "outside_agreed_hours": lambda v: _("outside the agreed hours"),
    "sunday_work": lambda v: _("Sunday work on %(day)s: ask for consent") % {"day": _on(v)},
    "holiday_work": lambda v: _("public holiday on %(day)s: ask for consent") % {"day": _on(v)},
    # working time, the young
    "under_working_age": lambda v: _("under the working age of %(limit)s") % _age(v),
    "guardian_consent_missing": lambda v: (
        _("under %(limit)s: the guardian's consent is not on the worker's page") % _age(v)
    ),
    "task_min_age": lambda v: _("the task is for people of %(limit)s or over") % _age(v),
    "task_hazardous_for_young": lambda v: _("the task is not for people under 18"),
    "task_not_light_work": lambda v: _("not light work, as the age asks"),
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
    "kind_disabled": lambda v: _("the contract cannot be used here"),
    "rehabilitative_at_company": lambda v: _("the contract does not allow this customer"),
    "subsidy_excludes_business": lambda v: _("the contract does not allow paid customer work"),
    "kind_not_billable": lambda v: _("these hours will not be billed to the customer"),
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
    "school_practice_weekend": lambda v: _("the contract does not allow work at the weekend"),
    "engagement_min_age": lambda v: _("the contract is for people of %(limit)s or over") % _age(v),
    "engagement_needs_end": lambda v: _("The contract needs a last day."),
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
