"""Addresses of hours: approval, corrections, one's own, the hour log."""

from django.urls import path

from billing.hours import views

urlpatterns = [
    path("hours/", views.hours_page, name="hours"),
    path("hours/approve/", views.hours_approve, name="hours-approve"),
    path("hours/<uuid:ref>/correct/", views.hours_correct, name="hours-correct"),
    path("hours/<uuid:ref>/dispute/", views.hours_dispute, name="hours-dispute"),
    path("my/hours/", views.my_hours, name="my-hours"),
    path(
        "hours/worker/<uuid:ref>/<int:year>-<int:month>.<str:format>",
        views.worker_hour_log,
        name="hour-log-worker",
    ),
    path(
        "hours/customer/<uuid:ref>/<int:year>-<int:month>.<str:format>",
        views.customer_hour_log,
        name="hour-log-customer",
    ),
]
