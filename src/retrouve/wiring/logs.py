"""Logs: structured, one event a line, and never a secret. The address of a request is not logged: it may hold one."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def logging_settings(level: str) -> dict[str, Any]:
    return {"level": level}


def start_logging(level: str) -> None:
    logging.basicConfig(format="%(message)s", level=level.upper(), stream=sys.stdout)
    logging.raiseExceptions = False  # a line that a full disk does not take must not cost somebody their page
    # Django names the path of a failed request, which may be a recovery link (ATT-18): `web` logs failures itself.
    for noisy in ("django.request", "django.server", "django.security"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # several lines a job, none of them about a person
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
