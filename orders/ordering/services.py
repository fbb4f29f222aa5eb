"""Placing, moving, cancelling and every other change of a work order and its customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fi import ytunnus

from accounts.access import OFFICE
from accounts.models import User
from core.audit import record
from core.counters import lock_series, next_number
from core.timing import YEARS, NoSuchLocalTime, window
from core.violations import RuleBroken, Severity, Violation
from core.zone import local_date
from orders import signals
from orders.geocode import AddressNotFound, Located, locate
from orders.models import (
    Contact,
    Customer,
    CustomerDiscount,
    Site,
    Tariff,
    TaskType,
    WorkOrder,
)
from orders.models.lifecycle import OrderAction, OrderStatus, target
from orders.ordering import messages as notices
from orders.ordering import selectors
from orders.rules.pricing import Price, PricingGap
from orders.rules.vat_treatment import buyer_problems
from workers.worktime.selectors import legal_limits

AHEAD_DAYS = 366
"""Nobody orders further ahead than this: it is a mistyped year."""
MIN_MINUTES, MAX_MINUTES, STEP_MINUTES, MAX_PEOPLE = 60, 480, 15, 20
FIRST_ORDER_NO, FIRST_CUSTOMER_NO = 2000, 1000


class StaleStatus(RuleBroken):
    """Somebody else changed the order first, or the page was old; nothing was written."""


@dataclass(frozen=True)
class OrderDraft:
    """One order as it was typed and checked by a form; the customer is a row or a Y-tunnus."""

    form_key: UUID
    task_type: TaskType
    works_on: date
    starts: time
    duration_min: int
    people: int
    orderer_name: str
    site_contact_name: str
    customer: Customer | None = None
    business_id: str = ""
    company_name: str = ""
    billing_street: str = ""
    billing_postal_code: str = ""
    billing_city: str = ""
    invoice_email: str = ""
    channel: str = ""
    site: Site | None = None
    street: str = ""
    postal_code: str = ""
    city: str = ""
    pin: tuple[float, float] | None = None
    """Latitude and longitude that the orderer set on the map for a new address."""
    orderer_email: str = ""
    orderer_phone: str = ""
    site_contact_phone: str = ""
    description: str = ""
    wear: str = ""
    hazards: str = ""
    construction_site: bool = False
    coach_on_site: bool = False
    customer_reference: str = ""
    language: str = "fi"
    shown_net: Decimal | None = None
    """Net price that the orderer saw; when ours differs the order is not taken unseen."""


# --------------------------------------------------------------------------- checks


def order_violations(draft: OrderDraft, *, by: User | None, now: datetime) -> list[Violation]:
    """Why this order cannot be taken; empty when it can."""
    found: list[Violation] = []
    if draft.customer is None and not is_business_id(draft.business_id):
        found.append(_hard("order_business_id", draft.business_id))
    if draft.site is not None and draft.site.customer_id != getattr(draft.customer, "pk", None):
        found.append(_hard("order_site_of_other", str(draft.site.ref)))
    if not draft.task_type.active:
        found.append(_hard("order_task_not_offered", draft.task_type.code))
    found += size_violations(draft.duration_min, draft.people)
    found += time_violations(draft.works_on, draft.starts, by=by, now=now)
    return found


def size_violations(duration_min: int, people: int) -> list[Violation]:
    """Length and number of people outside what can be ordered."""
    found: list[Violation] = []
    if not MIN_MINUTES <= duration_min <= MAX_MINUTES or duration_min % STEP_MINUTES:
        numbers = {"min": duration_min, "from": MIN_MINUTES, "to": MAX_MINUTES}
        found.append(_hard("order_duration", "", numbers))
    if not 1 <= people <= MAX_PEOPLE:
        found.append(_hard("order_people", "", {"people": people, "to": MAX_PEOPLE}))
    return found


def time_violations(
    works_on: date, starts: time, *, by: User | None, now: datetime
) -> list[Violation]:
    """A start that is past, too soon, too far away, or that the clocks jump over."""
    if works_on.year < YEARS.start:
        return [_hard("order_in_past", works_on.isoformat())]
    try:
        starts_at, _ = window(works_on, starts, MIN_MINUTES)
    except NoSuchLocalTime:
        return [_hard("order_no_such_time", works_on.isoformat())]
    # The office may be quicker than the notice it asks of customers.
    notice = 0 if by is not None and by.role in OFFICE else selectors.order_notice_min()
    if works_on < local_date(now) or starts_at < now:
        return [_hard("order_in_past", works_on.isoformat())]
    if starts_at < now + timedelta(minutes=notice):
        return [_hard("order_too_soon", works_on.isoformat(), {"min": notice})]
    if works_on > local_date(now) + timedelta(days=AHEAD_DAYS):
        return [_hard("order_too_far", works_on.isoformat(), {"days": AHEAD_DAYS})]
    return []


def term_violations(kind: str, days: int, on: date) -> list[Violation]:
    """A payment term that the law does not allow this kind of customer (public body: 30/2013)."""
    most = legal_limits().value("public_payment_term_max", on)
    if kind != Customer.Kind.PUBLIC or days <= most:
        return []
    return [_hard("customer_public_term", "", {"days": days, "to": most})]


def buyer_violations(customer: Customer) -> list[Violation]:
    """What is wrong with a buyer's country and numbers, as codes of vat_treatment."""
    found = buyer_problems(
        customer.country, business_id=customer.business_id, vat_id=customer.vat_id
    )
    return [_hard(code, customer.name) for code in found.values()]


