"""All addresses of Askare; the table URL x role in tests/test_access.py names each of them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("orders.urls")),
    path("", include("dispatch.urls")),
    path("", include("billing.urls")),
    path("", include("reports.urls")),
]
handler500 = "accounts.errors.server_error"
