"""The list of portals, and the mailbox where every mail of the demonstration arrives."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from retrouve.demo.mailbox import ReceivedMail, mails
from retrouve.demo.people import EVERYBODYS_PASSWORD, DemoAccount
from retrouve.demo.places import folder, mail_folder
from retrouve.demo.settling import everybody
from retrouve.domain.phrases import Phrase
from retrouve.journeys.applications import open_applications
from retrouve.messages.durations import PARIS, moment_in_words
from retrouve.messages.wording import phrase
from retrouve.web.page import page_url, reader_language
from retrouve.wiring.configuration import portals


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("Démonstration de Retrouve"),
        "portals": [
            {
                "name": portal.name,
                "tagline": phrase(portal, Phrase.SIGN_IN_TITLE, reader_language()),
                "url": page_url(portal, "sign_in"),
                "accent": portal.look.accent,
            }
            for portal in portals().values()
        ],
        "applications": [
            {"name": one.name.in_language(reader_language()), "url": one.home}
            for portal in portals().values()
            for one in open_applications(portal)
        ],
        "accounts": [shown_person(person) for person in everybody()],
        "password": EVERYBODYS_PASSWORD.reveal(),
        "mailbox_url": reverse("mailbox"),
    }
    return render(request, "demo/home.html", context)


def shown_person(person: DemoAccount) -> dict[str, str]:
    portal = portals()[person.portal]
    audience = portal.audience_named(person.audience)
    note = person.note or (audience.label.in_language(reader_language()) if audience else "")
    return {
        "portal": portal.name,
        "identifier": person.account.identifier,
        "email": person.account.email,
        "note": note,
    }


@require_safe
def mailbox_page(request: HttpRequest) -> HttpResponse:
    received = received_mails()
    context = {
        "title": _("Boîte aux lettres de la démonstration"),
        "mails": [shown_mail(index, mail) for index, mail in enumerate(received)],
    }
    return render(request, "demo/mailbox.html", context)


def shown_mail(index: int, mail: ReceivedMail) -> dict[str, Any]:
    return {
        "index": index,
        "to": mail.to,
        "sender": mail.sender,
        "subject": mail.subject,
        "date": moment_in_words(mail.date, PARIS, reader_language()) if mail.date else "",
        "text": mail.text,
        "html_url": reverse("mail_html", args=[index]),
    }


@require_safe
def mailbox_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse([mail.as_json() for mail in received_mails()], safe=False)


@require_safe
def mail_html(request: HttpRequest, index: int) -> HttpResponse:
    """The HTML part as a mail program shows it: its own styles, no script, nothing from elsewhere."""
    received = received_mails()
    if index >= len(received):
        raise Http404
    answer = HttpResponse(received[index].html)
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return answer


def received_mails() -> list[ReceivedMail]:
    return mails(mail_folder(folder()))
