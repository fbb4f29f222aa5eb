"""Reminders of payment: look at them, enter a missing reference rate, send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MONEY, roles, signed_in
from accounts.models import Role
from billing import access
from billing.dunning import services as dunning
from billing.dunning.forms import RateForm
from billing.invoices import selectors
from billing.models import Invoice
from billing.papers.pdf.reminder import render_reminder
from billing.papers.views import refusal, show
from billing.papers.web import reminder_sheet
from core import clock
from core.money import total
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import local_date

MOST = 200


def _asked(request: HttpRequest) -> list[Invoice]:
    """The overdue invoices that were asked for; without any, all of them."""
    data = request.POST if request.method == "POST" else request.GET
    refs = []
    for text in data.getlist("invoice"):
        try:
            refs.append(UUID(text))
        except ValueError:
            continue
    today = local_date(clock.now())
    rows = selectors.invoices_in(access.invoices_for(signed_in(request)), "overdue", today)
    if refs or request.method == "POST":
        rows = rows.filter(ref__in=refs)
    return list(rows[:MOST])


@roles(*MONEY)
@require_GET
def reminders(request: HttpRequest) -> HttpResponse:
    """What each reminder would ask for, or why there is none; nothing is written."""
    return _page(request, _asked(request))


def _page(
    request: HttpRequest, invoices: list[Invoice], status: int = 200, **extra: Any
) -> HttpResponse:
    found = dunning.proposals(invoices, now=clock.now())
    ready = [p for p in found if p.document]
    halves = dunning.missing_halves(found)
    context = {
        "ready": ready,
        "total": total(p.document.total for p in ready if p.document),
        "refused": [(p.invoice, problem_texts(p.error)) for p in found if p.error],
        "half": halves[0] if halves else None,
        "rate_form": RateForm(initial={"half": halves[0]}) if halves else None,
        "invoices": invoices,
        **extra,
    }
    return render(request, "billing/dunning/reminders.html", context, status=status)


@roles(*MONEY)
@require_POST
def reminders_send(request: HttpRequest) -> HttpResponse:
    """Send the ticked reminders, each by itself."""
    invoices, user, moment = _asked(request), signed_in(request), clock.now()
    sent, refused = 0, []
    for invoice in invoices:
        try:
            dunning.send_reminder(invoice, by=user, now=moment)
            sent += 1
        except RuleBroken as error:
            refused += [f"{invoice.number}: {text}" for text in problem_texts(error)]
    if sent:
        text = ngettext("%(n)d reminder is sent.", "%(n)d reminders are sent.", sent)
        messages.success(request, text % {"n": sent})
    if refused:
        return _page(request, invoices, 409, violations=refused)
    if not invoices:
        messages.info(request, _("Choose at least one invoice."))
        return redirect("billing:reminders")
    return redirect(f"{reverse('billing:invoice-drafts')}?tab=overdue")


@roles(*MONEY)
@require_POST
def reminder_rate(request: HttpRequest) -> HttpResponse:
    """Enter the reference rate of a half-year, then show the reminders again."""
    form = RateForm(request.POST)
    invoices = _asked(request)
    if not form.is_valid():
        return _page(request, invoices, 422, rate_form=form, form=form)
    data = form.cleaned_data
    try:
        dunning.enter_rate(
            data["half"],
            data["percent"],
            source=data["source"],
            by=signed_in(request),
            now=clock.now(),
        )
    except RuleBroken as error:
        return _page(request, invoices, 409, rate_form=form, violations=problem_texts(error))
    messages.success(request, _("The reference rate is entered."))
    query = "&".join(f"invoice={invoice.ref}" for invoice in invoices)
    return redirect(f"{reverse('billing:reminders')}?{query}")


@roles(*MONEY, Role.CUSTOMER)
@require_GET
def reminder_pdf(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The PDF of a reminder, always the same bytes."""
    reminder = access.get_reminder(signed_in(request), ref)
    try:
        content = render_reminder(dunning.document_of(reminder))
    except RuleBroken as error:
        return render(request, "billing/problem.html", {"texts": problem_texts(error)}, status=409)
    name = dunning.pdf_name(reminder)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


@roles(*MONEY, Role.CUSTOMER)
@require_GET
def reminder_web(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A reminder of payment as a page."""
    user = signed_in(request)
    reminder = access.get_reminder(user, ref)
    try:
        sheet = reminder_sheet(dunning.document_of(reminder))
    except RuleBroken as error:
        return refusal(request, error)
    if user.role == Role.CUSTOMER:
        back = (reverse("billing:customer-invoices"), _("Invoices"))
    else:
        back = (reverse("billing:invoice-payments", args=[reminder.invoice.ref]), _("Payments"))
    pdf = reverse("billing:reminder-pdf", args=[ref])
    title = f"{_('Payment reminder')} {reminder.invoice.number}"
    return show(request, sheet, pdf=pdf, title=title, back=back)
