"""What browsers report of the content security policy: an extension, a proxy, or an attack that was stopped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from retrouve.journeys.take_report import may_report
from retrouve.web.page import origin_of
from retrouve.wiring import parts

MOST_AT_ONCE = 10
DIRECTIVE = re.compile(r"[a-z-]{1,40}")
HOST = re.compile(r"[a-z0-9.-]{1,100}")

log = structlog.get_logger()


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Keeps the directive and the host that was blocked, nothing else: addresses may hold secrets (ATT-18)."""
    if may_report(parts.keys(), origin=origin_of(request), now=timezone.now()):
        for directive, host in violations(request.body):
            log.warning("csp_violation", directive=directive, blocked=host)
    return HttpResponse(status=204)


def violations(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        reports = json.loads(body)
    except (ValueError, RecursionError):
        return
    for report in reports[:MOST_AT_ONCE] if isinstance(reports, list) else ():
        said = report.get("body") if isinstance(report, dict) else None
        if isinstance(said, dict):
            yield only(DIRECTIVE, said.get("effectiveDirective")), only(HOST, host_of(said.get("blockedURL")))


def host_of(address: object) -> str:
    try:
        return urlsplit(str(address)).hostname or ""
    except ValueError:
        return ""


def only(pattern: re.Pattern[str], said: object) -> str:
    return said if isinstance(said, str) and pattern.fullmatch(said) else ""
