"""The words and addresses of the current portal, for templates."""

from __future__ import annotations

import re

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import Portal
from retrouve.domain.texts import Text
from retrouve.messages import wording
from retrouve.web import page
from retrouve.web.page import reader_language
from retrouve.web.page_left import leading_to
from retrouve.web.tabs import in_tab

register = template.Library()

LINK = re.compile(r"\[([^\]\[]{1,200})\]\(([^()\s]{1,200})\)")


@register.simple_tag(takes_context=True)
def phrase(context: Context, name: str, **values: object) -> str:
    """The portal's sentence called `name`, in the reader's language."""
    return wording.phrase(context["portal"], Phrase(name), reader_language(), **values)


@register.simple_tag(takes_context=True)
def page_url(context: Context, name: str, query: str = "") -> str:
    """The address of a page of the portal, in this tab. `ask` is where this person's recovery begins."""
    portal: Portal = context["portal"]
    to = start_of_recovery(portal) if name == "ask" else leading_to(portal, name, context["page_left"])
    return in_tab(context["tab"], f"{to}?{query}" if query else to)


@register.simple_tag(takes_context=True)
def in_tab_url(context: Context, name: str, *arguments: str) -> str:
    """The address of a page that has something of its own in it."""
    return in_tab(context["tab"], page.page_url(context["portal"], name, *arguments))


@register.simple_tag(takes_context=True)
def bare_url(context: Context, name: str) -> str:
    """To which something is added, or which is no page to go on from."""
    return page.page_url(context["portal"], name)


def start_of_recovery(portal: Portal) -> str:
    if portal.audience:
        return page.page_url(portal, "ask", portal.audience)
    return page.page_url(portal, "recover")


@register.filter
def in_words(text: Text | None) -> str:
    return text.in_language(reader_language()) if text else ""


@register.simple_tag(takes_context=True)
def rich(context: Context, text: Text | None) -> SafeString:
    """A portal's own text: everything escaped, but for its `[label](target)` links."""
    pieces = LINK.split(in_words(text))
    # `split` gives text, label, target, text, label, target, …, text.
    linked = zip(pieces[0::3], [*pieces[1::3], ""], [*pieces[2::3], ""], strict=True)
    return format_html_join("", "{}{}", ((before, anchor(context, label, to)) for before, label, to in linked))


def anchor(context: Context, label: str, target: str) -> SafeString | str:
    if not target:
        return ""
    return format_html('<a href="{}">{}</a>', address_of(context, target), label)


def address_of(context: Context, target: str) -> str:
    """A target of a portal's text: one of its pages, or an address that `config` has checked."""
    return target if "://" in target else page_url(context, "ask" if target == "recover" else target)
