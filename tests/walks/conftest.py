"""A demonstration for each test, and a real Chromium that nothing else than this machine may answer."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route, expect, sync_playwright

from tests.plugin import STORE, missing
from tests.servers.postgresql import create_database
from tests.walks.demonstration import Demonstration

PATIENCE = 60_000  # milliseconds: a machine with much else to do takes its time, and nothing is measured here
expect.set_options(timeout=PATIENCE)

JOURNAL = logging.getLogger("walks")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demonstration]:
    database = create_database(os.environ["RETROUVE_DATABASE_URL"]) if STORE == "postgresql" else None
    demonstration = Demonstration(tmp_path, database)
    demonstration.start()
    yield demonstration
    demonstration.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser of its own; any error that the browser tells of fails the test."""
    caplog.set_level(logging.INFO, JOURNAL.name)
    told: list[str] = []
    contexts = []

    def open_one(*, scripts: bool = True, width: int = 1280, **more: object) -> Page:
        size = {"width": width, "height": 900}
        still = "reduce"  # a colour that is still changing is none that axe can judge
        context = chromium.new_context(
            java_script_enabled=scripts, locale="fr-FR", viewport=size, reduced_motion=still, **more
        )
        context.set_default_timeout(PATIENCE)
        context.route("**/*", lambda route: only_here(route, told))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.extend(complaint(message)))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", tell_leaving)
        page.on("response", tell_arriving)
        page.on("requestfailed", tell_leaving)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert told == []


def tell_leaving(request: Request) -> None:
    """For whoever reads why a walk failed: where the browser went, and where it did not arrive."""
    if request.is_navigation_request():
        JOURNAL.info("%s %s %s", request.method, request.url, request.failure or "")


def tell_arriving(response: Response) -> None:
    if response.request.is_navigation_request():
        JOURNAL.info("%s %s", response.status, response.url)


def only_here(route: Route, told: list[str]) -> None:
    if route.request.url.startswith(("http://127.0.0.1:", "http://localhost:")):
        route.continue_()
    else:
        told.append(f"asked for {route.request.url}")
        route.abort()


def complaint(message: ConsoleMessage) -> list[str]:
    """What the console calls an error; a page that answers 410 or 429 on purpose is none."""
    expected = message.type != "error" or "Failed to load resource" in message.text
    return [] if expected else [message.text]
