"""The customer's order page, hours, invoicing, figures."""

from django.urls import path

from billing import hour_views, invoice_views, manager_views, order_views

app_name = "billing"
urlpatterns = [
    # The order page: by the secret link, and by sign-in.
    path("o/<str:token>/", order_views.order_page_link, name="order-page-link"),
    path(
        "o/<str:token>/approve-hours/",
        order_views.order_approve_hours_link,
        name="order-approve-hours-link",
    ),
    path(
        "o/<str:token>/dispute-hours/",
        order_views.order_dispute_hours_link,
        name="order-dispute-hours-link",
    ),
    path("o/<str:token>/cancel/", order_views.order_cancel_link, name="order-cancel-link"),
    path("o/<str:token>/move/", order_views.order_move_link, name="order-move-link"),
    path("orders/<uuid:ref>/", order_views.order_page, name="order-page"),
    path(
        "orders/<uuid:ref>/approve-hours/",
        order_views.order_approve_hours,
        name="order-approve-hours",
    ),
    path(
        "orders/<uuid:ref>/dispute-hours/",
        order_views.order_dispute_hours,
        name="order-dispute-hours",
    ),
    path("orders/<uuid:ref>/cancel/", order_views.order_cancel_view, name="order-cancel"),
    path("orders/<uuid:ref>/move/", order_views.order_move_view, name="order-move"),
    # Hours.
    path("hours/", hour_views.hours_page, name="hours"),
    path("hours/approve/", hour_views.hours_approve, name="hours-approve"),
    path("hours/<uuid:ref>/correct/", hour_views.hours_correct, name="hours-correct"),
    path("hours/<uuid:ref>/dispute/", hour_views.hours_dispute, name="hours-dispute"),
    path("my/hours/", hour_views.my_hours, name="my-hours"),
    path(
        "hours/worker/<uuid:ref>/<int:year>-<int:month>.<str:format>",
        hour_views.worker_hour_log,
        name="hour-log-worker",
    ),
    path(
        "hours/customer/<uuid:ref>/<int:year>-<int:month>.<str:format>",
        hour_views.customer_hour_log,
        name="hour-log-customer",
    ),
    # Invoicing.
    path("finance/", invoice_views.invoice_ready, name="invoice-ready"),
    path("finance/drafts/make/", invoice_views.invoice_drafts_make, name="invoice-drafts-make"),
    path("finance/invoices/", invoice_views.invoice_drafts, name="invoice-drafts"),
    path("finance/invoices/run/", invoice_views.invoice_run, name="invoice-run"),
    path("finance/invoices/result/", invoice_views.invoice_result, name="invoice-result"),
    path("finance/<uuid:ref>/", invoice_views.invoice_detail, name="invoice-detail"),
    path("finance/<uuid:ref>/issue/", invoice_views.invoice_issue, name="invoice-issue"),
    path("finance/<uuid:ref>/send/", invoice_views.invoice_send, name="invoice-send"),
    path("finance/<uuid:ref>/paid/", invoice_views.invoice_paid, name="invoice-paid"),
    path("finance/<uuid:ref>/credit/", invoice_views.invoice_credit, name="invoice-credit"),
    path("finance/<uuid:ref>/discard/", invoice_views.invoice_discard, name="invoice-discard"),
    path("invoices/", invoice_views.customer_invoices, name="customer-invoices"),
    path("finance/<uuid:ref>/pdf/", invoice_views.invoice_pdf, name="invoice-pdf"),
    # Figures.
    path("manager/", manager_views.manager_home, name="manager-home"),
    path(
        "manager/orders/", manager_views.manager_rows, {"figure": "orders"}, name="manager-orders"
    ),
    path("manager/hours/", manager_views.manager_rows, {"figure": "hours"}, name="manager-hours"),
    path(
        "manager/invoices/",
        manager_views.manager_rows,
        {"figure": "invoices"},
        name="manager-invoices",
    ),
]
