"""Invoicing: ready, drafts, the month run, one invoice; and the customer's own invoices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max, Prefetch, QuerySet, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MONEY, roles, signed_in
from accounts.models import Role, User
from billing import access
from billing.invoices import delivery, drafting, runs, selectors, services, settlement
from billing.invoices.document import copy_of, pdf_name, pdf_of
from billing.invoices.forms import CreditForm, PaidForm, UntilForm
from billing.invoices.prices import missing_for_invoice
from billing.invoices.status import possible
from billing.invoices.tables import GIVEN, DraftTable, InvoiceTable, listed
from billing.models import Invoice
from billing.models.invoices import InvoiceRun, InvoiceRunRow
from billing.models.lifecycle import InvoiceAction, InvoiceStatus
from billing.models.payments import Reminder
from billing.papers.einvoice.formats import Format
from billing.rules.reference import format_reference
from core import clock, paging
from core.models import OutboxMessage
from core.months import previous_month
from core.tables import PAGE_SIZE, OfficeTable, asks_for_file, file_of, respond
from core.texts import problem_texts, violation_text
from core.violations import RuleBroken, Severity, Violation
from core.zone import local_date
from orders.access import customer_of
from orders.models import Customer
from orders.rules.customer_card import Channel

# A longer number is no key of a row.
MOST_DIGITS = 19


def _today() -> date:
    return local_date(clock.now())


def _until(request: HttpRequest) -> date:
    """Up to which day work is invoiced: the one asked for, else today."""
    data = request.POST if request.method == "POST" else request.GET
    form = UntilForm(data)
    return (form.cleaned_data["until"] if form.is_valid() else None) or _today()


def _tabs(user: User, waiting: Collection[selectors.Approved], here: str) -> dict[str, Any]:
    rows = access.invoices_for(user)
    return {"tabs": selectors.tabs(rows, waiting, _today()), "here": here}


# --------------------------------------------------------------------------- ready and drafts


@roles(*MONEY)
@require_GET
def invoice_ready(request: HttpRequest) -> HttpResponse:
    """Customers with approved hours that wait for an invoice."""
    until = _until(request)
    rows = selectors.ready(until)
    page = Paginator(rows, paging.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, _texts(row.problems), _texts(_lacking(row.customer))) for row in page],
        "can_all": sum(not row.problems for row in rows) if page.has_other_pages() else 0,
        "form": UntilForm(initial={"until": until}),
        "until": until,
        "drafting": _drafting(request),
        **_tabs(signed_in(request), rows, "ready"),
    }
    return render(request, "billing/invoices/invoice_ready.html", context)


def _texts(violations: list[Violation]) -> list[str]:
    return [violation_text(v) for v in violations]


def _lacking(customer: Customer) -> list[Violation]:
    """What the customer's card lacks, each as a violation that has words."""
    return [Violation(code, Severity.HARD, customer.name) for code in missing_for_invoice(customer)]


@roles(*MONEY)
@require_POST
def invoice_drafts_make(request: HttpRequest) -> HttpResponse:
    """Make the drafts of the chosen customers; many are made by the queue."""
    user, until, moment = signed_in(request), _until(request), clock.now()
    chosen = _chosen_customers(request, until)
    made = drafting.make(chosen, until=until, by=user, now=moment, budget_s=drafting.AT_ONCE_S)
    for customer, violations in made.refused:
        for violation in violations:
            messages.error(request, f"{customer.name}: {violation_text(violation)}")
    if made.drafts:
        text = ngettext("%(n)d draft made.", "%(n)d drafts made.", made.drafts)
        messages.success(request, text % {"n": made.drafts})
    if made.left:
        drafting.ring(made.left, until=until, by=user)
        request.session[drafting.SESSION] = drafting.note_of(chosen, until=until, now=moment)
        text = ngettext(
            "The draft of %(n)d customer is being made. Load this page again in a moment.",
            "The drafts of %(n)d customers are being made. Load this page again in a moment.",
            len(made.left),
        )
        messages.info(request, text % {"n": len(made.left)})
    if not chosen:
        messages.info(request, _("Choose at least one customer."))
    return redirect("billing:invoice-drafts" if made.drafts else "billing:invoice-ready")