def is_business_id(text: str) -> bool:
    """A Y-tunnus with a right check digit."""
    return bool(ytunnus.is_valid(text))


def business_id(text: str) -> str:
    """A Y-tunnus in its written form: "2077474-0".

    Raises:
        ValueError: the number is not a Y-tunnus.
    """
    try:
        compact = ytunnus.validate(text)
    except StdnumError as error:
        raise ValueError(text) from error
    return f"{compact[:7]}-{compact[7]}"


def _hard(
    code: str, subject: str = "", numbers: Mapping[str, int | str] | None = None
) -> Violation:
    return Violation(code, Severity.HARD, subject, numbers)


# --------------------------------------------------------------------------- placing


def place_order(draft: OrderDraft, *, by: User | None, now: datetime) -> WorkOrder:
    """Take the order once per `form_key`: a second press of the button gives the same order.

    Raises:
        RuleBroken: order_* codes of the checks above, order_postcode, order_customer_closed (we
            take no orders of theirs now), order_no_price, or order_price_changed when `shown_net`
            is not the price any more.
    """
    known = _by_form_key(draft.form_key)
    if known is not None:
        return known
    violations = order_violations(draft, by=by, now=now)
    if violations:
        raise RuleBroken(violations)
    located = None if draft.site else _located(draft)
    with transaction.atomic():
        # The counter is the lock: the second of two equal forms waits here and finds the first.
        lock_series("order", start=FIRST_ORDER_NO)
        known = _by_form_key(draft.form_key)
        if known is not None:
            return known
        customer, differs = draft.customer, ""
        if customer is None:
            customer, made = _customer(draft, by=by, now=now)
            differs = "" if made else _differs(draft, customer)
        if not customer.active:
            raise RuleBroken(_hard("order_customer_closed", customer.name))
        # Without an account the price list counts: the price shown is the price promised, and a
        # customer's own price stays private.
        price = priced(
            draft.task_type,
            draft.customer,
            draft.works_on,
            draft.starts,
            draft.duration_min,
            draft.people,
            construction_site=draft.construction_site,
        )
        if draft.shown_net is not None and draft.shown_net != price.net:
            raise RuleBroken(_hard("order_price_changed", "", {"net": str(price.net)}))
        site = draft.site or _site(draft, customer, located)
        order = _create(draft, customer, site, price, by=by, now=now)
        record(
            "order.placed",
            kind="order",
            ref=order.ref,
            order_ref=order.ref,
            by=by,
            now=now,
            after={**_facts(order), "quote_gross": order.quote_gross},
            actor_label="" if by else draft.orderer_name[:60],
        )
        notices.order_placed(order, differs=differs, now=now)
        signals.order_placed.send(sender=WorkOrder, order=order, by=by, now=now)
    return order


def _by_form_key(form_key: UUID) -> WorkOrder | None:
    return (
        WorkOrder.objects.select_related("customer", "site", "task_type")
        .filter(form_key=form_key)
        .first()
    )


def _located(draft: OrderDraft) -> Located:
    try:
        found = locate(draft.street, draft.postal_code, draft.city)
    except AddressNotFound as error:
        raise RuleBroken(_hard("order_postcode", draft.postal_code)) from error
    return Located(*draft.pin, found.city, Site.Located.PIN) if draft.pin else found


def priced(
    task_type: TaskType,
    customer: Customer | None,
    works_on: date,
    starts: time,
    duration_min: int,
    people: int,
    *,
    construction_site: bool = False,
) -> Price:
    """The quote, with a missing price as a violation.

    Raises:
        RuleBroken: order_no_price.
    """
    try:
        return selectors.quote(
            task_type,
            customer,
            works_on,
            starts,
            duration_min,
            people,
            construction_site=construction_site,
        )
    except PricingGap as gap:
        raise RuleBroken(_hard("order_no_price", works_on.isoformat())) from gap


