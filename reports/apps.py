from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        # Imported here because the app registry must be ready.
        from reports import frame  # noqa: PLC0415

        frame.register()
