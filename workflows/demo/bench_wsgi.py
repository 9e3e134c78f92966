"""The application as it is served, with the views that the measurement compares with."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mla.settings")

from django.conf import settings

settings.ROOT_URLCONF = "workflows.web.bench"
settings.MIDDLEWARE = ["workflows.web.bench.CountQueries", *settings.MIDDLEWARE]

from mla.wsgi import application  # noqa: E402, F401
