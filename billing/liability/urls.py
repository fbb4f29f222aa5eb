"""Addresses of the papers of contractor's liability."""

from django.urls import path

from billing.liability import views

urlpatterns = [
    path("liability/", views.liability, name="liability"),
    path("liability/give/<uuid:ref>/", views.liability_give, name="liability-give"),
    path("liability/paper/<uuid:ref>/", views.liability_paper, name="liability-paper"),
    path("papers/", views.my_papers, name="my-papers"),
]
