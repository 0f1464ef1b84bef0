"""Every address of the public pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, register_converter

from retrouve.web.converters import PortalConverter
from retrouve.web.middleware.headers import REPORTS
from retrouve.web.views import (
    activate,
    address,
    ask,
    cards,
    code,
    consent,
    errors,
    health,
    help_page,
    helping,
    importing,
    look,
    my_account,
    not_me,
    onward,
    outcome,
    passkeys,
    password,
    register,
    reports,
    second_factor,
    second_means,
    second_proof,
    sign_in,
    support,
    well_known,
    which,
)

register_converter(PortalConverter, "portal")

of_portal: list[URLPattern | URLResolver] = [
    path("", sign_in.sign_in_page, name="sign_in"),
    path("deuxieme-preuve/", second_proof.second_proof, name="second_proof"),
    path("deuxieme-preuve/courriel/", second_proof.mail_code, name="mail_code"),
    path("deuxieme-preuve/perdue/", second_proof.lose_means, name="lose_means"),
    path("preuves-perdues/arreter/", second_proof.stop, name="stop_loss"),
    path("preuves-perdues/<path:copied>", second_proof.open_stop, name="loss_stopping"),
    path("cle/", passkeys.sign_in_with_passkey, name="sign_in_with_passkey"),
    path("cle/options/<slug:purpose>/", passkeys.options, name="passkey_options"),
    path("bienvenue/", sign_in.welcome, name="welcome"),
    path("retour/", onward.to_application, name="to_application"),
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
    path("creer-un-compte/", register.register, name="register"),
    path("creer-un-compte/envoye/", register.registered, name="registered"),
    path("creer-un-compte/confirmer/", register.confirm_registration, name="confirm_registration"),
    path("creer/<path:copied>", register.open_registration, name="registration"),
    path("activer/", activate.activate, name="activate"),
    path("lequel/", which.which, name="which"),
    path("identifiant/envoye/", help_page.identifier_sent, name="identifier_sent"),
    path("accord/", consent.consent, name="consent"),
    path("accord/<path:copied>", consent.open_consent, name="consent_link"),
    path("adresse/confirmer/", address.confirm, name="confirm_address"),
    path("adresse/retablir/", address.undo, name="undo_address"),
    path("adresse/annuler/<path:copied>", address.open_undoing, name="address_undoing"),
    path("adresse/<path:copied>", address.open_confirmation, name="address_confirmation"),
    path("mon-compte/", my_account.overview, name="account"),
    path("mon-compte/mot-de-passe/", my_account.password, name="account_password"),
    path("mon-compte/adresse/", my_account.address, name="account_address"),
    path("mon-compte/langue/", my_account.language, name="account_language"),
    path("mon-compte/sessions/", my_account.sessions, name="account_sessions"),
    path("mon-compte/activite/", my_account.activity, name="account_activity"),
    path("mon-compte/donnees/", my_account.download, name="account_data"),
    path("mon-compte/preuves/", second_means.overview, name="second_means"),
    path("mon-compte/preuves/continuer/", second_means.go_on, name="go_on"),
    path("mon-compte/preuves/confirmer/<slug:then>/", second_means.show_again, name="show_again"),
    path("mon-compte/preuves/codes/", second_means.add_codes, name="add_codes"),
    path("mon-compte/preuves/cle/", second_means.add_key, name="add_passkey"),
    path("mon-compte/preuves/retirer/", second_means.remove, name="remove_means"),
    path("mon-compte/preuves/secours/", second_means.recovery_codes, name="recovery_codes"),
    path("mon-compte/preuves/secours/fichier/", second_means.download_codes, name="download_codes"),
    path("aider/", helping.home, name="helping"),
    path("aider/code/", second_factor.second_factor, name="second_factor"),
    path("aider/classe/", helping.school_class, name="class"),
    path("aider/fiches/", cards.cards, name="cards"),
    path("aider/migrer/", helping.migration, name="migration"),
    path("aider/importer/", importing.import_list, name="import"),
    path("aider/importer/rapport/", importing.import_report, name="import_report"),
    path("aider/compte/<slug:reference>/", helping.account, name="helped"),
    path("aider/compte/<slug:reference>/agir/", helping.act, name="help_act"),
    path("look.css", look.look_css, name="look_css"),
    path("logo", look.logo, name="logo"),
    path("", include("retrouve.oidc.urls")),  # by its name: doors of protocols stand on this one
    path("", include("retrouve.cas.urls")),
    *([path("", include("retrouve.saml.urls"))] if find_spec("saml2") else []),  # an optional extra
]

urlpatterns = [
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path(REPORTS.lstrip("/"), reports.csp_report, name="csp_report"),
    path(".well-known/change-password", well_known.change_password, name="change_password"),
    path(".well-known/passkey-endpoints", well_known.passkey_endpoints, name="passkey_endpoints"),
    path("<portal:portal>/", include(of_portal)),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.fault
