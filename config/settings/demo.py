"""Demo: one machine, embedded database, mail written to files, fixed key (never for real data)."""

from config.settings.base import *  # noqa: F403 - settings inherit by star import, as Django's own

DEBUG = False
SECRET_KEY = "demo-only-key-never-for-real-data-0123456789abcdef"  # noqa: S105 - not a secret
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"  # noqa: F405
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
DEMO = True
