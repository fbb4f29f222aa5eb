"""Addresses of dispatchers and coaches."""

from django.urls import URLPattern, path

from dispatch.board import views as board_views
from dispatch.office import views
from dispatch.plans import repair_views as sick_views
from dispatch.plans import views as plan_views
from dispatch.plans import why_views

urlpatterns: list[URLPattern] = [
    path("dispatch/", views.today, name="today"),
    path("dispatch/day/", views.day, name="day"),
    path("dispatch/day/week/", board_views.week_page, name="week"),
    path("dispatch/day/map/", board_views.day_map, name="day-map"),
    path("dispatch/orders/", views.order_list, name="order-list"),
    path("dispatch/orders/new/", views.order_new, name="order-new"),
    path("dispatch/orders/<uuid:ref>/", views.order_detail, name="order-detail"),
    path("dispatch/orders/<uuid:ref>/new-link/", views.order_new_link, name="order-new-link"),
    path("dispatch/orders/<uuid:ref>/why/", why_views.order_why, name="order-why"),
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
    path("dispatch/workers/<uuid:ref>/day/", board_views.worker_day, name="worker-day"),
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
    path(
        "dispatch/workers/<uuid:ref>/absence/<int:pk>/replacements/",
        sick_views.absence_replace,
        name="absence-replace",
    ),
    path("dispatch/day/plans/", plan_views.plan_new, name="plan-new"),
    path("dispatch/day/plans/<uuid:ref>/", plan_views.plan_detail, name="plan-detail"),
    path("dispatch/day/plans/<uuid:ref>/progress/", plan_views.plan_progress, name="plan-progress"),
    path("dispatch/day/plans/<uuid:ref>/stop/", plan_views.plan_stop, name="plan-stop"),
    path("dispatch/day/plans/<uuid:ref>/accept/", plan_views.plan_accept, name="plan-accept"),
    path("dispatch/day/plans/<uuid:ref>/undo/", plan_views.plan_undo, name="plan-undo"),
    path("dispatch/day/plans/<uuid:ref>/send/", plan_views.plan_send, name="plan-send"),
    path("dispatch/day/plans/<uuid:ref>/discard/", plan_views.plan_discard, name="plan-discard"),
    path("coach/", views.coach_home, name="coach-home"),
]
