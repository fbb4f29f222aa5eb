from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        # Imported here because the app registry must be ready; importing most of them registers.
        from billing import tasks, texts  # noqa: F401, PLC0415
        from billing.dunning import services as dunning  # noqa: PLC0415
        from billing.hours import receivers  # noqa: F401, PLC0415
        from billing.invoices import delivery, services  # noqa: PLC0415
        from billing.models import guards  # noqa: F401, PLC0415
        from billing.payroll import texts as payroll_texts  # noqa: F401, PLC0415
        from core import outbox  # noqa: PLC0415
        from workers.worktime.texts import register_texts  # noqa: PLC0415

        outbox.register_attachment("invoice", services.invoice_attachment)
        outbox.register_attachment(dunning.KIND, dunning.reminder_attachment)
        outbox.register_carrier(delivery.KIND, delivery.carry)
        register_texts(texts.billing_text)
