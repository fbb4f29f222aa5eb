"""Addresses of the first page, the board and the coach's first page."""

from django.urls import URLPattern, path

from dispatch.board import views

urlpatterns: list[URLPattern] = [
    path("dispatch/", views.today, name="today"),
    path("dispatch/day/", views.day, name="day"),
    path("dispatch/day/week/", views.week_page, name="week"),
    path("dispatch/day/map/", views.day_map, name="day-map"),
    path("dispatch/workers/<uuid:ref>/day/", views.worker_day, name="worker-day"),
    path("coach/", views.coach_home, name="coach-home"),
]
