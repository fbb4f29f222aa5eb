"""Step 2 of the public order form: it shows the price of orders and the hint of dispatch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import public
from core.holidays import holidays_between
from core.timing import next_working_days
from dispatch.candidates.hints import Level, Need, better_day, level_on
from dispatch.eligibility.travel import Point
from orders.geocode import postal_place
from orders.models import TaskType
from orders.ordering import views

# Far more than anybody changes a form by hand; beyond it the form works on without a hint.
HOUR_S = 3600
SESSION_HINTS_AN_HOUR, ADDRESS_HINTS_AN_HOUR = 120, 900
DAYS_TRIED = 2


@dataclass(frozen=True)
class Hint:
    """What the form says about people on a day, and a better day when there is one near."""

    level: Level
    on: date
    better: date | None = None


@public
@require_http_methods(["GET", "POST"])
def order_when(request: HttpRequest) -> HttpResponseBase:
    """Step 2 of 3: when and where, with the estimate and the hint beside it."""
    return views.order_when(request, hint=hint)


@public
@require_POST
def order_estimate(request: HttpRequest) -> HttpResponseBase:
    """The estimate and the hint alone, as the form stands."""
    return views.order_estimate(request, hint=hint)


def hint(request: HttpRequest, task: TaskType, asked: Mapping[str, Any]) -> Hint | None:
    """The hint for what is typed; None without a place, or when too many were asked for."""
    place = _place(asked)
    if place is None or _too_many(request):
        return None
    need = Need(task, asked["starts"], asked["duration_min"], asked["people"], place)
    on = asked["works_on"]
    found = level_on(need, on)
    better = better_day(need, _days_after(on)) if found == Level.ASK else None
    return Hint(found, on, better)


def _days_after(on: date) -> list[date]:
    closed, _eves = holidays_between(on, on + timedelta(days=14))
    return next_working_days(on, DAYS_TRIED, closed)


def _place(asked: Mapping[str, Any]) -> Point | None:
    """The known site, the pin, or the middle of the postcode area."""
    site = asked.get("site")
    if site is not None:
        return Point(site.lat, site.lon)
    if asked.get("lat") is not None and asked.get("lon") is not None:
        return Point(asked["lat"], asked["lon"])
    area = postal_place(asked.get("postal_code") or "")
    return Point(area.lat, area.lon) if area else None


def _too_many(request: HttpRequest) -> bool:
    marks = [(f"hints:a:{request.META.get('REMOTE_ADDR', '')}", ADDRESS_HINTS_AN_HOUR)]
    if request.session.session_key:
        marks.append((f"hints:s:{request.session.session_key}", SESSION_HINTS_AN_HOUR))
    over = False
    for key, most in marks:
        cache.add(key, 0, HOUR_S)
        over = cache.incr(key) > most or over
    return over
