"""Start page and the three steps of ordering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import public, signed_in
from core import clock, menu, places
from core.holidays import holidays_between
from core.languages import Language
from core.timing import next_working_days
from core.violations import RuleBroken
from core.zone import local_date
from orders.customers.selectors import places_near, sites_of
from orders.geocode import postal_place
from orders.models import TaskType, WorkOrder
from orders.ordering import selectors, services
from orders.ordering.drafts import SessionDraft
from orders.ordering.forms import DURATIONS, OTHER, CheckForm, TaskForm, WhenForm, show
from orders.ordering.links import order_path
from orders.ordering.order_draft import OrderDraft
from orders.ordering.orderer import Orderer, orderer_of
from orders.ordering.texts import FIELDS, order_text
from orders.prices.selectors import prices_from, task_types
from orders.rules.pricing import Price

DAY_CHIPS = 4
# Light brakes for people without an account: far above what anybody orders by hand.
HOUR_S = 3600
SESSION_ORDERS_AN_HOUR = 10
ADDRESS_ORDERS_AN_HOUR = 60

SOMEWHERE = "53100"
"""Where the map opens when neither the form nor the organisation has a postcode."""


@public
@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """What we do and what it costs; people who are signed in go to their own first page."""
    if request.user.is_authenticated:
        return redirect(menu.home_of(signed_in(request).role))
    on = local_date(clock.now())
    return render(request, "orders/ordering/home.html", {"tiles": _tiles(on), **_price_from(on)})


def _to_step_2() -> HttpResponseBase:
    return redirect(places.url_of("order form, step 2"))


# --------------------------------------------------------------------------- step 1: what


@public
@require_http_methods(["GET", "POST"])
def order_new(request: HttpRequest) -> HttpResponseBase:
    """Step 1 of 3: what is needed."""
    draft = SessionDraft(request.session)
    data = request.POST if request.method == "POST" else None
    form = TaskForm(data, initial={"task": draft.task})
    if request.method == "POST" and form.is_valid():
        draft.choose(form.cleaned_data["task"].code)
        done = draft.is_done("when") and "change" in request.GET
        return redirect("orders:order-check") if done else _to_step_2()
    on = local_date(clock.now())
    chosen = request.POST.get("task") or draft.task or request.GET.get("task", "")
    return render(
        request,
        "orders/ordering/order_new.html",
        {"form": form, "tiles": _tiles(on), "chosen": chosen},
    )


def _tiles(on: date) -> list[tuple[TaskType, Any]]:
    prices = prices_from(on)
    return [(task, prices.get(task.pk)) for task in task_types()]


def _price_from(on: date) -> dict[str, Any]:
    prices = prices_from(on)
    return {"price_from": min(prices.values(), default=None)}


def _task(draft: SessionDraft) -> TaskType | None:
    return task_types().filter(code=draft.task).first()


# --------------------------------------------------------------------------- step 2: when, where


# What the app that knows the workers says beside the price: (request, task, cleaned data) -> what
# templates/orders/ordering/_hint.html shows, or None. A higher app registers it.
Hinter = Callable[[HttpRequest, TaskType, Mapping[str, Any]], Any]


def order_when(request: HttpRequest, *, hint: Hinter) -> HttpResponseBase:
    """Step 2 of 3: when and where, with the estimate and the hint beside it."""
    draft, orderer = SessionDraft(request.session), orderer_of(request)
    task = _task(draft)
    if task is None:
        return redirect("orders:order-new")
    if request.method == "POST":
        form = _when_form(orderer, draft, _with_better_day(request.POST))
        draft.keep("when", _typed(form), done=form.is_valid())
        if "calculate" in request.POST or "better" in request.POST:
            return _to_step_2()
        if form.is_valid():
            return redirect("orders:order-check")
    else:
        form = _when_form(orderer, draft)
    context = {"form": form, "task": task, **_beside(request, task, orderer, form, hint)}
    return render(request, "orders/ordering/order_when.html", context)


def _with_better_day(typed: QueryDict) -> QueryDict:
    """What was typed, on the day of the hint's button when that was pressed."""
    if "better" not in typed:
        return typed
    moved = typed.copy()
    moved["day"] = str(typed["better"])
    return moved


def order_estimate(request: HttpRequest, *, hint: Hinter) -> HttpResponseBase:
    """The estimate and the hint alone, as the form stands; what was typed is noted as well."""
    draft, orderer = SessionDraft(request.session), orderer_of(request)
    task = _task(draft)
    if task is None:
        raise Http404
    form = _when_form(orderer, draft, request.POST)
    draft.note("when", _typed(form))
    context = {"task": task, **_beside(request, task, orderer, form, hint)}
    return render(request, "orders/ordering/_estimate_swap.html", context)


