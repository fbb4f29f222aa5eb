"""Hours: approval by groups, corrections, the worker's own hours, the hour log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OFFICE, roles, signed_in
from accounts.models import Role, User
from billing import access
from billing.access import part_of
from billing.hours import groups, log
from billing.hours import services as hours
from billing.hours.forms import AnswerForm, CorrectionForm, NoteForm
from billing.hours.tables import HourTable
from billing.models import HourEntry
from billing.models.lifecycle import HourStatus
from billing.papers.pdf.hour_log import render_hour_log
from billing.papers.views import show
from billing.papers.web import hour_log_sheet
from core import clock
from core.months import month_of, next_month, previous_month
from core.search import search_words
from core.tables import PAGE_SIZE, asks_for_file, file_of, respond
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import local_date
from dispatch.access import assignments_for, workers_for
from orders.access import get_customer
from orders.models import Customer
from workers.models import Worker

WORKER_LOG_READERS = (Role.WORKER, Role.COACH, Role.DISPATCHER, Role.FINANCE, Role.ADMIN)
CUSTOMER_LOG_READERS = (Role.CUSTOMER, Role.DISPATCHER, Role.FINANCE, Role.ADMIN)

# So many people of one name are shown to choose from.
MOST_NAMES = 20


@roles(*access.APPROVERS)
@require_GET
def hours_page(request: HttpRequest) -> HttpResponse:
    """Hours that wait, in groups: what is as planned goes with one click."""
    first = month_of(request.GET.get("month", ""))
    name = request.GET.get("worker", "").strip()
    if not name or first is None:
        return _hours_page(request)
    asked = request.GET.get("format", "")
    ending = asked if asked in {"csv", "html"} else "pdf"
    found = list(_named(_log_workers(signed_in(request)), name)[: MOST_NAMES + 1])
    if len(found) == 1:
        return redirect("billing:hour-log-worker", found[0].ref, first.year, first.month, ending)
    return _hours_page(
        request,
        log_name=name,
        log_found=found[:MOST_NAMES],
        log_more=len(found) > MOST_NAMES,
        log_format=ending,
        month=first,
    )


def _hours_page(request: HttpRequest, status: int = 200, **extra: Any) -> HttpResponse:
    user = signed_in(request)
    entries = access.entries_for(user)
    table = HourTable(
        groups.waiting(entries),
        request,
        caption=_("Hours to approve"),
        given="day",
        per_page=PAGE_SIZE,
    )
    if asks_for_file(request):
        return file_of(request, table)
    rows = groups.grouped(table.page, entries, assignments_for(user), clock.now())
    context = {
        "groups": rows,
        "may_open_orders": user.role in OFFICE,
        "month": previous_month(local_date(clock.now()).replace(day=1)),
        "answer_form": AnswerForm(),
        **extra,
    }
    return respond(request, table, "billing/hours/hours.html", context, status=status)


@roles(*access.APPROVERS)
@require_POST
def hours_approve(request: HttpRequest) -> HttpResponse:
    """Approve exactly the entries that were on the screen or counted on it.

    Who was on the screen without a tick is left out of those that were counted, too.
    """
    user = signed_in(request)
    refs, shown = (
        {ref for ref in map(_uuid, request.POST.getlist(name)) if ref}
        for name in ("entry", "shown")
    )
    keys = groups.unpacked(request.POST.get("seen", ""))
    # Thousands at once: only what the approval looks at.
    wanted = (
        access.entries_for(user)
        .select_related(None)
        .select_related("assignment__order")
        .only("ref", "status", "assignment__order__ref")
    )
    found = list(wanted.filter(pk__in=keys) if keys else wanted.filter(ref__in=refs))
    entries = [entry for entry in found if entry.ref not in shown - refs]
    try:
        done = hours.approve_hours(entries, by=user, now=clock.now(), as_=part_of(user.role))
    except RuleBroken as error:
        return _hours_page(request, 409, violations=problem_texts(error))
    text = ngettext("%(n)d entry approved.", "%(n)d entries approved.", len(done))
    messages.success(request, text % {"n": len(done)})
    left = len(keys or refs) - (len(found) - len(entries)) - len(done)
    if left:
        text = ngettext(
            "%(n)d had changed meanwhile and still waits.",
            "%(n)d had changed meanwhile and still wait.",
            left,
        )
        messages.warning(request, text % {"n": left})
    return redirect("billing:hours")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@roles(*access.APPROVERS)
@require_http_methods(["GET", "POST"])
def hours_correct(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Replace hours by what was really done; the old row stays and is named by the new one."""
    user, moment = signed_in(request), clock.now()
    entry = access.get_entry(user, ref)
    form = CorrectionForm(request.POST or None, initial=CorrectionForm.initial_of(entry))
    if request.method != "POST" or not form.is_valid():
        return _correction(request, entry, form, status=422 if form.errors else 200)
    data = form.cleaned_data
    try:
        new = hours.correct_hours(
            entry,
            started_at=data["started_at"],
            ended_at=data["ended_at"],
            break_min=data["break_min"],
            by=user,
            now=moment,
            note=data["note"],
        )
        if "approve" in request.POST:
            hours.approve_hours([new], by=user, now=moment, as_=part_of(user.role))
    except RuleBroken as error:
        return _correction(request, entry, form, status=409, violations=problem_texts(error))
    messages.success(request, _("The hours are corrected."))
    return redirect("billing:hours")