def _drafting(request: HttpRequest) -> drafting.Progress | None:
    """How far the queue is with the drafts that this person asked for; None when it is done."""
    return drafting.progress(request.session.get(drafting.SESSION), now=clock.now())


def _chosen_customers(request: HttpRequest, until: date) -> list[int]:
    """The ticked customers; with the button "all" also those of the pages that were not shown.

    Who was shown without a tick is left out.
    """
    ticked, shown = (
        {int(pk) for pk in request.POST.getlist(name) if pk.isdecimal() and len(pk) < MOST_DIGITS}
        for name in ("customer", "shown")
    )
    if "all" not in request.POST:
        return sorted(Customer.objects.filter(pk__in=ticked).values_list("pk", flat=True))
    rows = selectors.approved(until).items()
    return sorted(pk for pk, row in rows if not row.problems and pk not in shown - ticked)


@roles(*MONEY)
@require_GET
def invoice_drafts(request: HttpRequest) -> HttpResponse:
    """Drafts to look at before they go; also the other lists, by tab."""
    tab = request.GET.get("tab", "drafts")
    if tab not in {"drafts", "sent", "overdue", "paid"}:
        raise Http404
    user = signed_in(request)
    search = request.GET.get("q", "").strip()[:100]
    rows = access.invoices_for(user)
    if search:
        # Who looks for a number does not know its tab: every invoice is looked through.
        tab, rows = "", selectors.matching(rows, search).order_by("-issued_on", "-id")
    else:
        rows = selectors.invoices_in(rows, tab, _today())
    if tab == "drafts":
        rows = rows.annotate(newest=Window(Max("pk")))
    table = _table(request, listed(rows), tab)
    if asks_for_file(request):
        return file_of(request, table)
    page = table.page
    waiting = selectors.approved(_today()).values()
    context = {
        "search": search,
        # "Issue all" means those that were there when the page was looked at.
        "all_until": getattr(page[0], "newest", None) if page.has_other_pages() else None,
        "drafting": _drafting(request) if tab == "drafts" else None,
        **_tabs(user, waiting, tab),
    }
    return respond(request, table, "billing/invoices/invoice_list.html", context)


def _table(request: HttpRequest, rows: QuerySet[Invoice], tab: str) -> OfficeTable:
    if tab == "drafts":
        return DraftTable(rows, request, caption=_("Drafts"), given=GIVEN[tab], per_page=PAGE_SIZE)
    return InvoiceTable(
        rows,
        request,
        caption=_("Invoices"),
        given=GIVEN.get(tab, "-issued"),
        per_page=PAGE_SIZE,
        exclude=() if tab == "overdue" else ("act",),
    )


@roles(*MONEY)
@require_POST
def invoice_run(request: HttpRequest) -> HttpResponse:
    """Issue and send the chosen drafts, each by itself, and show how each one went."""
    user, moment = signed_in(request), clock.now()
    drafts = _chosen_drafts(request, access.invoices_for(user))
    run = runs.start(drafts.order_by("customer__name", "id"), by=user, now=moment)
    if run is None:
        messages.info(request, _("Choose at least one draft."))
        return redirect("billing:invoice-drafts")
    if run.rows.count() <= runs.AT_ONCE:
        runs.work(run, now=moment)
    else:
        runs.ring(run)
    return redirect("billing:invoice-result")


