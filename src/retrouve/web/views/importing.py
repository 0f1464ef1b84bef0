"""The page where somebody who helps sends a list of people."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from retrouve.config.directory_tables import OWN
from retrouve.domain.delegation import Right
from retrouve.domain.portal import Portal
from retrouve.journeys.helping import Helper
from retrouve.journeys.import_list import Looked, NoList, Unreadable, look_at_list, report_of
from retrouve.journeys.import_list import import_list as import_it
from retrouve.messages.importing import file_sentence
from retrouve.web.page import reader_language
from retrouve.web.views.answers import to_page
from retrouve.web.views.helping import for_helpers
from retrouve.wiring import parts


@for_helpers
def import_list(request: HttpRequest, portal: Portal, helper: Helper) -> HttpResponse:
    if not helper.has(Right.IMPORT) or portal.directory != OWN or portal.audiences:
        raise Http404
    if request.method != "POST":
        return render(request, "helping/import.html")
    outcome = answer(request, portal, helper)
    match outcome:
        case Looked():
            return render(request, "helping/import.html", {"looked": outcome})
        case Unreadable(reason, values):
            return refuse(request, file_sentence(reason, values, reader_language()))
        case NoList():
            return to_page(portal, "import")
        case None:
            return refuse(request, _("Choisissez un fichier."))


def answer(request: HttpRequest, portal: Portal, helper: Helper) -> Looked | Unreadable | NoList | None:
    now, language = timezone.now(), reader_language()
    if request.POST.get("act") == "import":
        looked_at = request.POST.get("looked_at", "")
        return import_it(portal, parts.hashing(), helper, looked_at=looked_at, language=language, now=now)
    sent = request.FILES.get("liste")
    if not isinstance(sent, UploadedFile):
        return None
    name, content = sent.name or "", sent.read()
    return look_at_list(portal, parts.hashing(), helper, name=name, content=content, language=language, now=now)


def refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    return render(request, "helping/import.html", {"refused": sentence, "has_errors": True})


@require_safe
@for_helpers
def import_report(request: HttpRequest, portal: Portal, helper: Helper) -> HttpResponse:
    report = report_of(portal, helper)
    if report is None:
        raise Http404
    answered = HttpResponse(report, content_type="text/csv; charset=utf-8")
    answered["Content-Disposition"] = 'attachment; filename="rapport.csv"'
    return answered