def _correction(
    request: HttpRequest, entry: HourEntry, form: CorrectionForm, status: int, **extra: Any
) -> HttpResponse:
    context = {
        "entry": entry,
        "form": form,
        "punches": entry.assignment.punches.all(),
        "earlier": entry.corrects,
        **extra,
    }
    return render(request, "billing/hours/hours_correct.html", context, status=status)


@roles(*access.APPROVERS)
@require_http_methods(["GET", "POST"])
def hours_dispute(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Hold hours back with a reason; or, when they are disputed, answer and uphold them."""
    user = signed_in(request)
    entry = access.get_entry(user, ref)
    disputed = entry.status == HourStatus.DISPUTED
    form = (AnswerForm if disputed else NoteForm)(request.POST or None)
    context: dict[str, Any] = {"entry": entry, "form": form, "disputed": disputed}
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "billing/hours/hours_dispute.html", context, status=status)
    note = form.cleaned_data["note"]
    try:
        if disputed:
            hours.uphold_hours(entry, by=user, now=clock.now(), note=note)
        else:
            hours.dispute_hours(entry, by=user, now=clock.now(), note=note, as_=part_of(user.role))
    except RuleBroken as error:
        context["violations"] = problem_texts(error)
        return render(request, "billing/hours/hours_dispute.html", context, status=409)
    messages.success(request, _("Saved."))
    return redirect("billing:hours")


# --------------------------------------------------------------------------- my hours


@roles(Role.WORKER)
@require_GET
def my_hours(request: HttpRequest) -> HttpResponse:
    """The worker's own hours: this week and a month, in hours and never in money."""
    worker = workers_for(signed_in(request)).first()
    today = local_date(clock.now())
    first = month_of(request.GET.get("month", "")) or today.replace(day=1)
    context: dict[str, Any] = {"worker": worker, "first": first, "today": today}
    if worker is not None:
        monday = today - timedelta(days=today.weekday())
        entries = list(log.entries_of(worker, first).reverse())
        context |= {
            "entries": entries,
            "month_min": sum(e.work_min for e in entries),
            "week_min": sum(_week(worker, monday).values_list("work_min", flat=True)),
            "previous": previous_month(first).strftime("%Y-%m"),
            "next": next_month(first) if next_month(first) <= today else None,
        }
    return render(request, "billing/hours/my_hours.html", context)


def _week(worker: Worker, monday: date) -> QuerySet[HourEntry]:
    return HourEntry.objects.filter(
        assignment__worker=worker, works_on__range=(monday, monday + timedelta(days=6))
    ).exclude(status=HourStatus.CORRECTED)


# --------------------------------------------------------------------------- hour log


@roles(*WORKER_LOG_READERS)
@require_GET
def worker_hour_log(
    request: HttpRequest,
    ref: UUID,
    year: int,
    month: int,
    format: str,  # noqa: A002 - in the URL
) -> HttpResponse:
    """A worker's hours of a month, PDF, CSV or a page."""
    user = signed_in(request)
    worker = get_object_or_404(_log_workers(user), ref=ref)
    if format == "html":
        return _log_page(request, worker, (year, month))
    return _log_file(worker, worker.worker_no, (year, month), format)


@roles(*CUSTOMER_LOG_READERS)
@require_GET
def customer_hour_log(
    request: HttpRequest,
    ref: UUID,
    year: int,
    month: int,
    format: str,  # noqa: A002 - in the URL
) -> HttpResponse:
    """The hours done for a customer in a month, PDF, CSV or a page, with first names only."""
    customer = get_customer(signed_in(request), ref)
    if format == "html":
        return _log_page(request, customer, (year, month))
    return _log_file(customer, customer.customer_no, (year, month), format)


def _log_workers(user: User) -> QuerySet[Worker]:
    """Workers whose hour log this person may read; finance needs everybody's for the pay."""
    rows = Worker.objects.all() if user.role == Role.FINANCE else workers_for(user)
    return rows.order_by("last_name", "first_name", "id")


def _named(rows: QuerySet[Worker], text: str) -> QuerySet[Worker]:
    """Those whose number it is, or whose name has every word of it."""
    words = Q()
    for word in search_words(text):
        words &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return rows.filter(words | Q(worker_no__iexact=text))


def _log_page(
    request: HttpRequest, owner: Worker | Customer, month: tuple[int, int]
) -> HttpResponse:
    first = month_of("{:04d}-{:02d}".format(*month))
    if first is None:
        raise Http404
    sheet = hour_log_sheet(log.hour_log(owner, first, get_language() or "fi"))
    kind = "worker" if isinstance(owner, Worker) else "customer"
    pdf = reverse(f"billing:hour-log-{kind}", args=[owner.ref, *month, "pdf"])
    backs = {
        Role.WORKER: (f"{reverse('billing:my-hours')}?month={first:%Y-%m}", _("My hours")),
        Role.CUSTOMER: (reverse("billing:customer-invoices"), _("Invoices")),
    }
    back = backs.get(Role(signed_in(request).role), ("", ""))
    return show(request, sheet, pdf=pdf, back=back)


def _log_file(
    owner: Worker | Customer, number: str, month: tuple[int, int], ending: str
) -> HttpResponse:
    first = month_of("{:04d}-{:02d}".format(*month))
    if first is None or ending not in {"pdf", "csv"}:
        raise Http404
    document = log.hour_log(owner, first, get_language() or "fi")
    if ending == "csv":
        content, mime = log.to_csv(document), "text/csv; charset=utf-8"
    else:
        content, mime = render_hour_log(document), "application/pdf"
    name = f"hours-{number}-{first:%Y-%m}.{ending}"
    return HttpResponse(
        content,
        content_type=mime,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
