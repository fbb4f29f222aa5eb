"""The order page: by the secret link, and by sign-in."""

from django.urls import path

from billing.order_page import views

urlpatterns = [
    path("o/<str:token>/", views.order_page_link, name="order-page-link"),
    path(
        "o/<str:token>/approve-hours/",
        views.order_approve_hours_link,
        name="order-approve-hours-link",
    ),
    path(
        "o/<str:token>/dispute-hours/",
        views.order_dispute_hours_link,
        name="order-dispute-hours-link",
    ),
    path("o/<str:token>/cancel/", views.order_cancel_link, name="order-cancel-link"),
    path("o/<str:token>/move/", views.order_move_link, name="order-move-link"),
    path("orders/<uuid:ref>/", views.order_page, name="order-page"),
    path(
        "orders/<uuid:ref>/approve-hours/",
        views.order_approve_hours,
        name="order-approve-hours",
    ),
    path(
        "orders/<uuid:ref>/dispute-hours/",
        views.order_dispute_hours,
        name="order-dispute-hours",
    ),
    path("orders/<uuid:ref>/cancel/", views.order_cancel_view, name="order-cancel"),
    path("orders/<uuid:ref>/move/", views.order_move_view, name="order-move"),
]
