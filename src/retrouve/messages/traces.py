"""Events of the audit trail as other programs read them: JSON lines, and the Common Event Format (version 0)."""

from __future__ import annotations

import json

from retrouve import __version__
from retrouve.domain.audit_events import AuditEvent, Trace

ORDINARY, NOTABLE, SERIOUS = 3, 5, 8  # of 10, as CEF counts

SEVERITIES = {
    AuditEvent.CODE_WRONG: NOTABLE,
    AuditEvent.SIGN_IN_FAILED: NOTABLE,
    AuditEvent.RECOVERY_LIMITED: NOTABLE,
    AuditEvent.PROOF_LIMITED: NOTABLE,
    AuditEvent.SIGN_IN_LIMITED: NOTABLE,
    AuditEvent.SUPPORT_LIMITED: NOTABLE,
    AuditEvent.PROOF_REFUSED: NOTABLE,
    AuditEvent.PASSWORD_NOT_CHANGED: NOTABLE,
    AuditEvent.MAIL_REFUSED: NOTABLE,
    AuditEvent.CODE_BLOCKED: SERIOUS,
    AuditEvent.CHANGE_REPUDIATED: SERIOUS,
    AuditEvent.REMEMBERED_REUSED: SERIOUS,
}


def json_line(trace: Trace) -> str:
    """`ensure_ascii` also keeps U+2028 and the like from cutting a line in two."""
    return json.dumps(
        {
            "number": trace.number,
            "at": trace.at.isoformat(),
            "portal": trace.portal,
            "audience": trace.audience,
            "event": trace.event,
            "outcome": trace.outcome,
            "account": trace.account,
            "request": trace.request,
            "origin": trace.origin,
        }
    )


def cef_line(trace: Trace) -> str:
    severity = SEVERITIES.get(AuditEvent(trace.event), ORDINARY)
    name = trace.event.replace("_", " ")
    header = "|".join(map(in_header, ("Retrouve", "retrouve", __version__, trace.event, name, str(severity))))
    given = {
        "rt": str(int(trace.at.timestamp() * 1000)),
        "externalId": str(trace.number),
        "src": trace.origin.partition("/")[0],  # of an IPv6 subscriber, the network's own address
        "suid": trace.account,
        "outcome": trace.outcome,
        "cs1Label": "portal",
        "cs1": trace.portal,
        "cs2Label": "request" if trace.request else "",
        "cs2": trace.request,
        "cs3Label": "audience" if trace.audience else "",
        "cs3": trace.audience,
    }
    extension = " ".join(f"{key}={in_extension(value)}" for key, value in given.items() if value)
    return f"CEF:0|{header}|{extension}"


def in_header(value: str) -> str:
    return one_line(value).replace("\\", "\\\\").replace("|", "\\|")


def in_extension(value: str) -> str:
    return one_line(value).replace("\\", "\\\\").replace("=", "\\=")


def one_line(value: str) -> str:
    return " ".join(value.split())
