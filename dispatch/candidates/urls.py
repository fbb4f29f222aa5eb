"""Addresses of the order form that show what only dispatch knows."""

from django.urls import URLPattern, path

from dispatch.candidates import hint_views

urlpatterns: list[URLPattern] = [
    path("order/when/", hint_views.order_when, name="order-when"),
    path("order/estimate/", hint_views.order_estimate, name="order-estimate"),
]
