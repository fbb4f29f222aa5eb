"""Addresses of the books."""

from django.urls import path

from billing.books import views

urlpatterns = [
    path("finance/books/", views.books, name="books"),
    path("finance/books/rows/", views.books_rows, name="books-rows"),
    path("finance/books/open/", views.books_open, name="books-open"),
    path(
        "finance/books/<str:name>-<int:year>-<int:month>.csv",
        views.books_file,
        name="books-file",
    ),
    path("finance/books/open.csv", views.books_open_file, name="books-open-file"),
]
