from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        # Imported here because the app registry must be ready; importing some of them registers.
        from billing import frame, panels, tasks  # noqa: F401, PLC0415
        from billing.dunning import services as dunning  # noqa: PLC0415
        from billing.hours import receivers  # noqa: F401, PLC0415
        from billing.invoices import delivery, document  # noqa: PLC0415
        from billing.models import guards  # noqa: F401, PLC0415
        from billing.payroll.texts import payroll_text  # noqa: PLC0415
        from billing.texts import billing_text  # noqa: PLC0415
        from core import book_checks, outbox, texts  # noqa: PLC0415

        frame.register()
        panels.register()
        book_checks.register("billing.books.checks.broken")
        outbox.register_attachment("invoice", document.invoice_attachment)
        outbox.register_attachment(dunning.KIND, dunning.reminder_attachment)
        outbox.register_carrier(delivery.KIND, delivery.carry)
        texts.register(billing_text)
        texts.register(payroll_text)
