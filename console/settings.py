"""All settings. Everything an operator may change is an environment variable (README, Reference)."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from console.environment import (
    data_dir,
    env,
    env_bool,
    env_int,
    env_list,
    env_mail_from,
    env_mail_server,
    env_secret,
    env_url,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = env_bool("SENDOFF_DEBUG")
VERSION = "0.1.0"
SANDBOX = env_bool("SENDOFF_SANDBOX")  # `make sandbox`: stand-ins in the place of outside services

# Where everything lives ------------------------------------------------------------------------
DATA_DIR = data_dir()
RESULTS_DIR = DATA_DIR / "results"
SPOOL_DIR = DATA_DIR / "spool"
WAREHOUSE_URL = env("SENDOFF_WAREHOUSE_URL", str(DATA_DIR / "warehouse"))
PORT = env_int("SENDOFF_PORT", 8000, minimum=1)
BASE_URL = env("SENDOFF_BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")

# Secrets ---------------------------------------------------------------------------------------
SECRET_KEY = env_secret("SENDOFF_SECRET_KEY", debug_default="only-for-development", debug=DEBUG)
ENCRYPTION_KEYS = env_secret(
    "SENDOFF_ENCRYPTION_KEYS",
    debug_default="b25seS1mb3ItZGV2ZWxvcG1lbnQtMDEyMzQ1Njc4OTA=",
    debug=DEBUG,
).split(",")

# Limits ----------------------------------------------------------------------------------------
ACCOUNT_ID = env_int("SENDOFF_ACCOUNT_ID", 1, minimum=1)  # the number before "/" in every API key
JOB_MEMORY = env("SENDOFF_JOB_MEMORY", "1GB")
JOB_TIMEOUT = env_int("SENDOFF_JOB_TIMEOUT", 3600, minimum=1)  # seconds of SQL per job
JOB_THREADS = env_int("SENDOFF_JOB_THREADS", 2, minimum=1)
ORPHAN_GRACE = env_int(
    "SENDOFF_ORPHAN_GRACE", JOB_TIMEOUT + 86_400, minimum=1
)  # seconds an unused table file is kept
RESULT_DAYS = env_int("SENDOFF_RESULT_DAYS", 7, minimum=1)  # how long a stored result is kept
SLOT_DAYS = env_int("SENDOFF_SLOT_DAYS", 90, minimum=1)  # how long a schedule's past slots are listed
PAUSE_AFTER_FAILURES = env_int("SENDOFF_PAUSE_AFTER_FAILURES", 5, minimum=1)  # of a schedule, in a row
IMPORT_MAX_BYTES = env_int(
    "SENDOFF_IMPORT_MAX_BYTES", 4 * 2**30, minimum=1
)  # of one import request, unpacked
LEASE_SECONDS = env_int("SENDOFF_LEASE_SECONDS", 30, minimum=3)
WORKERS = env_int("SENDOFF_WORKERS", 2, minimum=1)
ALLOW_PRIVATE_HOSTS = env_list("SENDOFF_ALLOW_PRIVATE_HOSTS")
MICROSOFT_CLIENT_ID = env("SENDOFF_MICROSOFT_CLIENT_ID")
MICROSOFT_CLIENT_SECRET = env("SENDOFF_MICROSOFT_CLIENT_SECRET")
MICROSOFT_AUTHORITY = env_url("SENDOFF_MICROSOFT_AUTHORITY", "https://login.microsoftonline.com")
GRAPH_URL = env_url("SENDOFF_GRAPH_URL", "https://graph.microsoft.com")
# In the place of every region's host, for tests.
CLEVERTAP_URL = env_url("SENDOFF_CLEVERTAP_URL", "") if env("SENDOFF_CLEVERTAP_URL") else ""
# What the operator names in a setting of its own is vouched for.
_named = [url for url in (MICROSOFT_AUTHORITY, GRAPH_URL, CLEVERTAP_URL) if url]
ALLOW_PRIVATE_HOSTS += [urlsplit(url).netloc for url in _named]
TD_DEFAULT_HOST = env("SENDOFF_TD_DEFAULT_HOST", "api.treasuredata.com")
GCS_ENDPOINT = env("SENDOFF_GCS_ENDPOINT", "https://storage.googleapis.com").rstrip("/")

# Mail: through a server, or kept in a folder that administrators read in the console ------------
MAIL_SERVER = env_mail_server("SENDOFF_SMTP_URL")
MAIL_FROM = env_mail_from("SENDOFF_MAIL_FROM", MAIL_SERVER, urlsplit(BASE_URL).hostname or "localhost")
MAILBOX_DIR = DATA_DIR / "mailbox"

# Site ------------------------------------------------------------------------------------------
_base = urlsplit(BASE_URL)
ALLOWED_HOSTS = [_base.hostname or "127.0.0.1", "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    # These attach accounts of other services to a user who is logged in; they log nobody in.
    "integrations.connectors.one_drive.backends.Business",
    "integrations.connectors.one_drive.backends.Personal",
]
SOCIAL_AUTH_PIPELINE = [
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "integrations.authentications.oauth.store.store",
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # TemplatesSetting looks for widgets among the apps
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_q",
    "social_django",
    "console.shell",
    "console.accounts",
    "console.warehouse",
    "console.notices",
    "console.workbench",
    "console.api",
    "console.operations",
    "integrations",
    "activations",
]

MIDDLEWARE = [
    "console.api.door.Door",  # first: /v3 knows no session, no CSRF and no redirect
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.shell.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "console.accounts.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.shell.context.shell",
            ],
            "builtins": ["console.shell.templatetags.shell"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database --------------------------------------------------------------------------------------
DATABASE_URL = env("DATABASE_URL", f"sqlite:///{DATA_DIR / 'sendoff.sqlite3'}")
try:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
except ValueError:
    raise ImproperlyConfigured(
        "DATABASE_URL is not a database's address. Use postgresql://user:password@host:5432/name, "
        "or leave it out for SQLite in SENDOFF_DATA_DIR."
    ) from None  # the reason quotes the URL, and so the password
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Without WAL, a wait and BEGIN IMMEDIATE, two workers lock each other out.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;",
    }

# Queue: a doorbell. The Job row is the truth (architecture, section 4) -------------------------
Q_CLUSTER = {
    "name": "sendoff",
    "orm": "default",
    "workers": WORKERS,
    "poll": 0.2,
    "timeout": 86_400,
    "retry": 90_000,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": 250,
    "catch_up": False,
    "label": "Sendoff queue",
}

# Static files: compressed and fingerprinted ----------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STATICFILES_DIRS = [BASE_DIR / "console" / "static"]

# Safety ----------------------------------------------------------------------------------------
_https = _base.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("SENDOFF_BEHIND_PROXY") else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"  # a sign-in's popup tells when it is done
CSRF_FAILURE_VIEW = "console.shell.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# A rule has some four fields and a segment up to 500 rules; a column of a parent segment five, and tables are wide.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "integrations.redaction.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("SENDOFF_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},  # a 404 is in the access log
        "pyiceberg": {"level": "WARNING"},  # it names its file reader at every table it opens
    },
}
