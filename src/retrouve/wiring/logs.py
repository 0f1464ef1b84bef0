"""Logs: structured, one event a line, and never a secret. The address of a request is not logged: it may hold one."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def logging_settings(level: str) -> dict[str, Any]:
    return {"level": level}


def start_logging(level: str) -> None:
    # What libraries tell at "debug" holds pages with all that was typed and shown (ATT-18): only we may be talkative.
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stdout)
    logging.getLogger("retrouve").setLevel(level.upper())
    logging.raiseExceptions = False  # a line that a full disk does not take must not cost somebody their page
    # Django names the path of a failed request, which may be a recovery link (ATT-18): `web` logs failures itself.
    for noisy in ("django.request", "django.server", "django.security", "saml2", "xmlschema"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
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
