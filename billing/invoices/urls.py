"""Addresses of invoicing, and of a customer's invoices."""

from django.urls import path

from billing.invoices import credits_views, oneoff_views, split_views, views, web_views

urlpatterns = [
    path("finance/", views.invoice_ready, name="invoice-ready"),
    path("finance/drafts/make/", views.invoice_drafts_make, name="invoice-drafts-make"),
    path("finance/invoices/", views.invoice_drafts, name="invoice-drafts"),
    path("finance/invoices/new/", oneoff_views.invoice_new, name="invoice-new"),
    path("finance/invoices/run/", views.invoice_run, name="invoice-run"),
    path("finance/split/<uuid:ref>/", split_views.invoice_split, name="invoice-wish"),
    path("finance/invoices/result/", views.invoice_result, name="invoice-result"),
    path("finance/<uuid:ref>/", views.invoice_detail, name="invoice-detail"),
    path("finance/<uuid:ref>/issue/", views.invoice_issue, name="invoice-issue"),
    path("finance/<uuid:ref>/send/", views.invoice_send, name="invoice-send"),
    path("finance/<uuid:ref>/paid/", views.invoice_paid, name="invoice-paid"),
    path("finance/<uuid:ref>/credit/", views.invoice_credit, name="invoice-credit"),
    path(
        "finance/<uuid:ref>/credit/rows/",
        credits_views.invoice_credit_rows,
        name="invoice-credit-rows",
    ),
    path("finance/<uuid:ref>/discard/", views.invoice_discard, name="invoice-discard"),
    path("invoices/", views.customer_invoices, name="customer-invoices"),
    path("finance/<uuid:ref>/pdf/", views.invoice_pdf, name="invoice-pdf"),
    path("finance/<uuid:ref>/web/", web_views.invoice_web, name="invoice-web"),
    path("finance/<uuid:ref>/einvoice.xml", views.invoice_xml, name="invoice-xml"),
]
