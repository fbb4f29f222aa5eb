"""Placing, moving, cancelling and every other change of a work order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from core.audit import record
from core.counters import lock_series, next_number
from core.timing import window
from core.violations import RuleBroken, Severity, Violation
from orders import signals
from orders.customers.services import next_customer_no
from orders.geocode import AddressNotFound, Located, locate
from orders.models import (
    Contact,
    Customer,
    Site,
    Tariff,
    TaskType,
    WorkOrder,
)
from orders.models.lifecycle import OrderAction, OrderStatus, target
from orders.ordering import messages, selectors
from orders.ordering.order_draft import OrderDraft, order_violations
from orders.prices.selectors import quote
from orders.rules.business_id import check_business_id
from orders.rules.order_notice import time_violations
from orders.rules.pricing import Price, PricingGap

FIRST_ORDER_NO = 2000


class StaleStatus(RuleBroken):
    """Somebody else changed the order first, or the page was old; nothing was written."""


# --------------------------------------------------------------------------- placing


def place_order(draft: OrderDraft, *, by: User | None, now: datetime) -> WorkOrder:
    """Take the order once per `form_key`: a second press of the button gives the same order.

    Raises:
        RuleBroken: a code of order_violations, order_postcode, order_customer_closed (we
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
            raise RuleBroken.of("order_customer_closed", customer.name)
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
            raise RuleBroken.of("order_price_changed", net=str(price.net))
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
        messages.send_order_placed(order, differs=differs, now=now)
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
        raise RuleBroken.of("order_postcode", draft.postal_code) from error
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
        return quote(
            task_type,
            customer,
            works_on,
            starts,
            duration_min,
            people,
            construction_site=construction_site,
        )
    except PricingGap as gap:
        raise RuleBroken.of("order_no_price", works_on.isoformat()) from gap


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
    number = check_business_id(draft.business_id)
    known = Customer.objects.filter(business_id=number).first()
    if known is not None:
        return known, False
    customer, made = Customer.objects.get_or_create(
        business_id=number,
        defaults={
            "customer_no": next_customer_no(),
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


def apply_order_action(
    order: WorkOrder,
    action: OrderAction,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    actor_label: str = "",
    fields: Mapping[str, Any] | None = None,
) -> WorkOrder:
    """Take one step of the lifecycle; the row must still be in the state that `order` shows.

    `fields` are written with the new state.

    Raises:
        RuleBroken: order_not_possible, the step does not exist.
        StaleStatus: order_changed, somebody was first.
    """
    old = order.status
    new = target(old, action)
    if new is None:
        raise RuleBroken.of("order_not_possible", str(order.number), status=str(old))
    with transaction.atomic():
        _compare_and_set(order, {"status": new.value, **(fields or {})})
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
        raise StaleStatus.of("order_changed", str(order.number))
    for name, value in fields.items():
        setattr(order, name, value)


def cancel_order(
    order: WorkOrder, *, by: User | None, now: datetime, reason: str = "", actor_label: str = ""
) -> WorkOrder:
    """Cancel before the work begins; receivers free the workers and tell them.

    Raises:
        RuleBroken: order_not_possible when it has begun or ended, or from receivers order_begun.
        StaleStatus: order_changed.
    """
    with transaction.atomic():
        apply_order_action(
            order,
            OrderAction.CANCEL,
            by=by,
            now=now,
            reason=reason,
            actor_label=actor_label,
            fields={"cancelled_at": now},
        )
        signals.order_cancelled.send(sender=WorkOrder, order=order, by=by, now=now)
        messages.send_order_cancelled(order, now=now)
    return order


def move_violations(
    order: WorkOrder, works_on: date, starts: time, *, by: User | None, now: datetime
) -> list[Violation]:
    """What is wrong with a new start; the present one would send workers away for nothing."""
    if (order.works_on, order.starts) == (works_on, starts):
        return [Violation("order_same_time", Severity.HARD, works_on.isoformat())]
    notice_min = selectors.notice_min_for(by)
    return time_violations(works_on, starts, notice_min=notice_min, now=now)


def renew_link(order: WorkOrder, *, by: User, now: datetime) -> WorkOrder:
    """End every link that was sent for the order, and send the orderer a new one."""
    with transaction.atomic():
        WorkOrder.objects.filter(pk=order.pk).update(link_no=F("link_no") + 1)
        order.refresh_from_db(fields=["link_no"])
        record(
            "order.link_renewed", kind="order", ref=order.ref, order_ref=order.ref, by=by, now=now
        )
        messages.send_new_link(order, now=now)
    return order


MOVABLE = frozenset({OrderStatus.PLACED, OrderStatus.FILLED, OrderStatus.UNFILLED})


def move_order(
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
        raise RuleBroken.of("order_not_possible", str(order.number), status=order.status)
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
            apply_order_action(order, OrderAction.REOPEN, by=by, now=now, actor_label=actor_label)
        signals.order_moved.send(sender=WorkOrder, order=order, by=by, now=now, before=earlier)
        messages.send_order_moved(order, now=now)
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
