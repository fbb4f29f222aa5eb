"""Addresses of the manager's page and the rows behind its figures."""

from django.urls import path

from reports.operations import views

urlpatterns = [
    path("manager/", views.manager_home, name="manager-home"),
    path("manager/orders/", views.manager_rows, {"figure": "orders"}, name="manager-orders"),
    path("manager/hours/", views.manager_rows, {"figure": "hours"}, name="manager-hours"),
    path("manager/invoices/", views.manager_rows, {"figure": "invoices"}, name="manager-invoices"),
]
