"""Addresses of the worker's phone."""

from django.urls import URLPattern, path

from dispatch.phone import views

urlpatterns: list[URLPattern] = [
    path("my/", views.my_home, name="my-home"),
    path("my/gigs/<uuid:ref>/", views.my_gig, name="my-gig"),
    path("my/gigs/<uuid:ref>/accept/", views.my_accept, name="my-accept"),
    path("my/gigs/<uuid:ref>/decline/", views.my_decline, name="my-decline"),
    path("my/gigs/<uuid:ref>/check-in/", views.my_check_in, name="my-check-in"),
    path("my/gigs/<uuid:ref>/check-out/", views.my_check_out, name="my-check-out"),
    path("my/gigs/<uuid:ref>/left/", views.my_left, name="my-left"),
    path("my/gigs/<uuid:ref>/undo/", views.my_undo, name="my-undo"),
    path("my/gigs/<uuid:ref>/cannot-come/", views.my_cannot_come, name="my-cannot-come"),
    path("my/gigs/<uuid:ref>/late/", views.my_late, name="my-late"),
    path("my/help/", views.my_help, name="my-help"),
    path("my/availability/", views.my_availability, name="my-availability"),
    path(
        "my/availability/dates/", views.my_availability_exception, name="my-availability-exception"
    ),
    path(
        "my/availability/dates/<int:pk>/remove/",
        views.my_availability_exception_remove,
        name="my-availability-exception-remove",
    ),
    path("my/absence/", views.my_absence, name="my-absence"),
    path("my/profile/", views.my_profile, name="my-profile"),
]
