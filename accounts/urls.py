"""Start page, language, sign-in link, health."""

from django.urls import path

from accounts import views
from accounts.audit_trail import views as audit_views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("language/", views.set_language, name="set_language"),
    # Before the package's own page of this address, which would let people become somebody else.
    path("account/email/", views.account_email, name="account_email"),
    path("sign-in-link/", views.sign_in_link, name="sign_in_link"),
    path("sign-in-link/<str:token>/", views.sign_in_link_use, name="sign_in_link_use"),
    path("audit/", audit_views.audit_list, name="audit-list"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
