"""Invoices of the demo through the billing services, so that every state is seen."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from accounts.models import Role
from billing.demo.region import Region
from billing.dunning import services as dunning
from billing.invoices import delivery, services, settlement
from billing.invoices.document import pdf_name
from billing.models import Invoice
from billing.models.lifecycle import InvoiceStatus
from billing.rules.late_interest import half_year, next_half
from core import outbox
from core.models import OutboxMessage
from core.outbox_lifecycle import OutboxState
from core.zone import HELSINKI
from orders.models import Customer

# What the papers of the oldest run, and those of the newest, became: a page shows each of these.
OLDEST_PAPERS = ("reminded", "credited", "paid")
NEWEST_PAPERS = ("sent", "issued", "draft")


def month_runs(now: datetime) -> list[tuple[date, datetime]]:
    """The last day of each month that was invoiced before `now`, and when that was, oldest first.

    A month is invoiced on the second day of the next one, so there are always two or three.
    """
    first = now.astimezone(HELSINKI).date().replace(day=1)
    found = []
    for _ in range(3):
        until = first - timedelta(days=1)
        run_at = datetime.combine(until + timedelta(days=2), time(9), HELSINKI)
        if run_at <= now:
            found.append((until, run_at))
        first = until.replace(day=1)
    return found[::-1]


def fates_of_papers(runs: list[datetime]) -> list[str]:
    """What becomes of each draft, in order of time; `runs` says when each was made.

    The first and the last ones show every state, whatever the day; those between are as usual.
    """
    fates, n = [], 0
    for place, run in enumerate(runs):
        n = n + 1 if place and runs[place - 1] == run else 0
        if run == runs[-1]:
            fates.append({1: "draft", 2: "issued"}.get(n % 6, "sent"))
        else:
            fates.append("credited" if n == 3 else "sent" if n % 7 == 3 else "paid")
    shown = [*OLDEST_PAPERS, *NEWEST_PAPERS]
    if len(fates) >= len(shown):
        fates[: len(OLDEST_PAPERS)] = OLDEST_PAPERS
        fates[-len(NEWEST_PAPERS) :] = NEWEST_PAPERS
    return fates


def make_papers(region: Region) -> None:
    """Month runs of the past through the billing services, leaving every state to be seen."""
    finance = region.users[Role.FINANCE]
    customers = list(Customer.objects.values_list("pk", flat=True))
    papers = [
        (draft, run_at)
        for until, run_at in month_runs(region.now)
        for draft in services.make_drafts(customers, until=until, by=finance, now=run_at)
    ]
    fates = fates_of_papers([run_at for _, run_at in papers])
    for (draft, run_at), fate in zip(papers, fates, strict=True):
        _live(region, draft, fate, run_at)


def _live(region: Region, draft: Invoice, fate: str, run_at: datetime) -> None:
    """Take a draft as far as its fate says."""
    if fate == "draft":
        return
    finance = region.users[Role.FINANCE]
    invoice = services.issue_invoice(draft, by=finance, now=run_at)
    if fate == "issued":
        return  # not yet sent
    _mark_sent(region, invoice, run_at)
    if fate == "paid":
        paid = run_at.date() + timedelta(days=region.rng.randint(5, 16))
        settlement.pay_rest(invoice, on=min(paid, region.today), by=finance, now=region.now)
    elif fate == "credited":
        services.credit_invoice(invoice, by=finance, now=region.now, reason="Tuplalasku")
    elif fate == "reminded":
        _remind(region, invoice)


def _remind(region: Region, invoice: Invoice) -> None:
    """A first reminder, as if it had gone; rates that nobody has entered yet are entered."""
    finance = region.users[Role.FINANCE]
    known = dunning.rates()
    half = half_year(invoice.due_on or region.today)
    while half <= region.today:
        if half not in known:
            dunning.enter_rate(
                half, known[max(known)], source="Esittely: edellisen puolivuoden korko",
                by=finance, now=region.now,
            )  # fmt: skip
        half = next_half(half)
    reminder = dunning.send_reminder(invoice, by=finance, now=region.now)
    OutboxMessage.objects.filter(attachment_ref=str(reminder.ref)).update(
        state=OutboxState.SENT, sent_at=region.now
    )


def _mark_sent(region: Region, invoice: Invoice, at: datetime) -> None:
    """As if it had gone: demo customers have neither a mailbox nor an operator."""
    invoice.status = InvoiceStatus.SENT
    invoice.sent_at = at
    invoice.save(update_fields=["status", "sent_at"])
    if delivery.format_of(invoice.customer):
        delivery.enqueue(invoice, now=at)
        invoice.einvoices.update(receipt="demo")
    else:
        outbox.enqueue(
            f"invoice:{invoice.series}:{invoice.number}:mail:1", kind="invoice",
            to=invoice.customer.invoice_email, language=invoice.customer.language,
            subject=pdf_name(invoice), body="", now=at, attachment_kind="invoice",
            attachment_ref=str(invoice.ref), resend_if_unknown=False,
        )  # fmt: skip
    OutboxMessage.objects.filter(attachment_ref=str(invoice.ref)).update(
        state=OutboxState.SENT, sent_at=at
    )
