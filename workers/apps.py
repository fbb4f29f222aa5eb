from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkersConfig(AppConfig):
    name = "workers"
    verbose_name = _("Workers")

    def ready(self) -> None:
        # Imported here because the app registry must be ready; importing guards registers them.
        from core import texts  # noqa: PLC0415
        from workers.models import guards  # noqa: F401, PLC0415
        from workers.worktime.texts import worker_text  # noqa: PLC0415

        texts.register(worker_text)