def quote_fields(price: Price) -> dict[str, Any]:
    """The price promised, as the columns of WorkOrder keep it."""
    return {
        "quote_net": price.net,
        "quote_vat_pct": price.vat_pct,
        "quote_vat": price.vat,
        "quote_gross": price.gross,
        "quote_lines": [
            {
                "code": line.code,
                "minutes": line.minutes,
                "unit_net": str(line.unit_net),
                "percent": None if line.percent is None else str(line.percent),
                "net": str(line.net),
                "text_args": dict(line.text_args),
                **({"discount": str(line.discount)} if line.discount else {}),
            }
            for line in price.lines
        ],
        "tariff_ref": price.tariff_ref,
        "discount_pct": price.discount_pct,
    }


def _differs(draft: OrderDraft, customer: Customer) -> str:
    """What somebody without an account wrote otherwise than the card of their company says.

    The card stays: anybody may write any business ID. The office hears of it, because the card may
    itself come from somebody who only said that they were of the company.
    """
    typed = (draft.company_name, draft.invoice_email, draft.billing_street)
    kept = (customer.name, customer.invoice_email, customer.street)
    return ", ".join(
        new
        for new, old in zip(typed, kept, strict=True)
        if new and new.casefold() != old.casefold()
    )


def _customer(draft: OrderDraft, *, by: User | None, now: datetime) -> tuple[Customer, bool]:
    """The card of a business ID, and whether it was made from this order."""
    number = business_id(draft.business_id)
    known = Customer.objects.filter(business_id=number).first()
    if known is not None:
        return known, False
    customer, made = Customer.objects.get_or_create(
        business_id=number,
        defaults={
            "customer_no": _customer_no(),
            "name": draft.company_name,
            "street": draft.billing_street or draft.street,
            "postal_code": draft.billing_postal_code or draft.postal_code,
            "city": draft.billing_city or draft.city,
            "invoice_email": draft.invoice_email or draft.orderer_email,
            "language": draft.language,
            "channel": draft.channel,
        },
    )
    if made:
        Contact.objects.create(
            customer=customer,
            name=draft.orderer_name,
            email=draft.orderer_email,
            phone=draft.orderer_phone,
        )
        record(
            "customer.created",
            kind="customer",
            ref=customer.ref,
            by=by,
            now=now,
            after={"name": customer.name, "business_id": customer.business_id},
            actor_label="" if by else draft.orderer_name[:60],
        )
    return customer, made


def _customer_no() -> str:
    while True:
        number = str(next_number("customer", start=FIRST_CUSTOMER_NO))
        # Numbers may also come in with an import, ahead of the counter.
        if not Customer.objects.filter(customer_no=number).exists():
            return number


def _site(draft: OrderDraft, customer: Customer, located: Located | None) -> Site:
    known = Site.objects.filter(
        customer=customer, street__iexact=draft.street, postal_code=draft.postal_code
    ).first()
    if known is not None:
        return known
    if located is None:
        raise ValueError("a new site needs a point")
    return Site.objects.get_or_create(
        customer=customer,
        street=draft.street,
        postal_code=draft.postal_code,
        defaults={
            "city": draft.city or located.city,
            "lat": located.lat,
            "lon": located.lon,
            "located": located.precision,
        },
    )[0]


def _create(
    draft: OrderDraft,
    customer: Customer,
    site: Site,
    price: Price,
    *,
    by: User | None,
    now: datetime,
) -> WorkOrder:
    starts_at, ends_at = window(draft.works_on, draft.starts, draft.duration_min)
    return WorkOrder.objects.create(
        number=_order_no(),
        form_key=draft.form_key,
        customer=customer,
        site=site,
        task_type=draft.task_type,
        works_on=draft.works_on,
        starts=draft.starts,
        duration_min=draft.duration_min,
        people=draft.people,
        starts_at=starts_at,
        ends_at=ends_at,
        orderer_name=draft.orderer_name,
        orderer_email=draft.orderer_email,
        orderer_phone=draft.orderer_phone,
        site_contact_name=draft.site_contact_name,
        site_contact_phone=draft.site_contact_phone,
        description=draft.description,
        wear=draft.wear,
        hazards=draft.hazards,
        construction_site=draft.construction_site,
        coach_on_site=draft.coach_on_site,
        customer_reference=draft.customer_reference,
        language=draft.language,
        placed_at=now,
        created_at=now,
        created_by=by,
        **quote_fields(price),
    )


