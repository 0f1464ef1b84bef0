"""What a browser does with a page into which somebody got markup of theirs, or which they put into a frame."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.walks.demonstration import Demonstration, link_in

pytestmark = pytest.mark.walk

PAGES = [
    "/leo/",
    "/leo/aide/",
    "/metamots/oubli/",
    "/nouvelle-aquitaine/qui/",
    "/nouvelle-aquitaine/oubli/usagers/",
    "/nouvelle-aquitaine/support/",
    "/creos/nulle-part/",
]
# Each tries to run a script, to reach another host, or to send what is typed elsewhere.
INJECTION = """
<base href="http://127.0.0.1:1/">
<script>window.ran = "script"</script>
<script src="data:text/javascript,window.ran='data'"></script>
<img src="x" onerror="window.ran = 'onerror'">
<img src="http://127.0.0.1:1/pixel">
<svg onload="window.ran = 'svg'"></svg>
<style>body { background: url(http://127.0.0.1:1/style) }</style>
<link rel="stylesheet" href="http://127.0.0.1:1/sheet.css">
<iframe src="http://127.0.0.1:1/frame"></iframe>
<iframe srcdoc="<script>parent.ran = 'srcdoc'</script>"></iframe>
<object data="http://127.0.0.1:1/object"></object>
<a id="planted-link" href="javascript:void(window.ran = 'link')">link</a>
<form id="planted-form" action="http://127.0.0.1:1/taken" method="post"><button>send</button></form>
"""


def planted(route: Route, asked: list[str], *, with_policy: bool) -> None:
    """The server's own answer with markup added, as a hole in a template would add it."""
    request = route.request
    if request.url.startswith("http://127.0.0.1:1/"):
        asked.append(request.url)
        route.abort()
    elif request.resource_type != "document":
        route.continue_()
    else:
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name not in UNLESS[with_policy]}
        route.fulfill(response=answer, headers=headers, body=answer.text().replace("<main", INJECTION + "<main", 1))


SUBMIT = "document.getElementById('planted-form').submit()"
UNLESS = {True: {"content-length"}, False: {"content-length", "content-security-policy"}}


def harm(page: Page, address: str, *, with_policy: bool = True) -> list[str]:
    """What the planted markup achieved."""
    asked: list[str] = []
    page.unroute_all()
    page.route("**/*", lambda route: planted(route, asked, with_policy=with_policy))
    page.goto(address)
    page.locator("#planted-link").dispatch_event("click")
    if with_policy:
        page.wait_for_timeout(200)
    else:
        page.wait_for_function("window.ran")
    ran = page.evaluate("window.ran")
    if with_policy:
        page.evaluate(SUBMIT)
        page.wait_for_timeout(100)
    else:
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/taken")):
            page.evaluate(SUBMIT)
    return [*asked, *([f"ran: {ran}"] if ran else [])]


def test_a_planted_injection_is_inert_on_every_page__att_33(demo: Demonstration, chromium: Browser):
    page = chromium.new_page(locale="fr-FR")
    assert {address: harm(page, demo.base + address) for address in PAGES} == {address: [] for address in PAGES}
    page.unroute_all()
    page.goto(f"{demo.base}/leo/aide/")
    page.get_by_text("Vous avez perdu votre mot de passe ?").click()
    page.get_by_label("Identifiant").fill("adelle.adms")
    page.get_by_role("button", name="Envoyer", exact=True).click()
    assert harm(page, link_in(demo.wait_for_mail(1))) == []
    page.close()


def test_the_same_injection_does_harm_without_the_policy(demo: Demonstration, chromium: Browser):
    page = chromium.new_page(locale="fr-FR")
    done = harm(page, demo.base + PAGES[0], with_policy=False)
    assert any(one.startswith("ran: ") for one in done)
    for what in ("pixel", "style", "sheet.css", "frame", "object", "taken"):
        assert f"http://127.0.0.1:1/{what}" in done
    page.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path, demo: Demonstration) -> Iterator[str]:
    """Another site, with one page that frames each of ours."""
    frames = "".join(f'<iframe src="{demo.base}{address}"></iframe>' for address in PAGES)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/index.html").write_text(frames + '<iframe srcdoc="<h1>seen</h1>"></iframe>', "utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "elsewhere")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def test_no_page_of_ours_shows_in_a_frame__att_32(elsewhere: str, chromium: Browser):
    page = chromium.new_page(locale="fr-FR")
    page.goto(elsewhere)
    page.wait_for_load_state("networkidle")
    assert seen_in(page) == ["seen"]
    page.close()


def test_frames_would_show_without_the_headers(elsewhere: str, chromium: Browser):
    page = chromium.new_page(locale="fr-FR")
    page.route("**/*", without_headers)
    page.goto(elsewhere)
    page.wait_for_load_state("networkidle")
    assert len(seen_in(page)) == 1 + len(PAGES)
    page.close()


def seen_in(page: Page) -> list[str]:
    """The headings of all frames, but for the browser's own word that it blocked one."""
    headings = (heading.strip() for frame in page.frames for heading in frame.locator("h1").all_text_contents())
    return [heading for heading in headings if not heading.startswith("127.0.0.1 ")]


def without_headers(route: Route) -> None:
    route.fulfill(response=route.fetch(), headers={"content-type": "text/html"})
