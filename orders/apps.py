from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        # Imported here because the app registry must be ready.
        from core import texts  # noqa: PLC0415
        from orders import frame  # noqa: PLC0415
        from orders.customers.texts import customer_text  # noqa: PLC0415
        from orders.ordering.texts import order_text  # noqa: PLC0415

        frame.register()
        texts.register(customer_text)
        texts.register(order_text)