def _beside(
    request: HttpRequest, task: TaskType, orderer: Orderer, form: WhenForm, hint: Hinter
) -> dict[str, Any]:
    """The price, and the hint once everything that it depends on is right."""
    data, _wrong = _estimated_from(form)
    estimate = _estimate(task, orderer, form)
    ready = data is not None and estimate.price is not None
    return {"estimate": estimate, "hint": hint(request, task, data) if ready and data else None}


@public
@require_GET
def order_places(request: HttpRequest) -> HttpResponseBase:
    """Names and points around a postcode: the ground of the map, its own area first."""
    us = selectors.organisation()
    codes = (request.GET.get("postal_code", ""), us.postal_code if us else "", SOMEWHERE)
    area = next(place for code in codes if (place := postal_place(code)) is not None)
    context = {"places": places_near(area.lat, area.lon)}
    return render(request, "orders/ordering/_places.html", context)


def _when_form(orderer: Orderer, draft: SessionDraft, data: QueryDict | None = None) -> WhenForm:
    now = clock.now()
    today = local_date(now)
    closed, _eves = holidays_between(today, today + timedelta(days=21))
    typed = draft.typed("when")
    days = next_working_days(today, DAY_CHIPS, closed)
    options: dict[str, Any] = {"now": now, "days": days, "by": orderer.user}
    if orderer.customer is not None:
        options["sites"] = sites_of(orderer.customer)
    if data is None and draft.is_done("when"):
        return WhenForm(_chips(typed, days), **options)
    if data is None:
        return WhenForm(initial=_chips(typed, days) or _first_site(orderer), **options)
    return WhenForm(_chips(data.dict(), days), **options)


def _chips(typed: dict[str, Any], days: list[date]) -> dict[str, Any]:
    """The day and length chosen earlier, as chips where there are some and else as others."""
    offered = {
        "day": {d.isoformat() for d in days} | {OTHER},
        "duration": {str(m) for m in DURATIONS} | {OTHER},
    }
    shown = dict(typed)
    for name, chips in offered.items():
        chosen = typed.get(name)
        if chosen and chosen not in chips:
            shown |= {name: OTHER, f"{name}_other": chosen}
    return shown


def _first_site(orderer: Orderer) -> dict[str, Any]:
    """The site used last and who met the worker there."""
    last = selectors.last_order_of(orderer.customer) if orderer.customer else None
    if last is None:
        return {}
    return {
        "site": str(last.site.ref),
        "site_contact_name": last.site_contact_name,
        "site_contact_phone": str(last.site_contact_phone or ""),
    }


def _typed(form: WhenForm | CheckForm) -> dict[str, Any]:
    return {name: form.data[name] for name in form.fields if form.data.get(name)}


@dataclass(frozen=True)
class Estimate:
    """A price, or in words what is missing for one."""

    price: Price | None
    missing: str = ""
    least: bool = False
    """More is charged than is ordered: the tariff's least charge."""
    people: int = 1
    each_min: int = 0
    """How the hours come together: so many people, each so many minutes."""


def _estimate(task: TaskType, orderer: Orderer, form: WhenForm) -> Estimate:
    data, wrong = _estimated_from(form)
    if data is None:
        ask = _("Choose the day, the time and the length: the price comes here.")
        return Estimate(None, wrong or ask)
    try:
        price = services.priced(
            task,
            orderer.customer,
            data["works_on"],
            data["starts"],
            data["duration_min"],
            data["people"],
            construction_site=bool(data.get("construction_site")),
        )
    except RuleBroken as broken:
        return Estimate(None, order_text(broken.violations[0]) or "")
    ordered = data["duration_min"] * data["people"]
    return Estimate(
        price,
        least=price.lines[0].minutes > ordered,
        people=data["people"],
        each_min=data["duration_min"],
    )


PRICED_BY = ("day", "day_other", "starts", "duration", "duration_other", "people")


def _estimated_from(form: WhenForm) -> tuple[Mapping[str, Any] | None, str]:
    """The four things that make the price when all of them are right, else what is wrong."""
    if not form.is_bound:
        typed = {name: form[name].value() for name in form.fields}
        form = WhenForm(
            {k: v for k, v in typed.items() if v not in (None, "")},
            now=form.now,
            days=form.days,
            by=form.by,
            sites=form.fields["site"].queryset if form.sites else None,  # type: ignore[attr-defined]
        )
    form.is_valid()
    data = form.cleaned_data
    wrong = [str(form.errors[name][0]) for name in PRICED_BY if name in form.errors]
    if wrong or not data.get("works_on"):
        return None, wrong[0] if wrong and form.data.get("day") else ""
    return data, ""


# --------------------------------------------------------------------------- step 3: check, send


