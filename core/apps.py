from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Messages and history")

    def ready(self) -> None:
        from core import checks, guards, tasks  # noqa: F401, PLC0415 - the app registry must be ready

        post_migrate.connect(guards.install_after_migrate, dispatch_uid="install-guards")
        post_migrate.connect(tasks.install_after_migrate, dispatch_uid="install-schedules")