def _order_no() -> int:
    while True:
        number = next_number("order", start=FIRST_ORDER_NO)
        if not WorkOrder.objects.filter(number=number).exists():
            return number


# --------------------------------------------------------------------------- changing


def order_apply(
    order: WorkOrder,
    action: OrderAction,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    actor_label: str = "",
) -> WorkOrder:
    """Take one step of the lifecycle; the row must still be in the state that `order` shows.

    Raises:
        RuleBroken: order_not_possible, the move does not exist.
        StaleStatus: order_changed, somebody was first.
    """
    return _apply(order, action, {}, by=by, now=now, reason=reason, actor_label=actor_label)


def _apply(
    order: WorkOrder,
    action: OrderAction,
    fields: dict[str, Any],
    *,
    by: User | None,
    now: datetime,
    reason: str,
    actor_label: str = "",
) -> WorkOrder:
    old = order.status
    new = target(old, action)
    if new is None:
        raise RuleBroken(_hard("order_not_possible", str(order.number), {"status": str(old)}))
    with transaction.atomic():
        _compare_and_set(order, {"status": new.value, **fields})
        record(
            f"order.{action}",
            kind="order",
            ref=order.ref,
            order_ref=order.ref,
            by=by,
            now=now,
            before={"status": str(old)},
            after={"status": str(new)},
            reason=reason,
            actor_label=actor_label,
        )
        signals.order_changed.send(sender=WorkOrder, order=order, action=action, by=by, now=now)
    return order


def _compare_and_set(order: WorkOrder, fields: dict[str, Any]) -> None:
    """Write where status and time are still those of `order`, else StaleStatus."""
    changed = WorkOrder.objects.filter(
        pk=order.pk, status=order.status, starts_at=order.starts_at
    ).update(**fields)
    if changed != 1:
        raise StaleStatus(_hard("order_changed", str(order.number)))
    for name, value in fields.items():
        setattr(order, name, value)


def order_cancel(
    order: WorkOrder, *, by: User | None, now: datetime, reason: str = "", actor_label: str = ""
) -> WorkOrder:
    """Cancel before the work begins; receivers free the workers and tell them.

    Raises:
        RuleBroken: order_not_possible when it has begun or ended, or from receivers order_begun.
        StaleStatus: order_changed.
    """
    with transaction.atomic():
        _apply(
            order,
            OrderAction.CANCEL,
            {"cancelled_at": now},
            by=by,
            now=now,
            reason=reason,
            actor_label=actor_label,
        )
        signals.order_cancelled.send(sender=WorkOrder, order=order, by=by, now=now)
        notices.order_cancelled(order, now=now)
    return order


def move_violations(
    order: WorkOrder, works_on: date, starts: time, *, by: User | None, now: datetime
) -> list[Violation]:
    """What is wrong with a new start; the present one would send workers away for nothing."""
    if (order.works_on, order.starts) == (works_on, starts):
        return [_hard("order_same_time", works_on.isoformat())]
    return time_violations(works_on, starts, by=by, now=now)


def renew_link(order: WorkOrder, *, by: User, now: datetime) -> WorkOrder:
    """End every link that was sent for the order, and send the orderer a new one."""
    with transaction.atomic():
        WorkOrder.objects.filter(pk=order.pk).update(link_no=F("link_no") + 1)
        order.refresh_from_db(fields=["link_no"])
        record(
            "order.link_renewed", kind="order", ref=order.ref, order_ref=order.ref, by=by, now=now
        )
        notices.link_renewed(order, now=now)
    return order


MOVABLE = frozenset({OrderStatus.PLACED, OrderStatus.FILLED, OrderStatus.UNFILLED})


def order_move(
    order: WorkOrder,
    works_on: date,
    starts: time,
    *,
    by: User | None,
    now: datetime,
    actor_label: str = "",
) -> WorkOrder:
    """Move to another start with the same length; the price is promised anew.

    Raises:
        RuleBroken: order_not_possible, order_same_time, a time_violations code, order_no_price,
            or from receivers order_begun.
        StaleStatus: order_changed.
    """
    if order.status not in MOVABLE:
        raise RuleBroken(_hard("order_not_possible", str(order.number), {"status": order.status}))
    violations = move_violations(order, works_on, starts, by=by, now=now)
    if violations:
        raise RuleBroken(violations)
    starts_at, ends_at = window(works_on, starts, order.duration_min)
    price = repriced(order, works_on, starts)
    before = {**_facts(order), "quote_gross": order.quote_gross}
    earlier = (order.starts_at, order.ends_at)
    with transaction.atomic():
        fields = {
            "works_on": works_on,
            "starts": starts,
            "starts_at": starts_at,
            "ends_at": ends_at,
            **quote_fields(price),
        }
        _compare_and_set(order, fields)
        record(
            "order.moved",
            kind="order",
            ref=order.ref,
            order_ref=order.ref,
            by=by,
            now=now,
            before=before,
            after={**_facts(order), "quote_gross": order.quote_gross},
            actor_label=actor_label,
        )
        if order.status == OrderStatus.UNFILLED:
            # Another time is another chance to find somebody.
            order_apply(order, OrderAction.REOPEN, by=by, now=now, actor_label=actor_label)
        signals.order_moved.send(sender=WorkOrder, order=order, by=by, now=now, before=earlier)
        notices.order_moved(order, now=now)
    return order


