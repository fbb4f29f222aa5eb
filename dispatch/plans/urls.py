"""Addresses of plans, of the plan that repairs an absence, and of why an order lacks people."""

from django.urls import URLPattern, path

from dispatch.plans import repair_views, views, why_views

urlpatterns: list[URLPattern] = [
    path("dispatch/day/plans/", views.plan_new, name="plan-new"),
    path("dispatch/day/plans/<uuid:ref>/", views.plan_detail, name="plan-detail"),
    path("dispatch/day/plans/<uuid:ref>/progress/", views.plan_progress, name="plan-progress"),
    path("dispatch/day/plans/<uuid:ref>/stop/", views.plan_stop, name="plan-stop"),
    path("dispatch/day/plans/<uuid:ref>/accept/", views.plan_accept, name="plan-accept"),
    path("dispatch/day/plans/<uuid:ref>/undo/", views.plan_undo, name="plan-undo"),
    path("dispatch/day/plans/<uuid:ref>/send/", views.plan_send, name="plan-send"),
    path("dispatch/day/plans/<uuid:ref>/discard/", views.plan_discard, name="plan-discard"),
    path("dispatch/orders/<uuid:ref>/why/", why_views.order_why, name="order-why"),
    path(
        "dispatch/workers/<uuid:ref>/absence/<int:pk>/replacements/",
        repair_views.absence_replace,
        name="absence-replace",
    ),
]
