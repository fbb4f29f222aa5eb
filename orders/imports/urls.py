"""Addresses of the import pages; part of orders.urls."""

from django.urls import path

from orders.imports import views

urlpatterns = [
    path("import/", views.import_new, name="import-new"),
    path("import/template/<slug:kind>/", views.import_template, name="import-template"),
    path("import/<uuid:ref>/", views.import_preview, name="import-preview"),
    path("import/<uuid:ref>/apply/", views.import_apply, name="import-apply"),
]
