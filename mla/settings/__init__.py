"""Django settings. MLA_MODE is development (default), test or production; see env.py."""

from __future__ import annotations

import logging
import os
import sysconfig
from datetime import timedelta

import dj_database_url
from csp.constants import NONCE
from whitenoise.compress import Compressor

from mla.settings.env import BASE_DIR, Env
from mla.settings.logs import logging_settings
from mla.settings.sign_in import *  # noqa: F403
from mla.settings.stores import storage

ENV = Env.read()

DEBUG = False
DEMO = ENV.demo
SECRET_KEY = ENV.secret_key
ALLOWED_HOSTS = list(ENV.allowed_hosts) or ["localhost", "127.0.0.1", "testserver"]
ROOT_URLCONF = "mla.urls"
WSGI_APPLICATION = "mla.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("ar", "العربية"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("ru", "Русский"),
    ("zh-hans", "中文"),
]
#: Laid out from their side, with English texts, until their catalogue is complete (docs/languages.md).
LANGUAGES_WITHOUT_TEXTS = frozenset({"ar", "es", "fr", "ru", "zh-hans"})
LOCALE_PATHS = [BASE_DIR / "locale"]

# The only place, with urls.py and celery.py, where mla names workflows, and only by string.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_fsm",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "mla.audit",
    "mla.reference",
    "mla.accounts",
    "workflows.engine",
    "workflows.drafting",
    "workflows.lifecycle",
    "workflows.documents",
    "workflows.exchange",
    "workflows.tracking",
    "workflows.notifying",
    "workflows.web",
    "workflows.demo",
]

MIDDLEWARE = [
    "mla.core.logs.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "workflows.web.compress.CompressMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mla.core.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "workflows.web.session_limits.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "workflows.web.middleware.DeskMiddleware",
    "axes.middleware.AxesMiddleware",
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
                "csp.context_processors.nonce",
                "workflows.web.context.frame",
            ],
            "string_if_invalid": "",
        },
    }
]

# --- PostgreSQL. The application's role owns nothing; MLA_ACT_AS_OWNER is set by migrate alone. ---
_database = dj_database_url.parse(
    ENV.database_owner_url if ENV.act_as_owner else ENV.database_url, conn_max_age=600, conn_health_checks=True
)
DATABASES = {
    "default": {
        **_database,
        "ATOMIC_REQUESTS": False,
        "TEST": {"NAME": f"test_{_database['NAME']}{os.environ.get('MLA_TEST_NAME', '')}"},
        "OPTIONS": {
            # A process that is suspended inside a transaction keeps its locks, on its job too, which nobody could
            # claim any more. Nothing of ours is idle for as long as a lease between two statements.
            # Questions here take milliseconds: compiling one costs more than it saves, and the planner would compile
            # many, since it prices each question to a row. What a list reads lies in memory or on a disk without arms.
            "options": f"-c idle_in_transaction_session_timeout={max(30, ENV.lease_seconds)}s"
            " -c jit=off -c random_page_cost=1.1",
            "application_name": "mla",
            **_database.get("OPTIONS", {}),
        },
    }
}
#: The role whose rights on audit and evidence the migrations take away.
DATABASE_APP_ROLE = dj_database_url.parse(ENV.database_url)["USER"]
DATABASE_OWNER_URL = ENV.database_owner_url

STORAGES = {
    "default": storage(ENV.storage_dir, ENV.storage_url, demo=ENV.demo),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENV.mode == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Elsewhere than in production no collectstatic is needed.
WHITENOISE_USE_FINDERS = ENV.mode != "production"
#: ClamAV's daemon, which looks at every annex before it is stored; empty: none (docs/operations.md).
CLAMD_ADDRESS = ENV.clamd_address

STATIC_URL = "static/"
# Maps of style sheets are read by a developer's tools alone, and take as long to compress as all the rest.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
# Bootstrap's wheel is a folder of plain files.
STATICFILES_DIRS = [("bootstrap", sysconfig.get_path("purelib") + "/bootstrap/css")]
STATIC_ROOT = BASE_DIR / "var" / "static" if ENV.mode == "production" else None

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "mla.accounts.backends.DeskBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:worklist"
SESSION_COOKIE_HTTPONLY = True
#: Whose session it was that is gone: workflows.web.session_limits.
WHOSE_COOKIE_NAME = "whose"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "workflows.web.views.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
if ENV.mode == "production":
    SECURE_SSL_REDIRECT = True
    # The proxy in front must set this header itself and let none through, see docs/operations.md.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Asked from inside, without TLS; it says nothing of any case.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    WHOSE_COOKIE_NAME = "__Host-whose"
    # W021: to be in the browsers' preload list is for the owner of the whole domain to decide.
    SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W021"]  # noqa: F405

# --- Nothing inline, nothing from elsewhere. Bootstrap's style sheet holds its icons as data: images. ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Celery executes, Redis only wakes: every effect is an OutboxJob row first. ---
CELERY_BROKER_URL = ENV.broker_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
# Celery would close the database's connection before and after every task, which costs more than the hint itself. A process
# keeps it; whether it still holds is asked before each task (mla/celery.py), for as long as CONN_MAX_AGE lets it live.
CELERY_DB_REUSE_MAX = CELERY_WORKER_MAX_TASKS_PER_CHILD
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
# Beat only hints: the relay runs any sweep that is late, so neither a lost nor a doubled hint matters.
CELERY_BEAT_SCHEDULE = {
    "run due sweeps": {"task": "engine.run_due_sweeps", "schedule": 30.0, "options": {"expires": 25}}
}
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "beat-schedule")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker waits for the broker for ever; Celery gives up after a hundred attempts.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SOFT_TIME_LIMIT = max(1, ENV.lease_seconds - 30) if ENV.lease_seconds > 60 else ENV.lease_seconds * 0.6
CELERY_TASK_TIME_LIMIT = max(2, ENV.lease_seconds - 15) if ENV.lease_seconds > 60 else ENV.lease_seconds * 0.8
# A web request must not wait for a broker that is away (0.06 s instead of 6 s).
CELERY_BROKER_CONNECTION_TIMEOUT = 0.3
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "socket_connect_timeout": 0.3,
    "socket_timeout": 0.5,
}
#: Seconds of a claim on a job, by the database's clock; longer than the hard time limit.
OUTBOX_LEASE_SECONDS = ENV.lease_seconds
#: Days after which what is known of a State is to be verified again: an own rule.
#: The file of the keys that sign letters; see workflows/documents/signing_keys.py.
SIGNING_CONFIG = ENV.signing_config
#: Where people outside reach this installation, for the address and QR code on letters; empty: none is printed.
PUBLIC_URL = ENV.public_url
PROFILE_STALE_DAYS = ENV.profile_stale_days
#: Hours for which a restricted case stays open to a person who is not named, and how often an hour one may ask for one.
BREAK_GLASS_HOURS = ENV.break_glass_hours
BREAK_GLASS_ATTEMPTS = ENV.break_glass_attempts
OUTBOX_MAX_ATTEMPTS = 8

LOGGING = logging_settings(mode=ENV.mode, level=ENV.log_level)
# Warnings of libraries become lines of the same form.
logging.captureWarnings(ENV.mode == "production")