def repriced(order: WorkOrder, works_on: date, starts: time) -> Price:
    """What `order` would cost at another start, by the kind of tariff it was promised by."""
    promised = Tariff.objects.filter(pk=order.tariff_ref or 0).first()
    own_price = promised is not None and promised.customer_id == order.customer_id
    own_price = own_price or order.discount_pct > 0
    return priced(
        order.task_type,
        order.customer if own_price else None,
        works_on,
        starts,
        order.duration_min,
        order.people,
        construction_site=order.construction_site,
    )


def _facts(order: WorkOrder) -> dict[str, Any]:
    return {
        "works_on": order.works_on,
        "starts": order.starts,
        "duration_min": order.duration_min,
        "people": order.people,
    }


# --------------------------------------------------------------------------- customers and sites


CUSTOMER_FIELDS = (
    "customer_no",
    "name",
    "country",
    "business_id",
    "vat_id",
    "kind",
    "street",
    "postal_code",
    "city",
    "invoice_email",
    "invoice_channel",
    "e_invoice_address",
    "e_invoice_operator",
    "invoice_reference",
    "payment_term_days",
    "language",
    "construction_seller",
    "channel",
    "active",
)


def customer_save(customer: Customer, *, by: User, now: datetime) -> Customer:
    """Write a new or changed customer from the office's form, with what it was before.

    Raises:
        RuleBroken: customer_public_term, or a code of vat_treatment.buyer_problems.
    """
    broken = term_violations(customer.kind, customer.payment_term_days, local_date(now))
    broken += buyer_violations(customer)
    if broken:
        raise RuleBroken(broken)
    old = Customer.objects.filter(pk=customer.pk).first()
    names = [*CUSTOMER_FIELDS]
    with transaction.atomic():
        if old is None:
            customer.customer_no = customer.customer_no or _customer_no()
            customer.save()
        else:
            changed = [n for n in names if getattr(old, n) != getattr(customer, n)]
            if not changed:
                return customer
            customer.save(update_fields=changed)
            names = changed
        record(
            "customer.changed" if old else "customer.created",
            kind="customer",
            ref=customer.ref,
            by=by,
            now=now,
            before={n: getattr(old, n) for n in names} if old else None,
            after={n: getattr(customer, n) for n in names},
        )
    return customer


def discount_set(
    customer: Customer, percent: Decimal, valid_from: date, *, by: User, now: datetime
) -> CustomerDiscount:
    """Write what was agreed from a day on; the same day again changes it, 0 ends the discount.

    Orders that are placed already keep the price that was promised.
    """
    with transaction.atomic():
        old = CustomerDiscount.objects.filter(customer=customer, valid_from=valid_from).first()
        row, _ = CustomerDiscount.objects.update_or_create(
            customer=customer, valid_from=valid_from, defaults={"percent": percent}
        )
        record(
            "customer.discount",
            kind="customer",
            ref=customer.ref,
            by=by,
            now=now,
            before={"percent": old.percent} if old else None,
            after={"percent": percent, "valid_from": valid_from},
        )
    return row


def site_pin(site: Site, lat: float, lon: float, name: str, *, by: User, now: datetime) -> Site:
    """Put the site where it really is; travel times follow from then on."""
    before = {"lat": site.lat, "lon": site.lon, "located": site.located, "name": site.name}
    moved = (round(lat, 6), round(lon, 6)) != (round(site.lat, 6), round(site.lon, 6))
    site.lat, site.lon, site.name = lat, lon, name
    if moved:
        site.located = Site.Located.PIN
    after = {"lat": lat, "lon": lon, "located": site.located, "name": name}
    with transaction.atomic():
        site.save(update_fields=["lat", "lon", "located", "name"])
        record("site.pinned", kind="site", ref=site.ref, by=by, now=now, before=before, after=after)
    return site
