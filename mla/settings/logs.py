"""The log: one JSON object a line on standard error in production, plain lines elsewhere."""

from __future__ import annotations

from typing import Any

import structlog

from mla.core.logs import error_places


def logging_settings(*, mode: str, level: str) -> dict[str, Any]:
    """Return Django's LOGGING. In production the texts of errors are left out, see mla.core.logs."""
    production = mode == "production"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_error_texts": {"()": "mla.core.logs.WithoutErrorTexts"}},
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                ],
                "processors": [
                    error_places,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            },
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if production else "plain",
                "filters": ["without_error_texts"] if production else [],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "fontTools": {"level": "ERROR"},
            "weasyprint": {"level": "ERROR"},
            # At INFO it tells each step it takes.
            "axes": {"level": "WARNING"},
            # Django's own console and mail handlers would write past ours.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
        },
    }
