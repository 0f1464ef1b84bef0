"""Why a line or a file was not imported, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from retrouve.files.people import FileRefusal, RefusalCode
from retrouve.messages.filling import fill

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LINES: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        RefusalCode.TOO_FEW_CELLS: _("La ligne est trop courte : il manque des cellules."),
        RefusalCode.TOO_MANY_CELLS: _(
            "La ligne a plus de cellules que l’en-tête : un séparateur est peut-être en trop."
        ),
        RefusalCode.NO_NAME: _("Le nom manque."),
        RefusalCode.NO_KEY: _("Rien ne dit de qui il s’agit : il manque un nom ou un identifiant."),
        RefusalCode.BAD_EMAIL: _("Dans « {column} », « {shown} » n’est pas une adresse électronique."),
        RefusalCode.BAD_DATE: _("Dans « {column} », « {shown} » n’est pas une date, comme 31/12/2010 ou 2010-12-31."),
        RefusalCode.UNLIKELY_DATE: _("Dans « {column} », la date {shown} n’est pas vraisemblable."),
        RefusalCode.UNKNOWN_PROFILE: _("Dans « {column} », « {shown} » n’est pas un profil connu."),
        RefusalCode.UNKNOWN_COUNTRY: _(
            "Dans « {column} », « {shown} » n’est pas un pays connu : son nom ou son code, comme Belgique ou BE."
        ),
        RefusalCode.UNKNOWN_KIND: _("« {shown} » n’est pas une qualité que le portail propose."),
        RefusalCode.UNKNOWN_ANSWER: _("Dans « {column} », « {shown} » ne dit ni oui, ni non, ni une date."),
        RefusalCode.TOO_LONG: _("Dans « {column} », le texte est trop long."),
        RefusalCode.CONTROL_CHARACTERS: _("Dans « {column} », il y a des caractères invisibles : retapez la cellule."),
        RefusalCode.FORMULA: _("Dans « {column} », « {shown} » est une formule de tableur : gardez-en le résultat."),
        RefusalCode.BAD_ENCODING: _("La ligne n’est pas codée comme le reste du fichier : retapez ses accents."),
        RefusalCode.OPEN_QUOTE: _("Un guillemet de la ligne n’est jamais fermé."),
        "too_long_for_us": _("Le numéro, l’identifiant ou le code d’établissement de {shown} est trop long."),
        "seen_before": _("{shown} est déjà plus haut dans le fichier, avec le même numéro."),
        "not_your_institution": _("{shown} n’est pas d’un établissement dont vous vous occupez."),
        "elsewhere": _("{shown} a un compte dans un autre établissement : demandez son transfert."),
        "helps_others": _("{shown} aide d’autres personnes : son compte ne se change pas par une liste."),
        "closed": _("Le compte de {shown} est fermé : une liste ne le rouvre pas."),
        "closed_before_known": _("{shown} est parti, et n’a jamais eu de compte."),
        "unknown_to_change": _(
            "La ligne ne dit que ce qui a changé, et nous ne connaissons pas le reste :"
            " importez d’abord une livraison complète."
        ),
        "address_taken": _("L’adresse ou l’identifiant de {shown} sert déjà à une autre personne pour se connecter."),
        "identifier_taken": _("L’identifiant demandé pour {shown} est celui d’une autre personne."),
        "no_identifier": _("Aucun identifiant ne peut être composé pour {shown} : donnez-en un, ou un numéro."),
    }
)

REMARKS: Mapping[str, StrOrPromise] = MappingProxyType(
    {
        "homonym": _("Une autre personne porte ce nom : son identifiant est {shown}."),
        "returned": _("{shown} est de retour : son départ n’est plus noté."),
        "institution_gone": _(
            "L’établissement {shown} est retiré de l’annuaire. Rien n’est supprimé : ses comptes restent ouverts."
        ),
        "departures_unsure": _("Rien ne dit de qui parle cette ligne : aucun départ n’est déduit de la liste."),
        "departures_unsure_here": _(
            "Rien ne dit de qui parle cette ligne : aucun départ n’est déduit pour l’établissement {shown}."
        ),
        "password_not_taken": _("Mot de passe pas repris : seule la commande d’import peut en reprendre."),
        "hash_unknown_format": _("Mot de passe pas repris : sa forme est inconnue. Le compte attend son activation."),
        "hash_unsupported": _("Mot de passe pas repris : sa forme n’est pas lue ici. Le compte attend son activation."),
        "hash_damaged": _("Mot de passe pas repris : il est abîmé. Le compte attend son activation."),
        "hash_too_costly": _("Mot de passe pas repris : le vérifier coûterait trop. Le compte attend son activation."),
        "hash_too_long": _("Mot de passe pas repris : il est trop long. Le compte attend son activation."),
        "hash_salt_unclear": _("Mot de passe pas repris : où va son sel ? Le compte attend son activation."),
    }
)

FILES: Mapping[FileRefusal, StrOrPromise] = MappingProxyType(
    {
        FileRefusal.EMPTY: _("Le fichier est vide."),
        FileRefusal.PICTURE: _("C’est une image, pas une liste."),
        FileRefusal.SPREADSHEET: _("C’est un classeur. Dans votre tableur, enregistrez-le au format CSV."),
        FileRefusal.PDF: _("C’est un PDF. Il faut la liste au format CSV."),
        FileRefusal.ARCHIVE: _("C’est une archive. Sortez-en la liste au format CSV."),
        FileRefusal.BINARY: _("Ce n’est pas un fichier de texte. Il faut une liste au format CSV."),
        FileRefusal.TOO_LARGE: _(
            "Le fichier est trop grand : {most} Mo au plus. Coupez-le en plusieurs, par établissement."
        ),
        FileRefusal.HEADER_TOO_LONG: _("La première ligne est trop longue pour être un en-tête."),
        FileRefusal.TOO_MANY_COLUMNS: _("Il y a trop de colonnes : {columns}, et {most} au plus."),
        FileRefusal.NO_HEADER: _("La première ligne doit nommer les colonnes : Nom, Prénom, Classe…"),
        FileRefusal.UNKNOWN_HEADERS: _(
            "Aucune colonne n’est reconnue dans « {headers} ». Attendu, par exemple : Nom, Prénom, Classe."
        ),
        FileRefusal.NOBODY_NAMED: _(
            "Dans « {headers} », aucune colonne ne dit de qui il s’agit. Il faut au moins Nom et Prénom."
        ),
        FileRefusal.TWO_SAME_COLUMNS: _(
            "Deux colonnes disent la même chose : « {first} » et « {second} ». Gardez-en une."
        ),
        FileRefusal.NOT_XML: _("Ce n’est pas du XML complet : la lecture s’arrête à la ligne {line}."),
        FileRefusal.NOT_AAF: _("Ce XML n’est pas un fichier AAF : voyez la ligne {line}."),
        FileRefusal.FORBIDDEN_XML: _("Ce XML fait appel à d’autres fichiers : il n’est pas lu."),
        FileRefusal.CSV_NOT_ALONE: _(
            "Un CSV s’importe seul. Réunissez les listes en une, ou importez les fichiers l’un après l’autre."
        ),
    }
)

REPORT_COLUMNS = (_("Ligne"), _("Avis"), _("Explication"))
VERDICTS = MappingProxyType({True: _("Refusée"), False: _("À savoir")})
_NAMED = _("{file} : {sentence}")


def line_sentence(code: str, language: str, *, column: str, shown: str) -> str:
    """Of a refusal or a remark."""
    with override(language):
        sentence = LINES.get(code) or REMARKS[code]
        return fill(str(sentence), {"column": column, "shown": shown})


def report_columns(language: str) -> list[str]:
    with override(language):
        return [str(name) for name in REPORT_COLUMNS]


def verdict(language: str, *, refused: bool) -> str:
    with override(language):
        return str(VERDICTS[refused])


def file_sentence(code: FileRefusal, values: Mapping[str, str], language: str) -> str:
    """`values` are those of the `UnreadableFileError`; its `file` goes before the sentence."""
    with override(language):
        sentence = fill(str(FILES[code]), values)
        return fill(str(_NAMED), {"file": values["file"], "sentence": sentence}) if values.get("file") else sentence
