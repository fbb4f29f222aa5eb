"""Settings shared by every environment; nothing secret has a default here."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

DATA_DIR = Path(env("ASKARE_DATA", default=str(BASE_DIR / "data")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_q",
    # django_tables2 is used as a library: as an app it would bring psycopg into every process.
    "js_lib_bootstrap5",
    "js_lib_leaflet",
    "phonenumber_field",
    "core",
    "accounts",
    "workers",
    "orders",
    "dispatch",
    "billing",
    "reports",
]

# A proxy of ours stands before the program and writes whose request it is.
BEHIND_PROXY = False
MIDDLEWARE = [
    "accounts.middleware.ProxyAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.PrivateMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.NoNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SentFormsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    # Our own pages lose their indentation when they are compiled.
                    ["core.loaders.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": ["core.templatetags.askare"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.frame",
            ],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'askare.sqlite3'}")}
_db = DATABASES["default"]
if "sqlite" in _db["ENGINE"]:
    _db["ENGINE"] = "core.sqlite3"  # queues before the write lock
    # IMMEDIATE + FULL + persistent connections: no "database is locked" and no acknowledged
    # write lost at a power cut; the measurements are in docs/adr/0003-databases-and-locking.md.
    _db["CONN_MAX_AGE"] = None
    _db["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
    }
else:
    _db["CONN_MAX_AGE"] = 60
    _db["CONN_HEALTH_CHECKS"] = True

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Askare"
# Addresses are given by the office: nobody confirms one before securing the account.
MFA_ALLOW_UNVERIFIED_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# Guessing at one person from many addresses ends too, but a handful of wrong tries by a stranger
# locks nobody out: those are counted by axes for the stranger's own address.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,50/3600s/key"}
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.adapter.tried_login"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "fi"
LANGUAGES = [
    ("fi", "Suomi"),
    ("fi-easy", "Helppo suomi"),
    ("sv", "Svenska"),
    ("en", "English"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = None
TIME_ZONE = "Europe/Helsinki"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False
PHONENUMBER_DEFAULT_REGION = "FI"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Style sheets and scripts are written in parts and served as one; the joined files lie here.
STATIC_BUILD = DATA_DIR / "static-build"
STATICFILES_FINDERS = [
    "core.staticfiles.PartsFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "gz", "png", "jpg", "woff2")
MEDIA_ROOT = DATA_DIR / "files"

REDIS_URL = env("REDIS_URL", default="")
# The queue is only a bell: the outbox table holds the truth (docs/adr/0004-queue-as-bell.md).
Q_CLUSTER = {
    "name": "askare",
    "workers": env.int("ASKARE_QUEUE_WORKERS", default=2),
    "timeout": 60,
    "retry": 90,
    "max_attempts": 1,
    "ack_failures": True,
    "queue_limit": 2,
    "bulk": 1,
    "catch_up": False,
    "save_limit": 250,
    "label": "Queue",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default", "poll": 1}),
}

DEFAULT_FROM_EMAIL = env("ASKARE_FROM_EMAIL", default="Askare <palvelu@askare.example>")
EMAIL_TIMEOUT = 30
# How e-invoices reach the operator: a folder that its program empties, its mailbox, or its API.
EINVOICE_BACKEND = env("ASKARE_EINVOICE_BACKEND", default="billing.invoices.delivery.FolderBackend")
EINVOICE_FOLDER = Path(env("ASKARE_EINVOICE_FOLDER", default=str(DATA_DIR / "einvoices")))
EINVOICE_EMAIL = env("ASKARE_EINVOICE_EMAIL", default="")
EINVOICE_URL = env("ASKARE_EINVOICE_URL", default="")
EINVOICE_TOKEN = env("ASKARE_EINVOICE_TOKEN", default="")
EINVOICE_TIMEOUT_S = 20.0
# Public address for links in messages, without a trailing slash.
SITE_URL = env("ASKARE_SITE_URL", default="http://127.0.0.1:8000")
# geopy geocoder: "postal" works offline from the shipped postal-code table; "nominatim" and
# "photon" call the server named in ASKARE_GEOCODER_URL.
GEOCODER = env("ASKARE_GEOCODER", default="postal")
GEOCODER_URL = env("ASKARE_GEOCODER_URL", default="")
# A road server that speaks OSRM's table service, for plans; empty: straight line with a detour.
ROADS_URL = env("ASKARE_ROADS_URL", default="")
# Our ways to travel -> the server's profiles; the others keep the straight line.
ROADS_PROFILES = env.dict("ASKARE_ROADS_PROFILES", default={"car": "driving"})
ROADS_TIMEOUT_S = 3.0
# Engagement kinds this legal form may run; a company may not organise rehabilitative work.
ENGAGEMENT_KINDS = env.list(
    "ASKARE_ENGAGEMENT_KINDS",
    default=[
        "employment",
        "pay_subsidy",
        "work_trial",
        "apprenticeship",
        "training_agreement",
        "school_practice",
    ],
)

DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
SILENCED_SYSTEM_CHECKS: list[str] = []
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.log_lines.Formatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}, "django-q": {"level": "WARNING"}},
}
