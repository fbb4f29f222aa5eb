"""A one-off invoice: a few free rows, or an advance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import MONEY, roles, signed_in
from billing.invoices import oneoff
from core import clock
from core.fields import DateInput, EuroField
from core.texts import problem_texts
from core.violations import RuleBroken
from core.zone import local_date
from orders.models import Customer

ROWS = 5


class OneOffForm(forms.Form):
    customer = forms.ModelChoiceField(
        label=_("Customer"), queryset=Customer.objects.filter(active=True)
    )
    on = forms.DateField(
        label=_("Day of the work or the advance"), widget=DateInput(attrs={"class": "mid"})
    )
    reference = forms.CharField(label=_("Customer's reference"), max_length=70, required=False)
    advance = forms.BooleanField(label=_("This is an advance invoice"), required=False)
    movable = forms.BooleanField(
        label=_("Not connected with real property in Finland"),
        help_text=_(
            "Only for a buyer in another EU country, who then accounts for the VAT (reverse "
            "charge)."
        ),
        required=False,
    )


class RowForm(forms.Form):
    text = forms.CharField(label=_("What"), max_length=200, required=False)
    quantity = forms.DecimalField(
        label=_("Quantity"),
        max_digits=10,
        decimal_places=4,
        required=False,
        localize=True,
        initial=Decimal(1),
    )
    unit_net = EuroField(label=_("Price excl. VAT, €"), required=False)

    @property
    def row(self) -> oneoff.Row | None:
        """The row, or None when its text and price are empty."""
        data = self.cleaned_data
        if not data["text"] and data["unit_net"] is None:
            return None
        price = data["unit_net"] if data["unit_net"] is not None else Decimal(0)
        return oneoff.Row(data["text"], data["quantity"] or Decimal(1), price)


RowFormSet = forms.formset_factory(RowForm, extra=ROWS, max_num=ROWS)


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def invoice_new(request: HttpRequest) -> HttpResponse:
    """Rows by hand into a draft, which is then looked at and issued like any other."""
    data = request.POST or None
    form = OneOffForm(data, initial={"on": local_date(clock.now())})
    rows = RowFormSet(data, prefix="row")
    context: dict[str, Any] = {"form": form, "rows": rows}
    if request.method == "GET":
        return render(request, "billing/invoices/invoice_new.html", context)
    if not (form.is_valid() and rows.is_valid()):
        return render(request, "billing/invoices/invoice_new.html", context, status=422)
    found, wanted = form.cleaned_data, [row for x in rows if (row := x.row)]
    try:
        invoice = oneoff.make_one_off(
            found["customer"],
            wanted,
            on=found["on"],
            by=signed_in(request),
            now=clock.now(),
            reference=found["reference"],
            advance=found["advance"],
            real_property=not found["movable"],
        )
    except RuleBroken as error:
        context["violations"] = problem_texts(error)
        return render(request, "billing/invoices/invoice_new.html", context, status=409)
    return redirect("billing:invoice-detail", invoice.ref)
