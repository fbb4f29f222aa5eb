from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders.ordering.texts import order_text  # noqa: PLC0415 - apps load before texts
        from workers.worktime.texts import register_texts  # noqa: PLC0415

        register_texts(order_text)