def _chosen_drafts(request: HttpRequest, rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """The ticked drafts; with the button "all" also those of the pages that were not shown.

    A draft made after the page was looked at is left out, and so is one whose tick was taken off.
    """
    drafts = rows.filter(status=InvoiceStatus.DRAFT)
    ticked, shown = (
        [ref for ref in map(_uuid, request.POST.getlist(name)) if ref]
        for name in ("invoice", "shown")
    )
    newest = request.POST.get("all_until", "")
    if newest.isdecimal() and len(newest) < MOST_DIGITS:
        return drafts.filter(pk__lte=int(newest)).exclude(ref__in=set(shown) - set(ticked))
    return drafts.filter(ref__in=ticked)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@roles(*MONEY)
@require_GET
def invoice_result(request: HttpRequest) -> HttpResponse:
    """How the last run went or how far it is, failures first."""
    run = InvoiceRun.objects.filter(created_by=signed_in(request)).first()
    rows = run.rows.select_related("invoice__customer") if run else InvoiceRunRow.objects.none()
    order = {"failed": 0, "issued": 1, "sent": 2, "waiting": 3}
    results = sorted((_result(row) for row in rows), key=lambda r: (order[r["state"]], r["name"]))
    count = Counter(row["state"] for row in results)
    context = {
        "results": results,
        "sent": count["sent"],
        "rest": count["failed"] + count["issued"],
        "waiting": count["waiting"],
        "done": len(results) - count["waiting"],
    }
    return render(request, "billing/invoices/invoice_result.html", context)


def _result(row: InvoiceRunRow) -> dict[str, Any]:
    found = row.invoice
    return {
        "state": row.state,
        "name": row.name,
        "texts": _texts(runs.problems_of(row)),
        "ref": str(found.ref) if found else "",
        "number": found.number if found else None,
        "gross": found.gross if found else None,
        "customer": str(found.customer.ref) if found else "",
    }


# --------------------------------------------------------------------------- one invoice


@roles(*MONEY)
@require_GET
def invoice_detail(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One invoice: its lines, its state and what can be done next."""
    return _detail(request, access.get_invoice(signed_in(request), ref))


def _detail(
    request: HttpRequest, invoice: Invoice, status: int = 200, **extra: Any
) -> HttpResponse:
    can = {action.value: possible(invoice, action) for action in InvoiceAction}
    context = {
        "invoice": invoice,
        "lines": invoice.lines.select_related("order"),
        "can": can,
        "overdue": invoice.due_on is not None
        and invoice.due_on < _today()
        and invoice.status in selectors.UNPAID,
        "reference": format_reference(invoice.reference),
        "mail": _mail_of(invoice),
        "einvoice": delivery.last_sent(invoice),
        "send_again": delivery.may_send_again(invoice),
        "notes": invoice.credit_notes.all(),
        "credit_form": CreditForm(prefix="credit"),
        "paid_form": PaidForm(initial={"paid_on": _today()}),
        **extra,
    }
    return render(request, "billing/invoices/invoice_detail.html", context, status=status)


def _mail_of(invoice: Invoice) -> OutboxMessage | None:
    return (
        OutboxMessage.objects.filter(
            attachment_kind__in=("invoice", delivery.KIND), attachment_ref=str(invoice.ref)
        )
        .order_by("-id")
        .first()
    )


@roles(*MONEY)
@require_POST
def invoice_issue(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Give the number; with the button "issue and send" send as well."""
    user, moment = signed_in(request), clock.now()
    invoice = access.get_invoice(user, ref)
    try:
        invoice = services.issue_invoice(invoice, by=user, now=moment)
        if "send" in request.POST:
            services.send_invoice(invoice, by=user, now=moment)
    except RuleBroken as error:
        invoice = access.get_invoice(user, ref)
        return _detail(request, invoice, 409, violations=problem_texts(error))
    messages.success(request, _("Invoice %(number)s is issued.") % {"number": invoice.number})
    return redirect("billing:invoice-detail", invoice.ref)


@roles(*MONEY)
@require_POST
def invoice_send(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Send by e-mail or as an e-invoice, once."""
    user = signed_in(request)
    invoice = access.get_invoice(user, ref)
    try:
        services.send_invoice(invoice, by=user, now=clock.now())
    except RuleBroken as error:
        return _detail(request, invoice, 409, violations=problem_texts(error))
    messages.success(request, _("Sent to %(address)s.") % {"address": _receiver(invoice)})
    return redirect("billing:invoice-detail", invoice.ref)


def _receiver(invoice: Invoice) -> str:
    customer = invoice.customer
    if customer.invoice_channel == Channel.EMAIL:
        return customer.invoice_email
    return customer.e_invoice_address


@roles(*MONEY)
@require_GET
def invoice_xml(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The e-invoice as a file in the customer's format, to look at or to upload by hand."""
    invoice = access.get_invoice(signed_in(request), ref)
    to = delivery.format_of(invoice.customer) or Format.FINVOICE
    try:
        content = delivery.einvoice_bytes(invoice, to)
    except RuleBroken as error:
        return _detail(request, invoice, 409, violations=problem_texts(error))
    name = delivery.file_name(invoice, to)
    return HttpResponse(
        content,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@roles(*MONEY)
@require_POST
def invoice_paid(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The money has come."""
    user = signed_in(request)
    invoice = access.get_invoice(user, ref)
    form = PaidForm(request.POST)
    if not form.is_valid():
        return _detail(request, invoice, 422, paid_form=form, form=form)
    try:
        settlement.pay_rest(invoice, on=form.cleaned_data["paid_on"], by=user, now=clock.now())
    except RuleBroken as error:
        return _detail(request, invoice, 409, violations=problem_texts(error))
    messages.success(request, _("Marked as paid."))
    return redirect("billing:invoice-detail", invoice.ref)


@roles(*MONEY)
@require_POST
def invoice_credit(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Credit the whole invoice by a credit note of its own."""
    user = signed_in(request)
    invoice = access.get_invoice(user, ref)
    form = CreditForm(request.POST, prefix="credit")
    if not form.is_valid():
        return _detail(request, invoice, 422, credit_form=form, form=form)
    try:
        note = services.credit_invoice(
            invoice,
            by=user,
            now=clock.now(),
            reason=form.cleaned_data["reason"],
            bill_again=form.cleaned_data["bill_again"],
        )
    except RuleBroken as error:
        return _detail(request, invoice, 409, violations=problem_texts(error))
    text = _("Credit note %(number)s is issued. You can send it now.")
    messages.success(request, text % {"number": note.number})
    return redirect("billing:invoice-detail", note.ref)


@roles(*MONEY)
@require_POST
def invoice_discard(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Throw a draft away; its hours are ready for invoicing again."""
    user = signed_in(request)
    invoice = access.get_invoice(user, ref)
    try:
        services.discard_draft(invoice, by=user, now=clock.now())
    except RuleBroken as error:
        return _detail(request, invoice, 409, violations=problem_texts(error))
    messages.success(request, _("The draft is discarded. Its hours are ready again."))
    return redirect("billing:invoice-ready")


@roles(*MONEY, Role.CUSTOMER)
@require_http_methods(["GET"])
def invoice_pdf(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The PDF of an issued invoice, always the same bytes."""
    invoice = access.get_invoice(signed_in(request), ref)
    try:
        content = copy_of(invoice) if "copy" in request.GET else pdf_of(invoice)
    except RuleBroken as error:
        if not invoice.content:
            raise Http404 from error
        return render(request, "billing/problem.html", {"texts": problem_texts(error)}, status=409)
    name = pdf_name(invoice)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


# --------------------------------------------------------------------------- the customer's own


@roles(Role.CUSTOMER)
@require_GET
def customer_invoices(request: HttpRequest) -> HttpResponse:
    """The customer's own invoices, the newest first."""
    reminders = Prefetch("reminders", Reminder.objects.defer("content"))
    rows = access.invoices_for(signed_in(request)).prefetch_related(reminders)
    page = Paginator(rows.order_by("-issued_on", "-id"), paging.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    customer = customer_of(signed_in(request))
    today = _today()
    before = previous_month(today.replace(day=1))
    context = {"page": page, "today": today, "before": before, "customer": customer}
    return render(request, "billing/invoices/customer_invoices.html", context)