@public
@require_http_methods(["GET", "POST"])
def order_check(request: HttpRequest) -> HttpResponseBase:
    """Step 3 of 3: everything on one page, who orders, and the button that sends."""
    draft, orderer = SessionDraft(request.session), orderer_of(request)
    if request.method == "POST" and draft.was_sent(request.POST.get("form_key", "")):
        return _sent_before(request.POST["form_key"])
    task = _task(draft)
    if task is None:
        return redirect("orders:order-new")
    when = _when_form(orderer, draft)
    if not draft.is_done("when") or not when.is_valid():
        return _to_step_2()
    estimate = _estimate(task, orderer, when)
    if estimate.price is None:
        return _to_step_2()
    if request.method == "POST":
        form = CheckForm(request.POST, known=orderer.known)
        draft.keep("check", _typed(form), done=form.is_valid())
        if form.is_valid() and (answer := _send(request, orderer, draft, task, when, form)):
            return answer
    else:
        form = CheckForm(initial=_check_initial(draft), known=orderer.known)
    context = {
        "form": form,
        "task": task,
        "when": when.cleaned_data,
        "town": _town(when.cleaned_data),
        "estimate": estimate,
        "orderer": orderer,
        "shown_net": f"{estimate.price.net:.2f}",
    }
    return render(request, "orders/ordering/order_check.html", context)


def _check_initial(draft: SessionDraft) -> dict[str, Any]:
    return {**draft.typed("check"), "form_key": draft.form_key}


def _town(data: Mapping[str, Any]) -> str:
    place = postal_place(data.get("postal_code") or "")
    return place.place if place else ""


def _sent_before(form_key: str) -> HttpResponseBase:
    order = WorkOrder.objects.filter(form_key=form_key).first()
    if order is None:
        raise Http404
    return redirect(order_path(order))


def _send(
    request: HttpRequest,
    orderer: Orderer,
    draft: SessionDraft,
    task: TaskType,
    when: WhenForm,
    form: CheckForm,
) -> HttpResponseBase | None:
    """Place the order and go to its page; None when it was refused and the form says why."""
    if form.cleaned_data["form_key"] != draft.form_key:
        return redirect("orders:order-check")
    if orderer.user is None and _too_many(request):
        us = selectors.organisation()
        form.add_error(
            None,
            _("Many orders came from here in a short time. Please call us: %(phone)s")
            % {"phone": us.phone if us else ""},
        )
        return None
    wanted = _order_draft(orderer, task, when.cleaned_data, form.cleaned_data)
    try:
        order = services.place_order(wanted, by=orderer.user, now=clock.now())
    except RuleBroken as broken:
        of_when = [v for v in broken.violations if FIELDS.get(v.code, ("",))[0] == "when"]
        if of_when:
            for violation in of_when:
                messages.error(request, order_text(violation) or violation.code)
            return _to_step_2()
        show(form, "check", broken.violations)
        return None
    draft.mark_sent(order.form_key)
    thanks = _("Thank you! We have your order %(number)s. The link to this page is in your e-mail.")
    messages.success(request, thanks % {"number": order.number})
    return redirect(order_path(order))


def _order_draft(
    orderer: Orderer, task: TaskType, when: Mapping[str, Any], check: Mapping[str, Any]
) -> OrderDraft:
    typed = {**(orderer.known or {}), **check}
    language = get_language() or Language.FI
    billing = postal_place(typed.get("billing_postal_code") or "")
    phone = str(typed.get("orderer_phone") or "")
    return OrderDraft(
        form_key=check["form_key"],
        task_type=task,
        works_on=when["works_on"],
        starts=when["starts"],
        duration_min=when["duration_min"],
        people=when["people"],
        orderer_name=typed["orderer_name"],
        orderer_email=typed["orderer_email"],
        orderer_phone=phone,
        site_contact_name=when["site_contact_name"],
        # Nobody to call at the door is worse than calling the orderer.
        site_contact_phone=str(when.get("site_contact_phone") or phone),
        customer=orderer.customer,
        business_id=typed.get("business_id", ""),
        company_name=typed.get("company_name", ""),
        billing_street=typed.get("billing_street", ""),
        billing_postal_code=typed.get("billing_postal_code", ""),
        billing_city=billing.place if billing else "",
        invoice_email=typed.get("invoice_email", ""),
        channel=typed.get("channel", ""),
        site=when.get("site"),
        street=" ".join((when.get("street") or "").split()),
        postal_code=when.get("postal_code", ""),
        city=_town(when),
        pin=when.get("pin"),
        description=when["description"],
        wear=when["wear"],
        hazards=when["hazards"],
        construction_site=when["construction_site"],
        customer_reference=check["customer_reference"],
        language=language if language in Language.values else Language.FI,
        shown_net=check.get("shown_net"),
    )


def _too_many(request: HttpRequest) -> bool:
    """More than a person orders by hand in an hour, from one browser or one address."""
    address = request.META.get("REMOTE_ADDR", "")
    marks = [
        (f"orders:s:{request.session.session_key}", SESSION_ORDERS_AN_HOUR),
        (f"orders:a:{address}", ADDRESS_ORDERS_AN_HOUR),
    ]
    over = False
    for key, most in marks:
        cache.add(key, 0, HOUR_S)
        over = cache.incr(key) > most or over
    return over
