"""Start page, ordering, the customer's orders, the office's customers."""

from django.urls import path

from orders.customers import views as customer_views
from orders.imports import urls as import_urls
from orders.ordering import my_orders_views, views

app_name = "orders"
urlpatterns = [
    path("", views.home, name="home"),
    path("order/", views.order_new, name="order-new"),
    path("order/places/", views.order_places, name="order-places"),
    path("order/check/", views.order_check, name="order-check"),
    path("orders/", my_orders_views.my_orders, name="my-orders"),
    path("sites/", customer_views.my_sites, name="my-sites"),
    path("orders/<uuid:ref>/reorder/", my_orders_views.reorder, name="reorder"),
    path("o/<str:token>/reorder/", my_orders_views.reorder_link, name="reorder-link"),
    path("customers/", customer_views.customer_list, name="customer-list"),
    path("customers/new/", customer_views.customer_new, name="customer-new"),
    path("customers/<uuid:ref>/", customer_views.customer_detail, name="customer-detail"),
    path("customers/<uuid:ref>/edit/", customer_views.customer_edit, name="customer-edit"),
    path(
        "customers/<uuid:ref>/discount/",
        customer_views.customer_discount,
        name="customer-discount",
    ),
    path("sites/<uuid:ref>/", customer_views.site_edit, name="site-edit"),
    *import_urls.urlpatterns,
]
