"""The books: sales, VAT and payments of a month, open items; each sum opens its rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import MONEY, roles
from billing.books import ledger
from billing.books.forms import OnForm
from billing.invoices.tabs import tabs_context
from core import clock
from core.money import total
from core.months import month_of, next_month, previous_month
from core.zone import local_date

FILES = ("journal", "vat", "payments")


def _today() -> date:
    return local_date(clock.now())


def _month(request: HttpRequest) -> dict[str, Any]:
    first = month_of(request.GET.get("month", "")) or _today().replace(day=1)
    return {
        "first": first,
        "month": first.strftime("%Y-%m"),
        "previous": previous_month(first).strftime("%Y-%m"),
        "next": next_month(first).strftime("%Y-%m"),
    }


@roles(*MONEY)
@require_GET
def books(request: HttpRequest) -> HttpResponse:
    """Sums of a month: VAT by rate, sales, payments; and what is open today."""
    month = _month(request)
    rows = ledger.journal(month["first"])
    came = list(ledger.payments_of(month["first"]))
    items = ledger.open_items(_today())
    context = {
        **month,
        "sums": ledger.vat_summary(rows),
        "documents": len({row.invoice.pk for row in rows}),
        "base": total(row.base for row in rows),
        "vat": total(row.vat for row in rows),
        "gross": total(row.gross for row in rows),
        "payments": len(came),
        "paid": total(row.amount for row in came),
        "open_count": len(items),
        "open_total": total(item.open for item in items),
        **tabs_context(request, "books"),
    }
    return render(request, "billing/books/books.html", context)


@roles(*MONEY)
@require_GET
def books_rows(request: HttpRequest) -> HttpResponse:
    """The rows that a sum counts: all sales, one VAT rate, or the payments of the month."""
    month = _month(request)
    context: dict[str, Any] = {**month}
    if request.GET.get("of") == "payments":
        came = list(ledger.payments_of(month["first"]))
        context |= {"payments": came, "total": total(row.amount for row in came)}
        return render(request, "billing/books/books_rows.html", context)
    rows = ledger.journal(month["first"])
    if code := request.GET.get("code", ""):
        try:
            pct = Decimal(request.GET.get("pct", ""))
            known = 0 <= pct <= 100
        except InvalidOperation as error:
            raise Http404 from error
        if not known:
            raise Http404
        rows = ledger.of_rate(rows, code, pct)
        context |= {"code": code, "pct": pct}
    context |= {
        "rows": rows,
        "base": total(row.base for row in rows),
        "vat": total(row.vat for row in rows),
        "gross": total(row.gross for row in rows),
    }
    return render(request, "billing/books/books_rows.html", context)


def _on(request: HttpRequest) -> tuple[date, OnForm]:
    form = OnForm(request.GET) if "on" in request.GET else OnForm(initial={"on": _today()})
    return (form.cleaned_data["on"] if form.is_bound and form.is_valid() else _today()), form


@roles(*MONEY)
@require_GET
def books_open(request: HttpRequest) -> HttpResponse:
    """Invoices that were open at the end of a day."""
    on, form = _on(request)
    items = ledger.open_items(on)
    context = {
        "on": on,
        "form": form,
        "items": items,
        "total": total(item.open for item in items),
    }
    return render(request, "billing/books/books_open.html", context)


@roles(*MONEY)
@require_GET
def books_open_file(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    on, _form = _on(request)
    return _csv(f"askare-open-{on.isoformat()}.csv", ledger.open_csv(ledger.open_items(on), on))


@roles(*MONEY)
@require_GET
def books_file(_request: HttpRequest, name: str, year: int, month: int) -> HttpResponse:
    """Sales journal, VAT summary or payments of a month as a file."""
    first = month_of(f"{year:04d}-{month:02d}")
    if name not in FILES or first is None:
        raise Http404
    if name == "payments":
        content = ledger.payments_csv(ledger.payments_of(first))
    else:
        rows = ledger.journal(first)
        content = (
            ledger.journal_csv(rows)
            if name == "journal"
            else ledger.vat_csv(ledger.vat_summary(rows))
        )
    return _csv(f"askare-{name}-{first:%Y-%m}.csv", content)


def _csv(name: str, content: bytes) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
