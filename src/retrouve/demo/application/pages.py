"""The application's pages: a home with « Connexion » at the top right, and a page for those who are signed in."""

from __future__ import annotations

import secrets
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from retrouve.demo.application.relying_party import RefusedError, RelyingParty, SignedIn

MOST_BYTES = 64 * 1024
COOKIE = "creos-app"
PRIVATE = ("/documents",)

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --accent: #0b5cad; --line: #d7d9dd; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8ea; --paper: #17181a; --accent: #8cc0f5; --line: #3a3c40; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1.0625rem/1.6 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem;
  padding: 1rem clamp(1rem, 5vw, 4rem); border-block-end: 6px solid var(--accent); }
header b { font-size: 1.25rem; }
nav { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; }
main { max-width: 42rem; padding: 2rem clamp(1rem, 5vw, 4rem); }
a { color: var(--accent); }
h1 { line-height: 1.2; text-wrap: balance; }
.button { display: inline-block; padding: .625rem 1.25rem; border-radius: 4px; color: var(--paper);
  background: var(--accent); font-weight: 650; text-decoration: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
"""

PAGE = """<!doctype html>
<html lang="fr">
  <head>
    <meta charset="utf-8">
    <title>{title} - CREOS</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="data:,">
    <style>{style}</style>
  </head>
  <body>
    <header><b>CREOS</b><nav>{nav}</nav></header>
    <main><h1>{title}</h1>{content}</main>
  </body>
</html>
"""

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, relying_party: RelyingParty) -> None:
        super().__init__(("127.0.0.1", port), Pages)
        self.relying_party = relying_party


class Pages(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        sent = {name: values[0] for name, values in parse_qs(address.query).items()}
        try:
            self.answer(address.path, sent)
        except RefusedError:
            self.show("La connexion n’a pas abouti", OPEN_AGAIN, status=400)

    def answer(self, path: str, sent: dict[str, str]) -> None:
        match path:
            case "/":
                self.home()
            case "/connexion":
                self.sign_in(sent.get("vers", "/"))
            case "/retour":
                self.come_back(sent)
            case "/deconnexion":
                self.leave()
            case _ if path in PRIVATE:
                self.documents(path)
            case _:
                self.show("Cette page n’existe pas", '<p><a href="/">Revenir à l’accueil</a></p>', status=404)

    def do_POST(self) -> None:
        """What Retrouve's server says to ours: a session is over."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/fin" or not length.isdecimal() or int(length) > MOST_BYTES:
            self.send_error(400)
            return
        said = parse_qs(self.rfile.read(int(length)).decode("ascii", "replace"))
        try:
            self.server.relying_party.hear_of_sign_out(said.get("logout_token", [""])[0])
        except RefusedError:
            self.send_error(400)
            return
        self.send_response(200)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def home(self) -> None:
        person = self.person()
        words = f"<p>Bonjour {escape(person.name)}.</p>" if person else WELCOME
        self.show("Bienvenue sur CREOS", f'{words}<p><a href="/documents">Mes documents</a></p>')

    def documents(self, path: str) -> None:
        person = self.person()
        if person is None:
            self.go(f"/connexion?{urlencode({'vers': path})}")
            return
        self.show("Mes documents", f"<p>Les documents de <strong>{escape(person.name)}</strong> sont ici.</p>")

    def sign_in(self, target: str) -> None:
        """Retrouve leads here too (`initiate_login_uri`), for whoever had to go on from another device."""
        browser = self.browser() or secrets.token_urlsafe(32)
        wanted = target if target in ("/", *PRIVATE) else "/"
        self.go(self.server.relying_party.send(browser, wanted), browser=browser)

    def come_back(self, brought: dict[str, str]) -> None:
        person, target = self.server.relying_party.take_back(self.browser(), brought)
        browser = secrets.token_urlsafe(32)  # another name, now that it is worth something
        with self.server.relying_party.lock:
            self.server.relying_party.people[browser] = person
        self.go(target, browser=browser)

    def leave(self) -> None:
        person = self.person()
        if person is None:
            self.go("/")
            return
        with self.server.relying_party.lock:
            self.server.relying_party.people.pop(self.browser(), None)
        self.go(self.server.relying_party.way_out(person))

    def browser(self) -> str:
        kept = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        return kept.value if kept else ""

    def person(self) -> SignedIn | None:
        return self.server.relying_party.people.get(self.browser())

    def go(self, address: str, *, browser: str = "") -> None:
        self.send_response(303)
        self.send_header("Location", address)
        self.send_header("Cache-Control", "no-store")
        if browser:
            self.send_header("Set-Cookie", f"{COOKIE}={browser}; Path=/; HttpOnly; SameSite=Lax")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def show(self, title: str, content: str, *, status: int = 200) -> None:
        person = self.person()
        nav = (
            f'<span>{escape(person.name)}</span> <a href="/deconnexion">Déconnexion</a>'
            if person
            else '<a class="button" href="/connexion">Connexion</a>'
        )
        page = PAGE.format(title=title, style=STYLE, nav=nav, content=content).encode()
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """A log of addresses would hold codes."""


WELCOME = """
<p>Ceci est l’application CREOS de la démonstration : un site à part, dans son propre programme.
On s’y connecte par le service d’identité de CREOS.</p>
"""
OPEN_AGAIN = '<p>Rien n’est perdu.</p><p><a class="button" href="/connexion">Se connecter de nouveau</a></p>'
