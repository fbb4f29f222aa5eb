"""Named reads of invoicing: what is ready, what is where, and the sums of the tabs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from billing.lifecycle import BillState, HourStatus, InvoiceStatus
from billing.models import HourEntry, Invoice
from billing.prices import Tariffs, charged_min, price_of, what_lacks
from orders.models import Customer
from workers.violations import RuleBroken, Violation

UNPAID = (InvoiceStatus.ISSUED, InvoiceStatus.SENT)


@dataclass
class Ready:
    """A customer with approved hours that are not on an invoice yet; `net` is before VAT."""

    customer: Customer
    orders: set[int] = field(default_factory=set)
    charged_min: int = 0
    net: Decimal = Decimal("0.00")
    waiting: int = 0
    problems: list[Violation] = field(default_factory=list)

    @property
    def lacks(self) -> list[str]:
        """Codes of what the customer's card lacks."""
        return what_lacks(self.customer)


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


def ready(until: date) -> list[Ready]:
    """Customers to invoice up to a day, by name; each price is computed as the draft will do it."""
    found: dict[int, Ready] = {}
    tariffs = Tariffs()
    for entry in unbilled(until):
        order = entry.assignment.order
        row = found.setdefault(order.customer_id, Ready(order.customer))
        row.orders.add(order.pk)
        row.charged_min += charged_min(entry, tariffs)
        try:
            row.net += price_of(entry, tariffs).net
        except RuleBroken as error:
            row.problems += [v for v in error.violations if v not in row.problems]
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
    match tab:
        case "drafts":
            return rows.filter(status=InvoiceStatus.DRAFT).order_by("customer__name", "id")
        case "overdue":
            return rows.filter(_overdue(today)).order_by("due_on", "id")
        case "paid":
            return rows.filter(status=InvoiceStatus.PAID).order_by("-paid_on", "-id")
    return rows.filter(status__in=(*UNPAID, InvoiceStatus.CREDITED)).order_by("-issued_on", "-id")


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


def _overdue(today: date) -> Q:
    return Q(status__in=UNPAID, due_on__lt=today, kind=Invoice.Kind.INVOICE)


def tabs(rows: QuerySet[Invoice], waiting: list[Ready], today: date) -> list[Tab]:
    """Counts and sums of every tab, in their order; `waiting` is what `ready` found."""
    found = [Tab("ready", len(waiting), sum((r.net for r in waiting), Decimal("0.00")))]
    for name in ("drafts", "sent", "overdue", "paid"):
        # The sum of what is owed, so credited invoices and their notes are left out of it.
        sums = invoices_in(rows, name, today).aggregate(
            n=Count("pk"),
            total=Sum("gross", filter=~Q(status=InvoiceStatus.CREDITED) & Q(kind="invoice")),
        )
        found.append(Tab(name, sums["n"], sums["total"] or Decimal("0.00")))
    return found


def invoice_entries(invoice: Invoice) -> QuerySet[HourEntry]:
    """Hour entries on an invoice."""
    return HourEntry.objects.filter(invoice_lines__invoice=invoice).distinct()


def minutes_by_state() -> dict[tuple[str, str], int]:
    """Minutes of entries that count, by (bill_state, status)."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    rows = (
        HourEntry.objects.filter(status__in=(HourStatus.APPROVED, HourStatus.LOCKED))
        .values_list("bill_state", "status")
        .annotate(total=Sum("work_min"))
    )
    for bill_state, status, total in rows:
        found[bill_state, status] += total or 0
    return dict(found)
