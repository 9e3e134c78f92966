import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mla.settings")
application = get_wsgi_application()


def keep_what_is_loaded() -> None:
    """Take what was loaded at the start out of the search for garbage: it stays as long as the process does.

    Each full search walked through all of it, in the middle of some page: 0.1 s there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


keep_what_is_loaded()
