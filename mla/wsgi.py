import gc
import os

from django.core.wsgi import get_wsgi_application

from mla.core.garbage import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mla.settings")
application = get_wsgi_application()

keep_what_is_loaded()
gc.set_threshold(20_000, 20, 20)
