"""Named reads of invoicing: what is ready, what is where, and the sums of the tabs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from billing.invoices import prices
from billing.invoices.prices import Done, Tariffs, charged_done, missing_for_invoice, price_done
from billing.models import HourEntry, Invoice
from billing.models.lifecycle import BillState, HourStatus, InvoiceStatus
from core.months import next_month
from core.violations import RuleBroken, Violation
from orders.models import Customer

UNPAID = (InvoiceStatus.ISSUED, InvoiceStatus.SENT)


@dataclass(kw_only=True)
class Approved:
    """Approved hours of a customer that are not on an invoice yet; `net` is before VAT."""

    orders: set[int] = field(default_factory=set)
    charged_min: int = 0
    net: Decimal = Decimal("0.00")
    problems: list[Violation] = field(default_factory=list)


@dataclass(kw_only=True)
class Ready(Approved):
    """The same with the customer, and how many entries of theirs are not approved yet."""

    customer: Customer
    waiting: int = 0

    @property
    def lacks(self) -> list[str]:
        """Codes of what the customer's card lacks."""
        return missing_for_invoice(self.customer)


@dataclass(frozen=True)
class Tab:
    """One tab of invoicing: its name, how many and how much (euros, before VAT when not issued)."""

    name: str
    count: int
    total: Decimal


def unbilled(until: date | None = None) -> QuerySet[HourEntry]:
    """Approved hours that are on no invoice and no draft."""
    rows = HourEntry.objects.filter(status=HourStatus.APPROVED, bill_state=BillState.UNBILLED)
    if until:
        rows = rows.filter(works_on__lte=until)
    return rows.select_related(
        "assignment__worker",
        "assignment__order__customer",
        "assignment__order__site",
        "assignment__order__task_type",
    ).order_by("works_on", "started_at", "id")


def approved(until: date) -> dict[int, Approved]:
    """By customer id; each price is computed as the draft will do it."""
    found: defaultdict[int, Approved] = defaultdict(Approved)
    tariffs = Tariffs()
    # Tuples: the rows of six tables as objects would cost more than the reckoning.
    rows = unbilled(until).order_by("works_on", "id").values_list(*prices.FIELDS)
    for done in map(Done._make, rows):
        row = found[done.customer_id]
        row.orders.add(done.order_id)
        minutes = charged_done(done, tariffs)
        row.charged_min += minutes
        try:
            row.net += price_done(done, tariffs, minutes).net
        except RuleBroken as error:
            row.problems += [v for v in error.violations if v not in row.problems]
    return found


def ready(until: date) -> list[Ready]:
    """Customers to invoice up to a day, by name."""
    hours = approved(until)
    customers = Customer.objects.in_bulk(list(hours))
    found = {pk: Ready(customer=customers[pk], **vars(row)) for pk, row in hours.items()}
    waits = (
        HourEntry.objects.filter(
            status__in=(HourStatus.SUBMITTED, HourStatus.DISPUTED, HourStatus.OPEN),
            works_on__lte=until,
            assignment__order__customer__in=found,
        )
        .values("assignment__order__customer")
        .annotate(n=Count("pk"))
        .values_list("assignment__order__customer", "n")
    )
    for customer_id, n in waits:
        found[customer_id].waiting = n
    return sorted(found.values(), key=lambda row: (row.customer.name, row.customer.pk))


def invoices_in(rows: QuerySet[Invoice], tab: str, today: date) -> QuerySet[Invoice]:
    """Invoices (from access) of a tab: drafts, sent, overdue or paid.

    Credit notes and credited invoices stand among the sent ones, where they were issued.
    """
    order = {"drafts": ("customer__name", "id"), "overdue": ("due_on", "id")}
    newest = ("-paid_on", "-id") if tab == "paid" else ("-issued_on", "-id")
    return rows.filter(_in_tab(tab, today)).order_by(*order.get(tab, newest))


def _in_tab(tab: str, today: date) -> Q:
    match tab:
        case "drafts":
            return Q(status=InvoiceStatus.DRAFT)
        case "overdue":
            return Q(status__in=UNPAID, due_on__lt=today, kind=Invoice.Kind.INVOICE)
        case "paid":
            return Q(status=InvoiceStatus.PAID)
    return Q(status__in=(*UNPAID, InvoiceStatus.CREDITED))


def matching(rows: QuerySet[Invoice], search: str) -> QuerySet[Invoice]:
    """Invoices whose number, reference or customer is asked for; all when nothing is asked."""
    words = search.strip()
    if not words:
        return rows
    found = Q(customer__name__icontains=words) | Q(customer__customer_no=words)
    digits = "".join(words.split())
    if digits.isascii() and digits.isdecimal():
        found |= Q(reference=digits)
        if len(digits) < 10:
            found |= Q(number=int(digits))
    return rows.filter(found)


def tabs(rows: QuerySet[Invoice], waiting: Collection[Approved], today: date) -> list[Tab]:
    """Counts and sums of every tab, in their order; `waiting` is what is ready."""
    # Of what is sent, what is still open: parts may have been paid or credited.
    names = {"drafts": "gross", "sent": "open_sum", "overdue": "open_sum", "paid": "gross"}
    # The sum of what is owed, so credited invoices and their notes are left out of it.
    owed = ~Q(status=InvoiceStatus.CREDITED) & Q(kind=Invoice.Kind.INVOICE)
    sums = rows.aggregate(
        **{f"{name}_n": Count("pk", filter=_in_tab(name, today)) for name in names},
        **{
            f"{name}_total": Sum(field, filter=_in_tab(name, today) & owed)
            for name, field in names.items()
        },
    )
    return [
        Tab("ready", len(waiting), sum((r.net for r in waiting), Decimal("0.00"))),
        *(Tab(n, sums[f"{n}_n"], sums[f"{n}_total"] or Decimal("0.00")) for n in names),
    ]


def invoices_of(first: date) -> QuerySet[Invoice]:
    """Invoices and credit notes dated in the month; the notes' negative sums level them out."""
    return (
        Invoice.objects.filter(issued_on__gte=first, issued_on__lt=next_month(first))
        .select_related("customer")
        .order_by("series", "number")
    )
