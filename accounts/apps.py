from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and messages")

    def ready(self) -> None:
        from accounts import receivers  # noqa: PLC0415 - the app registry must be ready
        from core import (
            checks,  # noqa: PLC0415 - the app registry must be ready
            guards,  # noqa: PLC0415 - the app registry must be ready
            tasks,  # noqa: PLC0415 - the app registry must be ready
        )

        post_migrate.connect(guards.install_after_migrate, dispatch_uid="install-guards")
        post_migrate.connect(tasks.install_after_migrate, dispatch_uid="install-schedules")
