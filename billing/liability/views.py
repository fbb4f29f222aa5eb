"""Orderer's liability: our papers, each customer's running sums, giving the pack."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import MONEY, roles, signed_in
from accounts.models import Role
from billing.liability import services as papers
from billing.models.payroll import LiabilityPaper
from billing.payroll.forms import PaperForm
from billing.payroll.views import download
from core import clock
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import local_date
from orders.access import get_customer


def _today() -> date:
    return local_date(clock.now())


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def liability(request: HttpRequest) -> HttpResponse:
    """Our papers and the customers who need them; a POST adds a paper."""
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, 422 if form.errors else 200)
    data = form.cleaned_data
    try:
        papers.add_paper(
            kind=data["kind"],
            issued_on=data["issued_on"],
            expires_on=data["expires_on"],
            file_name=data["file"].name,
            content=data["file"].read(),
            by=signed_in(request),
            now=clock.now(),
        )
    except RuleBroken as error:
        return _page(request, form, 409, violations=problem_texts(error))
    messages.success(request, _("Saved."))
    return redirect("billing:liability")


def _page(request: HttpRequest, form: PaperForm, status: int, **extra: Any) -> HttpResponse:
    today = _today()
    in_force, names = papers.papers_in_force(today), dict(LiabilityPaper.Kind.choices)
    context = {
        "form": form,
        "customers": papers.running(today),
        "papers": [
            (names[kind], in_force.get(kind), kind in papers.REQUIRED)
            for kind in LiabilityPaper.Kind.values
        ],
        "complete": not papers.missing(today),
        "limits": papers.limits_of_law(today),
        **extra,
    }
    return render(request, "billing/liability/liability.html", context, status=status)


@roles(*MONEY)
@require_POST
def liability_give(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Give a customer the papers in force; the customer can open them from then on."""
    customer = get_customer(signed_in(request), ref)
    try:
        pack = papers.give_pack(customer, by=signed_in(request), now=clock.now(), on=_today())
    except RuleBroken as error:
        return _page(request, PaperForm(), 409, violations=problem_texts(error))
    text = _("%(customer)s has the papers, good until %(day)s.")
    day = f"{pack.good_until.day}.{pack.good_until.month}.{pack.good_until.year}"
    messages.success(request, text % {"customer": customer, "day": day})
    return redirect("billing:liability")


@roles(Role.CUSTOMER, *MONEY)
@require_GET
def liability_paper(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One paper, PDF."""
    paper = get_object_or_404(papers.papers_for(signed_in(request)), ref=ref)
    return download(bytes(paper.content), f"{paper.kind}-{paper.issued_on:%Y%m%d}.pdf", "pdf")


@roles(Role.CUSTOMER)
@require_GET
def my_papers(request: HttpRequest) -> HttpResponse:
    """The papers that have been given to the customer."""
    rows = papers.papers_for(signed_in(request))
    context = {"papers": rows.order_by("kind", "-expires_on"), "today": _today()}
    return render(request, "billing/liability/my_papers.html", context)
