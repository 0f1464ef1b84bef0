"""What the headers of other programs mean: each field of a person, and the names it goes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrouve.domain.identifiers import name_key
from retrouve.files.people import FileRefusal, UnreadableFileError, shortened

MOST_COLUMNS = 100

# Without accents, case, spaces, `*`, apostrophes, hyphens: as `name_key` writes them.
SYNONYMS = {
    "external_id": "id externalid idexterne identifiantexterne identifiantunique idpersonne matricule"
    " numeromatricule nmatricule jointure entpersonjointure",
    "first_name": "prenom prenoms firstname givenname prenomeleve prenomdeleleve",
    "last_name": "nom nomdefamille nomfamille lastname familyname surname sn nomeleve nomdeleleve",
    "usual_name": "nomdusage nomusage nomusuel usualname nommarital",
    "identifier": "identifiant login username nomdutilisateur nomutilisateur identifiantdeconnexion",
    "email": "courriel email mail mel adressemail adresseemail adressecourriel adressemel adresseelectronique"
    " courrielelectronique courrierelectronique emailaddress",
    "mobile": "mobile portable gsm numerodegsm telephoneportable telephonemobile telportable telmobile"
    " numerodeportable numerodemobile mobilephone mobilenumber cellphone",
    "birth_date": "datedenaissance datenaissance naissance neele nele birthdate dateofbirth birthday dob ddn",
    "institution": "codeetablissement codedeletablissement uai codeuai rne coderne fase codefase numerofase"
    " numerouai schoolcode institutioncode",
    "institution_name": "etablissement nometablissement nomdeletablissement ecole nomdelecole school schoolname"
    " institution institutionname",
    "classes": "classe classes class classname division divisions",
    "profile": "profil profile type typedeprofil usertype",
    "level": "niveau niveauscolaire level grade",
    "country": "pays codepays country countrycode",
    "kind": "qualite kind",
    "language": "langue language lang codelangue",
    "password_hash": "hash motdepassehache hashdumotdepasse hashmotdepasse empreinte empreintedumotdepasse"
    " passwordhash hashedpassword",
    "salt": "sel seldumotdepasse selmotdepasse salt passwordsalt",
    "activation_code": "codedactivation codeactivation activationcode",
    "children": "enfant enfants idenfant idenfants iddelenfant iddesenfants identifiantenfant identifiantdelenfant"
    " identifiantsenfants identifiantsdesenfants child children childid childrenids childexternalid",
    "departed": "parti partie partis estparti estpartie departed left hasleft",
    "left_on": "datededepart datedepart datedesortie datesortie depart sortie sortile partile departuredate leftdate"
    " leavingdate lefton",
}

# Read only where no better column tells the same: a list may have both.
SECOND_BEST = {
    "external_id": "ine nine numeroine inerne identifiantnational identifiantnationaleleve",
    "last_name": "nomdenaissance nomnaissance nompatronymique",
    "mobile": "telephone tel telephone1 numerodetelephone ntelephone phone phonenumber",
}


def fields_by_key(table: Mapping[str, str]) -> dict[str, str]:
    return {key: field for field, keys in table.items() for key in keys.split()}


FIELDS = fields_by_key(SYNONYMS)
SECOND_BEST_FIELDS = fields_by_key(SECOND_BEST)

NAMES = frozenset({"first_name", "last_name", "usual_name"})
KEYS = frozenset({"external_id", "identifier", "email"})


@dataclass(frozen=True)
class Columns:
    """`fields` says what the column of that number holds; the other columns are `ignored`."""

    header: tuple[str, ...]
    fields: Mapping[int, str]

    def of(self, field: str) -> str:
        """The header of that field's column."""
        return next((self.header[index] for index, name in self.fields.items() if name == field), "")

    @property
    def ignored(self) -> tuple[str, ...]:
        return tuple(header for index, header in enumerate(self.header) if index not in self.fields and header)


def known_headers(cells: Sequence[str]) -> int:
    return sum(name_key(cell) in FIELDS or name_key(cell) in SECOND_BEST_FIELDS for cell in cells[:MOST_COLUMNS])


def read_header(cells: Sequence[str]) -> Columns:
    """Raises `UnreadableFileError` when the columns do not tell who the lines are about."""
    header = tuple(" ".join(cell.split()) for cell in without_empty_end(cells))
    if len(header) > MOST_COLUMNS:
        raise UnreadableFileError(FileRefusal.TOO_MANY_COLUMNS, columns=str(len(header)), most=str(MOST_COLUMNS))
    fields = dict(matched(header))
    if not fields:
        raise UnreadableFileError(first_line_refusal(header), headers=shortened(", ".join(header)))
    if not (NAMES | KEYS) & set(fields.values()):
        raise UnreadableFileError(FileRefusal.NOBODY_NAMED, headers=shortened(", ".join(header)))
    return Columns(header, fields)


def matched(header: Sequence[str]) -> Iterator[tuple[int, str]]:
    keys = [name_key(cell) for cell in header]
    found: dict[str, int] = {}
    for table in (FIELDS, SECOND_BEST_FIELDS):
        better = set(found)
        for index, field in ((index, table[key]) for index, key in enumerate(keys) if key in table):
            if field in better:
                continue
            if field in found:
                raise UnreadableFileError(
                    FileRefusal.TWO_SAME_COLUMNS,
                    field=field,
                    first=shortened(header[found[field]]),
                    second=shortened(header[index]),
                )
            found[field] = index
    return ((index, field) for field, index in found.items())


def first_line_refusal(header: Sequence[str]) -> FileRefusal:
    """A first line with an address or a figure in it is somebody's: the header is missing."""
    somebody = any("@" in cell or any(character.isdigit() for character in cell) for cell in header)
    return FileRefusal.NO_HEADER if somebody else FileRefusal.UNKNOWN_HEADERS


def without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
