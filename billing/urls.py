"""The customer's order page, hours, invoicing, pay, liability."""

from django.urls import path

from billing.books import views as books_views
from billing.dunning import views as reminding_views
from billing.dunning.views import reminder_web
from billing.hours import views as hour_views
from billing.invoices import credits_views, oneoff_views, split_views
from billing.invoices import views as invoice_views
from billing.invoices import web_views as twin_views
from billing.liability import views as liability_views
from billing.order_page import views as order_views
from billing.payments import views as payments_views
from billing.payroll import subsidy_views
from billing.payroll import views as payroll_views

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
    path("finance/invoices/new/", oneoff_views.invoice_new, name="invoice-new"),
    path("finance/invoices/run/", invoice_views.invoice_run, name="invoice-run"),
    path("finance/split/<uuid:ref>/", split_views.invoice_split, name="invoice-wish"),
    path("finance/invoices/result/", invoice_views.invoice_result, name="invoice-result"),
    path("finance/<uuid:ref>/", invoice_views.invoice_detail, name="invoice-detail"),
    path("finance/<uuid:ref>/issue/", invoice_views.invoice_issue, name="invoice-issue"),
    path("finance/<uuid:ref>/send/", invoice_views.invoice_send, name="invoice-send"),
    path("finance/<uuid:ref>/paid/", invoice_views.invoice_paid, name="invoice-paid"),
    path("finance/<uuid:ref>/credit/", invoice_views.invoice_credit, name="invoice-credit"),
    path(
        "finance/<uuid:ref>/credit/rows/",
        credits_views.invoice_credit_rows,
        name="invoice-credit-rows",
    ),
    path("finance/<uuid:ref>/payments/", payments_views.invoice_payments, name="invoice-payments"),
    path("finance/<uuid:ref>/discard/", invoice_views.invoice_discard, name="invoice-discard"),
    path("invoices/", invoice_views.customer_invoices, name="customer-invoices"),
    path("finance/<uuid:ref>/pdf/", invoice_views.invoice_pdf, name="invoice-pdf"),
    path("finance/<uuid:ref>/web/", twin_views.invoice_web, name="invoice-web"),
    path("finance/<uuid:ref>/einvoice.xml", invoice_views.invoice_xml, name="invoice-xml"),
    # Payments, reminders, books.
    path("finance/payments/", payments_views.payment_list, name="payments"),
    path("finance/payments/upload/", payments_views.payment_upload, name="payment-upload"),
    path("finance/payments/file/<uuid:ref>/", payments_views.payment_file, name="payment-file"),
    path(
        "finance/payments/file/<uuid:ref>/apply/",
        payments_views.payment_file_apply,
        name="payment-file-apply",
    ),
    path("finance/payments/entry/<uuid:ref>/", payments_views.payment_entry, name="payment-entry"),
    path(
        "finance/payments/entry/<uuid:ref>/give/",
        payments_views.payment_entry_give,
        name="payment-entry-give",
    ),
    path(
        "finance/payments/entry/<uuid:ref>/aside/",
        payments_views.payment_entry_aside,
        name="payment-entry-aside",
    ),
    path("finance/payments/<uuid:ref>/back/", payments_views.payment_back, name="payment-back"),
    path("finance/reminders/", reminding_views.reminders, name="reminders"),
    path("finance/reminders/send/", reminding_views.reminders_send, name="reminders-send"),
    path("finance/reminders/rate/", reminding_views.reminder_rate, name="reminder-rate"),
    path("finance/reminders/<uuid:ref>.pdf", reminding_views.reminder_pdf, name="reminder-pdf"),
    path("finance/reminders/<uuid:ref>/", reminder_web, name="reminder-web"),
    path("finance/books/", books_views.books, name="books"),
    path("finance/books/rows/", books_views.books_rows, name="books-rows"),
    path("finance/books/open/", books_views.books_open, name="books-open"),
    path(
        "finance/books/<str:name>-<int:year>-<int:month>.csv",
        books_views.books_file,
        name="books-file",
    ),
    path("finance/books/open.csv", books_views.books_open_file, name="books-open-file"),
    # Pay, subsidy, orderer's liability.
    path("pay/", payroll_views.pay, name="pay"),
    path("pay/export/", payroll_views.pay_export, name="pay-export"),
    path("pay/<uuid:ref>/", payroll_views.pay_batch, name="pay-batch"),
    path("pay/<uuid:ref>/file/", payroll_views.pay_file, name="pay-file"),
    path("hours/<uuid:ref>/decide/", payroll_views.hours_decide, name="hours-decide"),
    path(
        "hours/register/<uuid:ref>.<str:format>",
        payroll_views.worker_register,
        name="register-worker",
    ),
    path("subsidies/", subsidy_views.subsidies, name="subsidies"),
    path("subsidies/new/", subsidy_views.subsidy_new, name="subsidy-new"),
    path(
        "subsidies/<uuid:ref>/<int:year>-<int:month>.csv",
        subsidy_views.subsidy_claim,
        name="subsidy-claim",
    ),
    path("subsidies/attendance.csv", subsidy_views.attendance_report, name="attendance-report"),
    path("liability/", liability_views.liability, name="liability"),
    path("liability/give/<uuid:ref>/", liability_views.liability_give, name="liability-give"),
    path("liability/paper/<uuid:ref>/", liability_views.liability_paper, name="liability-paper"),
    path("papers/", liability_views.my_papers, name="my-papers"),
]
