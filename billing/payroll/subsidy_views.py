"""The pay-subsidy ledger for coaches and finance, claims, attendance reports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import MONEY, roles, signed_in
from billing.payroll import subsidy
from billing.payroll.forms import SubsidyForm
from billing.payroll.subsidy_tables import SubsidyTable
from billing.payroll.views import download
from core import clock
from core.months import month_of, previous_month
from core.tables import respond
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import local_date


@roles(*subsidy.READERS)
@require_GET
def subsidies(request: HttpRequest) -> HttpResponse:
    """Decisions with hours by month, what ends soon, hours that no decision covers."""
    user = signed_in(request)
    today = local_date(clock.now())
    found = subsidy.ledger(user, today)
    table = SubsidyTable(found.rows, request, caption=_("Pay subsidies"), given="ends")
    context: dict[str, Any] = {
        "ledger": found,
        "funders": [
            (name, sorted(months.items(), reverse=True), sum(months.values()))
            for name, months in sorted(found.by_funder.items())
        ],
        "may_write": user.role in MONEY,
        "month": previous_month(today.replace(day=1)),
    }
    return respond(request, table, "billing/payroll/subsidies.html", context)


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def subsidy_new(request: HttpRequest) -> HttpResponse:
    """Write down a decision of the authority."""
    user = signed_in(request)
    form = SubsidyForm(request.POST or None, deals=subsidy.deals_for(user))
    context: dict[str, Any] = {"form": form}
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "billing/payroll/subsidy_new.html", context, status=status)
    try:
        subsidy.add_decision(form.save(commit=False), by=user, now=clock.now())
    except RuleBroken as error:
        context["violations"] = problem_texts(error)
        return render(request, "billing/payroll/subsidy_new.html", context, status=409)
    messages.success(request, _("Saved."))
    return redirect("billing:subsidies")


@roles(*subsidy.READERS)
@require_GET
def subsidy_claim(request: HttpRequest, ref: UUID, year: int, month: int) -> HttpResponse:
    """The hours behind the payment claim of a month, CSV."""
    decision = get_object_or_404(subsidy.decisions_for(signed_in(request)), ref=ref)
    first = month_of(f"{year:04d}-{month:02d}")
    if first is None:
        raise Http404
    name = f"subsidy-{first:%Y-%m}-{decision.engagement.worker.worker_no}.csv"
    return download(subsidy.claim_csv(decision, first), name, "csv")


@roles(*subsidy.READERS)
@require_GET
def attendance_report(request: HttpRequest) -> HttpResponse:
    """Attendance of a month on contracts without pay, CSV."""
    today = local_date(clock.now())
    first = month_of(request.GET.get("month", "")) or previous_month(today.replace(day=1))
    content = subsidy.attendance_csv(signed_in(request), first)
    return download(content, f"attendance-{first:%Y-%m}.csv", "csv")
