"""Addresses of pay, the register of working time, and subsidies."""

from django.urls import path

from billing.payroll import subsidy_views, views

urlpatterns = [
    path("pay/", views.pay, name="pay"),
    path("pay/export/", views.pay_export, name="pay-export"),
    path("pay/<uuid:ref>/", views.pay_batch, name="pay-batch"),
    path("pay/<uuid:ref>/file/", views.pay_file, name="pay-file"),
    path("hours/<uuid:ref>/decide/", views.hours_decide, name="hours-decide"),
    path(
        "hours/register/<uuid:ref>.<str:format>",
        views.worker_register,
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
]
