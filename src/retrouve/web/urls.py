"""Every address of the public pages."""

from __future__ import annotations

from django.urls import include, path, register_converter

from retrouve.web.converters import PortalConverter
from retrouve.web.middleware.headers import REPORTS
from retrouve.web.views import (
    ask,
    code,
    errors,
    health,
    help_page,
    look,
    not_me,
    outcome,
    password,
    reports,
    sign_in,
    support,
)

register_converter(PortalConverter, "portal")

of_portal = [
    path("", sign_in.sign_in_page, name="sign_in"),
    path("bienvenue/", sign_in.welcome, name="welcome"),
    path("deconnexion/", sign_in.sign_out_form, name="sign_out"),
    path("qui/", ask.audiences, name="audiences"),
    path("oubli/", ask.ask, name="ask"),
    path("oubli/<slug:audience>/", ask.ask, name="ask"),
    path("envoye/", ask.sent, name="sent"),
    path("code/", code.code, name="code"),
    path("code/renvoyer/", code.resend, name="resend"),
    path("annuler/", code.cancel, name="cancel"),
    path("r/<path:copied>", password.open_link, name="link"),
    path("nouveau-mot-de-passe/", password.new_password, name="new_password"),
    path("nouveau-mot-de-passe/force/", password.strength_of, name="strength"),
    path("nouveau-mot-de-passe/propositions/", password.more_offers, name="offers"),
    path("pas-moi/", not_me.not_me, name="not_me"),
    path("pas-moi/<path:copied>", not_me.open_objection, name="objection"),
    path("patientez/", outcome.wait, name="wait"),
    path("patientez/etat/", outcome.wait_state, name="wait_state"),
    path("reussite/", outcome.result, name="result"),
    path("aide/", help_page.help_page, name="help"),
    path("support/", support.support, name="support"),
    path("support/envoye/<slug:reference>/", support.support_sent, name="support_sent"),
    path("look.css", look.look_css, name="look_css"),
    path("logo", look.logo, name="logo"),
]

urlpatterns = [
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path(REPORTS.lstrip("/"), reports.csp_report, name="csp_report"),
    path("<portal:portal>/", include(of_portal)),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.fault
