from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from accounts import outbox  # noqa: PLC0415 - the app registry must be ready
        from billing import (  # noqa: F401, PLC0415 - registration
            delivery,
            guards,
            payments_guards,
            payroll_guards,
            payroll_texts,
            receivers,
            reminding,
            services,
            tasks,
            texts,
        )
        from workers.rule_texts import register_texts  # noqa: PLC0415

        outbox.register_attachment("invoice", services.invoice_attachment)
        outbox.register_attachment(reminding.KIND, reminding.reminder_attachment)
        outbox.register_carrier(delivery.KIND, delivery.carry)
        register_texts(texts.billing_text)
