"""What it costs to sign somebody in for an application: the same sign-in, with and without OpenID Connect around it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.browser import Browser, WentWrongError
from bench.contender import OLD_PASSWORD, Cost
from bench.hashes import cpu_seconds_of_hashes
from bench.post import Post
from bench.retrouve_server import RetrouveContender

ROUNDS = 8
SIGN_INS = 12
WARM_UP = 6
BACK = "https://app.example.org/retour"
SECRET = "a-secret-of-the-bench"
APPLICATION = {
    "id": "app",
    "name": {"fr": "Application", "en": "Application"},
    "home": "https://app.example.org/",
    "redirect": [BACK],
    "secret": "sha256:" + hashlib.sha256(SECRET.encode()).hexdigest(),
}
GOES_ON = re.compile(r'<a class="button" href="([^"]+)"')


class SigningIn(RetrouveContender):
    def _configure(self, post: Post, more: dict[str, object], portal: dict[str, object]) -> None:
        super()._configure(post, more, {**portal, "application": [APPLICATION]})

    def plainly(self, number: int) -> None:
        browser = Browser(self._server.port)
        browser.open("/essai/")
        browser.send(username=f"personne.{number}", password=OLD_PASSWORD)
        browser.expect("Vous êtes connecté")

    def for_an_application(self, number: int) -> None:
        """The browser’s part, then the application’s: code, tokens, who it is."""
        browser, verifier = Browser(self._server.port), secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": "app", "redirect_uri": BACK, "scope": "openid profile email",
            "state": "s", "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        browser.open(f"/essai/oidc/authorize?{urlencode(asked)}")
        browser.send(username=f"personne.{number}", password=OLD_PASSWORD)
        leads_to = GOES_ON.search(browser.text)
        if leads_to is None:
            raise WentWrongError(f"{browser.address} leads nowhere")
        code = parse_qs(urlsplit(leads_to[1].replace("&amp;", "&")).query)["code"][0]
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
        pair = base64.b64encode(f"app:{SECRET}".encode()).decode()
        tokens = self.ask("token", {"Authorization": f"Basic {pair}"}, urlencode(given).encode())
        told = self.ask("userinfo", {"Authorization": f"Bearer {tokens['access_token']}"}, None)
        if told.get("preferred_username") != f"personne.{number}":
            raise WentWrongError("the application was told of somebody else")

    def ask(self, page: str, headers: dict[str, str], body: bytes | None) -> dict[str, str]:
        request = urllib.request.Request(f"{self._server.base}/essai/oidc/{page}", body, headers)  # noqa: S310  ours
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  as above
            told: dict[str, str] = json.load(answer)
        return told


@dataclass(frozen=True)
class SignInCosts:
    """CPU milliseconds, medians of the rounds."""

    bare_hash: float
    plainly: float
    for_an_application: float


def measure_sign_ins(cost: Cost) -> SignInCosts:
    with tempfile.TemporaryDirectory() as scratch:
        contender, post = SigningIn(Path(scratch) / "retrouve"), Post(Path(scratch) / "mails")
        contender.start(post, cost, ROUNDS * SIGN_INS + WARM_UP)
        try:
            for number in range(WARM_UP):
                contender.plainly(number)
                contender.for_an_application(number)
            rounds = [one_round(contender, cost, number) for number in range(ROUNDS)]
        finally:
            contender.stop()
            post.stop()
    return SignInCosts(*(median(one[column] for one in rounds) for column in range(3)))


def one_round(contender: SigningIn, cost: Cost, number: int) -> tuple[float, float, float]:
    """In turns: a machine that slows down for a while slows all three."""
    spent = [0.0, 0.0, 0.0]
    for person in range(WARM_UP + number * SIGN_INS, WARM_UP + (number + 1) * SIGN_INS):
        spent[0] += cpu_seconds_of_hashes(cost, 1) / 2  # it counts two
        for column, sign_in in ((1, contender.plainly), (2, contender.for_an_application)):
            before = contender.cpu_seconds()
            sign_in(person)
            spent[column] += contender.cpu_seconds() - before
    bare, plainly, for_an_application = (one / SIGN_INS * 1000 for one in spent)
    return bare, plainly, for_an_application


def sign_in_table(cost: Cost, costs: SignInCosts) -> str:
    return "\n".join(
        [
            f"Signing in. Argon2id: {cost}. The hash alone: {costs.bare_hash:.1f} ms of CPU.",
            "",
            f"{'':20}{'CPU a sign-in':>15}{'beside the hash':>18}{'the hash is':>13}",
            *(
                f"{name:20}{spent:12.1f} ms{spent - costs.bare_hash:15.1f} ms{costs.bare_hash / spent:12.0%}"
                for name, spent in (("plainly", costs.plainly), ("for an application", costs.for_an_application))
            ),
        ]
    )
