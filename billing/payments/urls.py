"""Addresses of payments and bank files."""

from django.urls import path

from billing.payments import views

urlpatterns = [
    path("finance/<uuid:ref>/payments/", views.invoice_payments, name="invoice-payments"),
    path("finance/payments/", views.payment_list, name="payments"),
    path("finance/payments/upload/", views.payment_upload, name="payment-upload"),
    path("finance/payments/file/<uuid:ref>/", views.payment_file, name="payment-file"),
    path(
        "finance/payments/file/<uuid:ref>/apply/",
        views.payment_file_apply,
        name="payment-file-apply",
    ),
    path("finance/payments/entry/<uuid:ref>/", views.payment_entry, name="payment-entry"),
    path(
        "finance/payments/entry/<uuid:ref>/give/",
        views.payment_entry_give,
        name="payment-entry-give",
    ),
    path(
        "finance/payments/entry/<uuid:ref>/aside/",
        views.payment_entry_aside,
        name="payment-entry-aside",
    ),
    path("finance/payments/<uuid:ref>/back/", views.payment_back, name="payment-back"),
]
