"""Addresses of orders, assignments, workers and days away, for the office and coaches."""

from django.urls import URLPattern, path

from dispatch.office.absences import views as absences
from dispatch.office.assignments import views as assignments
from dispatch.office.orders import views as orders
from dispatch.office.workers import views as workers

urlpatterns: list[URLPattern] = [
    path("dispatch/orders/", orders.order_list, name="order-list"),
    path("dispatch/orders/new/", orders.order_new, name="order-new"),
    path("dispatch/orders/<uuid:ref>/", orders.order_detail, name="order-detail"),
    path("dispatch/orders/<uuid:ref>/new-link/", orders.order_new_link, name="order-new-link"),
    path("dispatch/orders/<uuid:ref>/assign/", assignments.assign, name="assign"),
    path(
        "dispatch/assignments/<uuid:ref>/withdraw/",
        assignments.assignment_withdraw,
        name="assignment-withdraw",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/reassign/",
        assignments.assignment_reassign,
        name="assignment-reassign",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/absent/",
        assignments.assignment_absent,
        name="assignment-absent",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/no-show/",
        assignments.assignment_no_show,
        name="assignment-no-show",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/accept/",
        assignments.assignment_accept,
        name="assignment-accept",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/decline/",
        assignments.assignment_decline,
        name="assignment-decline",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/check-in/",
        assignments.assignment_check_in,
        name="assignment-check-in",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/check-out/",
        assignments.assignment_check_out,
        name="assignment-check-out",
    ),
    path(
        "dispatch/assignments/<uuid:ref>/undo/", assignments.assignment_undo, name="assignment-undo"
    ),
    path("dispatch/workers/", workers.worker_list, name="worker-list"),
    path("dispatch/workers/new/", workers.worker_new, name="worker-new"),
    path("dispatch/workers/<uuid:ref>/", workers.worker_detail, name="worker-detail"),
    path("dispatch/workers/<uuid:ref>/edit/", workers.worker_edit, name="worker-edit"),
    path("dispatch/workers/<uuid:ref>/week/", workers.worker_week, name="worker-week"),
    path("dispatch/workers/<uuid:ref>/absence/", absences.absence_new, name="absence-new"),
    path(
        "dispatch/workers/<uuid:ref>/absence/<int:pk>/",
        absences.absence_detail,
        name="absence-detail",
    ),
    path(
        "dispatch/workers/<uuid:ref>/absence/<int:pk>/remove/",
        absences.absence_remove,
        name="absence-remove",
    ),
]
