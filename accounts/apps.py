from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Imported here because the app registry must be ready.
        from accounts import frame, receivers  # noqa: F401, PLC0415

        frame.register()
