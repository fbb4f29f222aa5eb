from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and messages")

    def ready(self) -> None:
        from accounts import checks, guards  # noqa: F401, PLC0415 - app registry must be ready

        post_migrate.connect(guards.install_after_migrate, dispatch_uid="install-guards")
