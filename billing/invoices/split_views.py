"""How a customer wants its invoices split."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import MONEY, roles, signed_in
from billing.invoices import services
from billing.models.invoices import InvoiceSplit
from core import clock
from orders.models import Customer


class SplitForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = InvoiceSplit
        fields = ("split",)
        widgets = {"split": forms.RadioSelect}


@roles(*MONEY)
@require_http_methods(["GET", "POST"])
def invoice_split(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One invoice of everything, or one for each reference or site."""
    customer = get_object_or_404(Customer, ref=ref)
    row = InvoiceSplit.objects.filter(customer=customer).first() or InvoiceSplit(customer=customer)
    form = SplitForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        split = form.cleaned_data["split"]
        services.set_invoice_split(customer, split, by=signed_in(request), now=clock.now())
        messages.success(request, _("The drafts of this customer are made so from now on."))
        return redirect("billing:invoice-ready")
    status = 422 if form.errors else 200
    context = {"form": form, "customer": customer}
    return render(request, "billing/invoices/invoice_wish.html", context, status=status)
