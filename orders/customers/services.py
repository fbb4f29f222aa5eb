"""What the office and the customer change on a customer's card and at its sites."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from core.audit import record
from core.counters import next_number
from core.violations import RuleBroken, Severity, Violation
from core.zone import local_date
from orders.customers import selectors
from orders.models import Customer, CustomerDiscount, Site
from orders.rules.payment_term import term_violations
from orders.rules.vat_treatment import buyer_problems

FIRST_CUSTOMER_NO = 1000


def buyer_violations(customer: Customer) -> list[Violation]:
    """What is wrong with a buyer's country and numbers, as codes of vat_treatment."""
    found = buyer_problems(
        customer.country, business_id=customer.business_id, vat_id=customer.vat_id
    )
    return [Violation(code, Severity.HARD, customer.name) for code in found.values()]


def next_customer_no() -> str:
    """The next number of the counter that no customer has."""
    while True:
        number = str(next_number("customer", start=FIRST_CUSTOMER_NO))
        # Numbers may also come in with an import, ahead of the counter.
        if not Customer.objects.filter(customer_no=number).exists():
            return number


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


def save_customer(customer: Customer, *, by: User, now: datetime) -> Customer:
    """Write a new or changed customer from the office's form, with what it was before.

    Raises:
        RuleBroken: customer_public_term, or a code of vat_treatment.buyer_problems.
    """
    broken = term_violations(
        customer.payment_term_days,
        public=customer.kind == Customer.Kind.PUBLIC,
        most=selectors.public_term_max(local_date(now)),
    )
    broken += buyer_violations(customer)
    if broken:
        raise RuleBroken(broken)
    old = Customer.objects.filter(pk=customer.pk).first()
    names = [*CUSTOMER_FIELDS]
    with transaction.atomic():
        if old is None:
            customer.customer_no = customer.customer_no or next_customer_no()
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


def set_discount(
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


def pin_site(site: Site, lat: float, lon: float, name: str, *, by: User, now: datetime) -> Site:
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
