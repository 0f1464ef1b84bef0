"""The tests' own database: a real file for SQLite, so that threads can collide on it; one for each xdist worker."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.plugin import SCRATCH, STORE


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    if STORE == "sqlite":
        settings.DATABASES["default"]["TEST"]["NAME"] = str(SCRATCH / "tests.sqlite3")
