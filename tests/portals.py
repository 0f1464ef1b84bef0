"""The smallest portal on which everything can be done: tests change what they are about, the bench nothing."""

from __future__ import annotations

from typing import Any

SIMPLE: dict[str, Any] = {
    "name": "Essai",
    "languages": ["fr", "en"],
    "look": {"accent": "#0b5cad"},
    "sign_in": {"identifier": "username"},
    "recovery": {"identify_by": "all_of", "fields": ["username"], "proof": "link"},
    "password": {"min_length": 8, "require": ["letter", "digit"]},
    "mail": {"sender": "noreply@essai.example.org"},
    "support": {"address": "aide@essai.example.org"},
}
