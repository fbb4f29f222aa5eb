"""Addresses of orders, assignments, workers and days away, for the office and coaches."""

from django.urls import URLPattern, path

from dispatch.office.assignments import views

urlpatterns: list[URLPattern] = [
    path("dispatch/orders/", views.order_list, name="order-list"),
    path("dispatch/orders/new/", views.order_new, name="order-new"),
    path("dispatch/orders/<uuid:ref>/", views.order_detail, name="order-detail"),
    path("dispatch/orders/<uuid:ref>/new-link/", views.order_new_link, name="order-new-link"),
    path("dispatch/orders/<uuid:ref>/assign/", views.assign, name="assign"),
    path(
        "dispatch/assignments/<uuid:ref>/withdraw/",
        views.assignment_withdraw,
        name="assignment-withdraw",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/reassign/",
        views.assignment_reassign,
        name="assignment-reassign",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/absent/", views.assignment_absent, name="assignment-absent"
    ),
    path(
        "dispatch/assignments/<uuid:ref>/no-show/",
        views.assignment_no_show,
        name="assignment-no-show",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/accept/", views.assignment_accept, name="assignment-accept"
    ),
    path(
        "dispatch/assignments/<uuid:ref>/decline/",
        views.assignment_decline,
        name="assignment-decline",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/check-in/",
        views.assignment_check_in,
        name="assignment-check-in",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/check-out/",
        views.assignment_check_out,
        name="assignment-check-out",
    ),
    path("dispatch/assignments/<uuid:ref>/undo/", views.assignment_undo, name="assignment-undo"),
    path("dispatch/workers/", views.worker_list, name="worker-list"),
    path("dispatch/workers/new/", views.worker_new, name="worker-new"),
    path("dispatch/workers/<uuid:ref>/", views.worker_detail, name="worker-detail"),
    path("dispatch/workers/<uuid:ref>/edit/", views.worker_edit, name="worker-edit"),
    path("dispatch/workers/<uuid:ref>/week/", views.worker_week, name="worker-week"),
    path("dispatch/workers/<uuid:ref>/absence/", views.absence_new, name="absence-new"),
    path(
        "dispatch/workers/<uuid:ref>/absence/<int:pk>/",
        views.absence_detail,
        name="absence-detail",
    ),
    path(
        "dispatch/workers/<uuid:ref>/absence/<int:pk>/remove/",
        views.absence_remove,
        name="absence-remove",
    ),
]
