"""What a run of the tests does once, as an installation does, and not anew in every test."""

from __future__ import annotations

import gc
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.template.base import Template
from whitenoise.middleware import WhiteNoiseMiddleware

from workflows.documents import rendering

_render_pdf = rendering.render_pdf
_in_fork = rendering._in_fork
_find_files = WhiteNoiseMiddleware.add_files_from_finders
#: The static files, by the settings that they were found with.
_found: dict[str, dict[str, Any]] = {}
_preloaded: list[bool] = []


def look_less_for_garbage() -> None:
    """Look for garbage seldom, and never among the modules: tests leave little, and there are many objects to look through."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, *gc.get_threshold()[1:])


def keep_no_contexts() -> None:
    """Let templates tell the test client nothing: it copies the context of each part of each page, which nobody reads."""
    Template._render = _render_template  # type: ignore[attr-defined]


def _render_template(self: Template, context: Any) -> Any:
    return self.nodelist.render(context)


def find_static_files_once() -> None:
    """Each client of a test has a handler of its own, which would look through every folder of static files."""

    def find(self: WhiteNoiseMiddleware) -> None:
        key = repr((self.static_prefix, self.max_age, settings.STATICFILES_DIRS, settings.STATICFILES_FINDERS))
        if key not in _found:
            _find_files(self)
            _found[key] = self.files
        self.files = _found[key]

    WhiteNoiseMiddleware.add_files_from_finders = find


def load_every_page() -> None:
    """Before anything is patched: a page that is loaded while a function stands patched keeps the patched one for good.

    Only the process that makes the database would load them early (the checks before a migration do).
    """
    import_module(settings.ROOT_URLCONF)


def preload_the_renderer() -> None:
    """Before its first fork, as a worker does at its start: otherwise each fork imports WeasyPrint and loads the fonts."""

    def in_fork(work: Callable[[], rendering.RenderedPdf], **bounds: Any) -> rendering.RenderedPdf:
        if not _preloaded and rendering.render_pdf is _render_pdf:
            _preloaded.append(True)
            rendering.preload()
        return _in_fork(work, **bounds)

    rendering._in_fork = in_fork
