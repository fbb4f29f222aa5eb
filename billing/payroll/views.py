"""Pay: the period, exports and their files, decisions about hours, the working-time register."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MONEY, roles, signed_in
from accounts.models import Role
from billing import access
from billing.hours.billable import attendance
from billing.invoices import selectors
from billing.models.payroll import HourMark, PayrollBatch
from billing.papers.register_pdf import render_register
from billing.papers.views import show
from billing.papers.web import register_sheet
from billing.payroll import kinds, register
from billing.payroll import services as payroll
from billing.payroll.forms import MarkForm, PeriodForm
from billing.payroll.texts import KIND_NAMES
from core import clock
from core.months import month_of, next_month, previous_month
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import local_date

REGISTER_READERS = (Role.WORKER, Role.COACH, Role.DISPATCHER, Role.FINANCE, Role.ADMIN)
MIME = {"csv": "text/csv; charset=utf-8", "zip": "application/zip", "pdf": "application/pdf"}
BATCHES_SHOWN = 12
ATTENDANCE_SHOWN = 100


def _today() -> date:
    return local_date(clock.now())


def download(content: bytes, name: str, ending: str) -> HttpResponse:
    """A file to keep."""
    return HttpResponse(
        content,
        content_type=MIME[ending],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _months(first: date) -> dict[str, str]:
    """Addresses of the months around a day, as the page's own parameters."""
    before, after = previous_month(first.replace(day=1)), next_month(first)
    found = {}
    for name, month in (("previous", before), ("next", after)):
        last = next_month(month) - timedelta(days=1)
        found[name] = f"?first={month.isoformat()}&last={last.isoformat()}"
    return found


def _period_form(request: HttpRequest) -> PeriodForm:
    """The period asked for; by default the last whole month."""
    data = request.POST if request.method == "POST" else request.GET
    if "first" in data:
        return PeriodForm(data)
    last = _today().replace(day=1) - timedelta(days=1)
    return PeriodForm({"first": last.replace(day=1), "last": last})


@roles(*MONEY)
@require_GET
def pay(request: HttpRequest) -> HttpResponse:
    """Paid hours of a period by worker and kind, and what the next export would hold."""
    return _pay(request, _period_form(request))


def _pay(request: HttpRequest, form: PeriodForm, status: int = 200, **extra: Any) -> HttpResponse:
    user = signed_in(request)
    waiting = selectors.ready(_today())
    context: dict[str, Any] = {
        "form": form,
        "batches": PayrollBatch.objects.all()[:BATCHES_SHOWN],
        "tabs": selectors.tabs(access.invoices_for(user), waiting, _today()),
        "here": "pay",
        **extra,
    }
    if form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        try:
            found = payroll.period(first, last)
        except RuleBroken as error:
            context["violations"] = problem_texts(error)
            return render(request, "billing/payroll/pay.html", context, status=422)
        unpaid = attendance(payroll.settled()).filter(works_on__range=(first, last))
        context |= {
            "period": found,
            "months": _months(first),
            "sums": [(KIND_NAMES[kind], minutes) for kind, minutes in found.by_kind.items()],
            "rows": [(row, _kinds_of(row)) for row in found.workers],
            "attendance": unpaid.order_by("started_at")[:ATTENDANCE_SHOWN],
        }
    return render(
        request, "billing/payroll/pay.html", context, status=422 if form.errors else status
    )


def _kinds_of(row: payroll.PayOfWorker) -> list[tuple[Any, int]]:
    return [(name, row.by_kind[kind]) for kind, name in KIND_NAMES.items() if row.by_kind[kind]]


@roles(*MONEY)
@require_POST
def pay_export(request: HttpRequest) -> HttpResponse:
    """Freeze what has not been exported of the period as a batch with its files."""
    form = _period_form(request)
    if not form.is_valid():
        return _pay(request, form, 422)
    data = form.cleaned_data
    try:
        batch = payroll.export(data["first"], data["last"], by=signed_in(request), now=clock.now())
    except RuleBroken as error:
        return _pay(request, form, 409, violations=problem_texts(error))
    messages.success(request, _("Export %(n)d is made and kept.") % {"n": batch.number})
    return redirect("billing:pay-batch", batch.ref)


@roles(*MONEY)
@require_GET
def pay_batch(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One export: its rows and files, as they were made."""
    batch = get_object_or_404(PayrollBatch, ref=ref)
    rows = batch.rows.select_related("worker", "assignment__order")
    context = {
        "batch": batch,
        "rows": [(row, KIND_NAMES.get(row.kind, row.kind)) for row in rows],
        "files": batch.files.defer("content"),
    }
    return render(request, "billing/payroll/pay_batch.html", context)


@roles(*MONEY)
@require_GET
def pay_file(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The frozen file of an export in a format (?format=netvisor); the neutral one by default."""
    batch = get_object_or_404(PayrollBatch, ref=ref)
    try:
        found = payroll.file_of(batch, request.GET.get("format", "neutral"))
    except RuleBroken as error:
        return render(request, "billing/problem.html", {"texts": problem_texts(error)}, status=409)
    if found is None:
        raise Http404
    return download(bytes(found.content), found.name, found.name.rpartition(".")[2])


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def hours_decide(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Decide against the rule of the contract about one gig's hours, with a reason."""
    user = signed_in(request)
    entry = access.get_entry(user, ref)
    form = MarkForm(request.POST or None)
    context = {"entry": entry, "form": form, "marks": entry.assignment.hour_marks.all()}
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "billing/hours/hours_decide.html", context, status=status)
    data = form.cleaned_data
    try:
        kinds.mark_hours(
            entry.assignment,
            HourMark.Mark(data["mark"]),
            by=user,
            now=clock.now(),
            reason=data["reason"],
            contract_ref=data["contract_ref"],
        )
    except RuleBroken as error:
        context["violations"] = problem_texts(error)
        return render(request, "billing/hours/hours_decide.html", context, status=409)
    messages.success(request, _("Saved."))
    return redirect("billing:pay")


@roles(*REGISTER_READERS)
@require_GET
def worker_register(request: HttpRequest, ref: UUID, format: str) -> HttpResponse:  # noqa: A002
    """The working-time register of a worker: a month (?month=2026-11) or any period.

    As a file, or with "html" as a page.
    """
    worker = get_object_or_404(register.readable(signed_in(request)), ref=ref)
    if format not in {"pdf", "csv", "html"}:
        raise Http404
    month = month_of(request.GET.get("month", ""))
    form = PeriodForm(request.GET)
    if month is None and form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    else:
        first = month or _today().replace(day=1)
        last = next_month(first) - timedelta(days=1)
    try:
        found = register.register(worker, first, last, get_language() or "fi")
    except RuleBroken as error:
        return render(request, "billing/problem.html", {"texts": problem_texts(error)}, status=422)
    if format == "html":
        pdf = f"{reverse('billing:register-worker', args=[ref, 'pdf'])}?{request.GET.urlencode()}"
        back = (reverse("billing:my-hours"), _("My hours"))
        is_own = signed_in(request).role == Role.WORKER
        return show(request, register_sheet(found), pdf=pdf, back=back if is_own else ("", ""))
    content = register.to_csv(found) if format == "csv" else render_register(found)
    name = f"register-{worker.worker_no}-{first:%Y%m%d}-{last:%Y%m%d}.{format}"
    return download(content, name, format)
