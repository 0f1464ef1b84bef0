"""Somebody who wants their account back, and goes on from what they have when the server dies under them.

What a person has outlives the server: the cookies of the answers that arrived, the mails in the mailbox, and the
password that they typed with each link.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from retrouve.demo.mailbox import ReceivedMail
from tests.visitor import Visitor
from tests.web.conftest import CODE, LINK, plain

PORTAL = "essai"
CHANGED = "Mot de passe modifié"
UNDER_WAY = "Mise à jour en cours"
CHOOSE = "Choisir un nouveau mot de passe"
OBJECTION = re.compile(r"^(https?://\S+/pas-moi/\S+)$", re.MULTILINE)


@dataclass
class Memory:
    cookies: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    proof: str = ""  # the link (or the mail, for a code) that the browser opened last
    typed: dict[str, str] = field(default_factory=dict)  # by proof: the password
    dead: list[str] = field(default_factory=list)  # links that said so
    looked: int = 0  # how often in vain, since the last ask
    told: str = ""  # the password that a page said is in force

    def keep(self, file: Path) -> None:
        unfinished = file.with_suffix(".part")
        unfinished.write_text(json.dumps(asdict(self)), "utf-8")
        unfinished.replace(file)

    @classmethod
    def of(cls, file: Path) -> Memory:
        return cls(**json.loads(file.read_text("utf-8"))) if file.exists() else cls()


@dataclass
class Person:
    identifier: str
    visitor: Visitor
    letters: Callable[[], list[ReceivedMail]]  # newest first
    memory: Memory
    patient: bool = True  # looks again at a wait page, where others ask anew
    by_code: bool = False
    looks: int = 1  # for a mail, before asking again
    keep: Callable[[], None] = lambda: None

    def step(self) -> None:
        """One thing that a person does. Any answer may fail to come: the next step begins with what is there."""
        if self.memory.proof in self.memory.typed and self.sees_what_became_of_it():
            return
        letter = self.newest_with_proof()
        if letter and self.proof_of(letter) not in self.memory.dead:
            self.use(letter)
        elif self.memory.asked and self.memory.looked < self.looks:
            self.memory.looked += 1
        else:
            self.ask()

    def newest_with_proof(self) -> ReceivedMail | None:
        return next((letter for letter in self.letters() if LINK.search(letter.text)), None)

    def proof_of(self, letter: ReceivedMail) -> str:
        return links_in([letter])[0]

    def ask(self) -> None:
        self.visitor.open(f"/{PORTAL}/oubli/")
        self.visitor.fill("Identifiant", self.identifier)
        self.visitor.press("Recevoir un courriel")
        self.memory.asked += 1
        self.memory.looked = 0
        self.keep()

    def use(self, letter: ReceivedMail) -> None:
        link = self.proof_of(letter)
        if self.by_code and not self.memory.typed and self.visitor.address == f"/{PORTAL}/code/":
            self.visitor.fill("Code de sécurité", code_in(letter))
            self.visitor.press("Vérifier le code")
        else:
            self.visitor.open(link)
        if self.visitor.heading == CHOOSE:
            self.choose(link)
        if self.visitor.status == 410:
            self.memory.dead.append(link)
            self.keep()

    def choose(self, link: str) -> None:
        """With each link a password of its own, so that two in force would be seen."""
        self.memory.proof = link
        password = self.memory.typed.setdefault(link, f"lanterne-bleue-{40 + len(self.memory.typed)}")
        self.keep()
        self.visitor.fill("Nouveau mot de passe", password)
        self.visitor.fill("Confirmer le mot de passe", password)
        self.visitor.press("Modifier le mot de passe")
        self.believe()

    def sees_what_became_of_it(self) -> bool:
        """True when there is nothing else to do for now."""
        self.visitor.open(f"/{PORTAL}/reussite/")
        self.believe()
        return bool(self.memory.told) or (self.patient and self.visitor.heading == UNDER_WAY)

    def believe(self) -> None:
        if self.visitor.heading == CHANGED:
            self.memory.told = self.memory.typed[self.memory.proof]
            self.keep()

    def signs_in(self, password: str) -> bool:
        self.visitor.open(f"/{PORTAL}/")
        self.visitor.fill("Identifiant", self.identifier)
        self.visitor.fill("Mot de passe", password)
        self.visitor.press("Se connecter")
        if self.visitor.heading == "Vous êtes connecté":
            return True
        assert "ne vont pas ensemble" in self.visitor.text, self.visitor.text
        return False


def code_in(letter: ReceivedMail) -> str:
    found = CODE.search(plain(letter.text))
    assert found, letter.text
    return found[1]


def links_in(letters: list[ReceivedMail]) -> list[str]:
    return [found[1] for letter in letters if (found := LINK.search(letter.text))]


def objections_in(letters: list[ReceivedMail]) -> list[str]:
    return [found[1] for letter in letters if (found := OBJECTION.search(letter.text))]


def works(link: str, visitor: Visitor) -> bool:
    """Opening a link consumes nothing."""
    visitor.open(link)
    assert visitor.status in (200, 410), visitor.text
    return visitor.status == 200


def cookies_of(client: Any) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items() if morsel.value}
