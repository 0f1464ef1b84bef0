"""Somebody without JavaScript: reads headings, follows links, fills fields by their labels, presses buttons by their
words. What cannot be reached that way cannot be reached by a person."""

from __future__ import annotations

from urllib.parse import urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from django.test import Client

FORM = "application/x-www-form-urlencoded"
MOST_REDIRECTS = 5


class Visitor:
    def __init__(self) -> None:
        self.client = Client()
        self.status = 0
        self.address = "/"
        self.page = BeautifulSoup("", "html.parser")
        self.filled: dict[str, str | None] = {}

    # Moving about

    def open(self, address: str) -> None:
        parts = urlsplit(address)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self._take(self.client.get(target), target)

    def follow(self, words: str) -> None:
        self.open(urljoin(self.address, str(self.link(words)["href"])))

    def press(self, words: str) -> None:
        button = self.button(words)
        form = self._form_of(button)
        data = self._fields_of(form)
        if button.get("name"):
            data[str(button["name"])] = str(button.get("value", ""))
        action = urljoin(self.address, str(form.get("action") or self.address))
        self._take(self.client.post(action, urlencode(data), content_type=FORM), action)

    def _take(self, answer, address: str) -> None:
        for _ in range(MOST_REDIRECTS):
            if answer.status_code not in (301, 302, 303):
                break
            address = urljoin(address, answer.headers["Location"])
            if urlsplit(address).netloc:
                break  # to another site
            answer = self.client.get(address)
        self.status, self.address = answer.status_code, address
        self.headers = answer.headers
        self.page = BeautifulSoup(answer.content, "html.parser")
        self.filled = {}

    # Filling

    def fill(self, label: str, value: str) -> None:
        self.filled[str(self.field(label)["name"])] = value

    def choose(self, label: str) -> None:
        """A radio button, a box to tick or a line of a list."""
        option = next((one for one in self.page.find_all("option") if words_of(one) == label), None)
        if option:
            self.filled[str(option.find_parent("select")["name"])] = str(option["value"])
        else:
            field = self.field(label)
            self.filled[str(field["name"])] = str(field.get("value", "on"))

    def field(self, label: str) -> Tag:
        for one in self.page.find_all("label"):
            if words_of(one).removesuffix("*") == label:
                return self.page.find(id=one["for"])
        raise AssertionError(f"no field « {label} » among {[words_of(one) for one in self.page.find_all('label')]}")

    def error_beside(self, label: str) -> str:
        """The sentence that a screen reader gives with this field."""
        told = (self.field(label).get("aria-describedby") or "").split()
        return " ".join(words_of(self.page.find(id=one)) for one in told if one.endswith("_error"))

    def _fields_of(self, form: Tag) -> dict[str, str]:
        data = {str(field["name"]): value for field in self._all_fields(form) if (value := value_of(field)) is not None}
        data.update({name: value for name, value in self.filled.items() if value is not None})
        return data

    def _all_fields(self, form: Tag) -> list[Tag]:
        return [one for one in form.find_all(["input", "select", "textarea"]) if one.get("name")]

    def _form_of(self, button: Tag) -> Tag:
        return self.page.find(id=button["form"]) if button.get("form") else button.find_parent("form")

    # Reading

    @property
    def heading(self) -> str:
        return words_of(self.page.h1)

    @property
    def title(self) -> str:
        return words_of(self.page.title)

    @property
    def text(self) -> str:
        return words_of(self.page.main or self.page)

    def link(self, words: str) -> Tag:
        return self._one_called(words, "a")

    def button(self, words: str) -> Tag:
        return self._one_called(words, "button")

    def _one_called(self, words: str, kind: str) -> Tag:
        found = [one for one in self.page.find_all(kind) if words_of(one) == words]
        if not found:
            raise AssertionError(f"no {kind} « {words} » among {[words_of(one) for one in self.page.find_all(kind)]}")
        return found[0]


def words_of(element: Tag | None) -> str:
    """As a person reads it: no-break spaces are spaces."""
    return " ".join(element.get_text(" ").split()) if element else ""


def value_of(field: Tag) -> str | None:
    if field.name == "select":
        chosen = field.find("option", selected=True) or field.find("option")
        return str(chosen["value"]) if chosen else None
    if field.name == "textarea":
        return field.get_text().lstrip("\n")
    if field.get("type") in ("radio", "checkbox"):
        return str(field.get("value", "on")) if field.has_attr("checked") else None
    return str(field.get("value", ""))
