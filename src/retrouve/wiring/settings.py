"""Django's settings, made from the configuration. Nothing of it is set anywhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from retrouve.wiring.configuration import LANGUAGES as SPOKEN
from retrouve.wiring.configuration import configuration
from retrouve.wiring.database import database_settings
from retrouve.wiring.logs import logging_settings

_server = configuration().server

SECRET_KEY = _server.secret_key.reveal()
DEBUG = False
BASE_URL = _server.base_url
SECURE = BASE_URL.startswith("https://")

ALLOWED_HOSTS = list(_server.allowed_hosts) + [
    host for portal in configuration().portals.values() for host in portal.hosts
]
ON_POSTGRESQL = _server.database_url.reveal().startswith("postgres")
ROOT_URLCONF = "retrouve.web.urls"
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "retrouve.records.apps.RecordsConfig",
    "retrouve.messages.apps.MessagesConfig",
    "retrouve.web.apps.WebConfig",
    *(["procrastinate.contrib.django"] if ON_POSTGRESQL else []),
]
MIDDLEWARE = [
    "retrouve.web.middleware.headers.SecurityHeaders",
    "retrouve.web.middleware.counting.CountAnswers",
    "retrouve.web.middleware.bytes.RefuseBadBytes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "retrouve.web.middleware.portal.ChoosePortal",
    "retrouve.web.middleware.language.ChooseLanguage",
    "retrouve.web.middleware.csrf.Csrf",
    "retrouve.web.middleware.work.WakeWorker",
    "retrouve.web.middleware.remembered.CarryRemembered",
    "retrouve.web.middleware.tab.StayInTab",
    "retrouve.web.middleware.faults.AnswerFaults",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["retrouve.web.context.page"]},
    }
]

DATABASES = {"default": database_settings(_server.database_url)}

LANGUAGE_CODE = "fr"
LANGUAGES = list(SPOKEN.items())
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False

# A flood of fields or bytes is refused before anything reads it (ATT-42); `RefuseBadBytes` answers 413 first.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400  # `RefuseBadBytes` allows that many to those who help, and 40 to others
DATA_UPLOAD_MAX_NUMBER_FILES = 1  # and a file to those alone

COOKIE_PREFIX = "__Host-" if SECURE else ""
CSRF_COOKIE_NAME = COOKIE_PREFIX + "csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # with the browser: a form left open overnight still works
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(BASE_URL))]  # as seen before any proxy
CSRF_TRUSTED_ORIGINS += [f"https://{host}" for portal in configuration().portals.values() for host in portal.hosts]
CSRF_FAILURE_VIEW = "retrouve.web.views.errors.stale_form"

LOGGING_CONFIG = None
LOGGING = logging_settings(_server.log_level)
