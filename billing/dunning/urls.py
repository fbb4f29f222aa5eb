"""Addresses of reminders and reference rates."""

from django.urls import path

from billing.dunning import views

urlpatterns = [
    path("finance/reminders/", views.reminders, name="reminders"),
    path("finance/reminders/send/", views.reminders_send, name="reminders-send"),
    path("finance/reminders/rate/", views.reminder_rate, name="reminder-rate"),
    path("finance/reminders/<uuid:ref>.pdf", views.reminder_pdf, name="reminder-pdf"),
    path("finance/reminders/<uuid:ref>/", views.reminder_web, name="reminder-web"),
]
