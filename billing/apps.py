from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from billing import tasks, texts  # noqa: F401, PLC0415 - registration
        from billing.dunning import services as reminding  # noqa: F401, PLC0415 - registration
        from billing.hours import receivers  # noqa: F401, PLC0415 - registration
        from billing.invoices import (
            delivery,  # noqa: F401, PLC0415 - registration
            services,  # noqa: F401, PLC0415 - registration
        )
        from billing.models import (
            guards,  # noqa: F401, PLC0415 - registration
            payments_guards,  # noqa: F401, PLC0415 - registration
            payroll_guards,  # noqa: F401, PLC0415 - registration
        )
        from billing.payroll import texts as payroll_texts  # noqa: F401, PLC0415 - registration
        from core import outbox  # noqa: PLC0415 - the app registry must be ready
        from workers.worktime.texts import register_texts  # noqa: PLC0415

        outbox.register_attachment("invoice", services.invoice_attachment)
        outbox.register_attachment(reminding.KIND, reminding.reminder_attachment)
        outbox.register_carrier(delivery.KIND, delivery.carry)
        register_texts(texts.billing_text)
