"""Production: everything that differs comes from the environment (see .env.example)."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403 - settings inherit by star import

DEBUG = False
DEMO = False
SECRET_KEY = env("SECRET_KEY")  # noqa: F405
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # noqa: F405
if "demo-only" in SECRET_KEY or "change-me" in SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is the example value: make your own, 50 characters or more"
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")  # noqa: F405
SITE_URL = env("ASKARE_SITE_URL")  # noqa: F405
CSRF_TRUSTED_ORIGINS = [SITE_URL]
EMAIL_CONFIG = env.email("EMAIL_URL")  # noqa: F405
if EMAIL_CONFIG["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_CONFIG["EMAIL_BACKEND"] = "core.smtp.EmailBackend"
vars().update(EMAIL_CONFIG)

SECURE_SSL_REDIRECT = env.bool("ASKARE_SSL_REDIRECT", default=True)  # noqa: F405
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
BEHIND_PROXY = env.bool("ASKARE_BEHIND_PROXY", default=False)  # noqa: F405
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
