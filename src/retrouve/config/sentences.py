"""What is said of each kind of mistake, in the operator's language."""

from __future__ import annotations

from collections.abc import Mapping

SUGGESTION = {"fr": " ; vouliez-vous dire « {nearest} » ?", "en": '; did you mean "{nearest}"?'}

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "not_readable": {"fr": "fichier illisible ({reason})", "en": "the file cannot be read ({reason})"},
    "not_utf8": {"fr": "le fichier n’est pas en UTF-8", "en": "the file is not UTF-8"},
    "not_toml": {"fr": "ce n’est pas du TOML : {reason}", "en": "this is not TOML: {reason}"},
    "no_portal": {"fr": "aucun fichier de portail (*.toml) ici", "en": "no portal file (*.toml) here"},
    "needs_table": {
        "fr": "ce lien demande une table [{table}]",
        "en": "this link needs a [{table}] table",
    },
    "needs_own_directory": {
        "fr": '[{table}] demande que les comptes soient chez Retrouve (directory = "own")',
        "en": '[{table}] needs the accounts to be kept by Retrouve (directory = "own")',
    },
    "one_population": {
        "fr": "on ne saurait pas dans quelle population ([[audience]]) créer le compte",
        "en": "one would not know in which population ([[audience]]) to create the account",
    },
    "needs_email": {
        "fr": 'l’adresse ("email") en fait partie : c’est elle qui est confirmée',
        "en": 'the address ("email") is one of them: it is what gets confirmed',
    },
    "username_is_made": {
        "fr": "l’identifiant ne se choisit pas : on verrait lesquels existent. Retrouve le compose (prénom.nom)",
        "en": "the username is not chosen, which would show those that exist: Retrouve makes it (firstname.lastname)",
    },
    "bad_slug": {
        "fr": "le nom du fichier devient l’adresse du portail : lettres minuscules sans accent, chiffres et tirets, "
        "et aucun des noms réservés ({reserved})",
        "en": "the file's name becomes the portal's address: small letters without accents, digits and hyphens, "
        "and none of the reserved names ({reserved})",
    },
    "unknown_key": {"fr": "clé inconnue", "en": "unknown key"},
    "missing_key": {"fr": "clé obligatoire absente", "en": "this key is required"},
    "not_one_of": {"fr": "attendu : l’un de {expected}", "en": "expected one of {expected}"},
    "wrong_type": {"fr": "attendu : {expected_fr}", "en": "expected {expected_en}"},
    "needs_a_means": {
        "fr": "demande passkeys = true ou codes = true : il n’y a sinon aucun second moyen à ajouter",
        "en": "needs passkeys = true or codes = true: otherwise there is no second means to add",
    },
    "out_of_range": {"fr": "attendu : {expected_fr}", "en": "expected {expected_en}"},
    "bad_duration": {
        "fr": 'attendu : une durée comme "45s", "15m", "1h" ou "30d"',
        "en": 'expected a duration such as "45s", "15m", "1h" or "30d"',
    },
    "bad_colour": {
        "fr": 'attendu : une couleur comme "#0b5cad"',
        "en": 'expected a colour such as "#0b5cad"',
    },
    "low_contrast": {
        "fr": "contraste de {ratio}:1 sur {other} ; il faut au moins 4,5:1 (WCAG 1.4.3)",
        "en": "contrast of {ratio}:1 on {other}; at least 4.5:1 is needed (WCAG 1.4.3)",
    },
    "empty_text": {"fr": "ce texte est vide", "en": "this text is empty"},
    "unknown_language": {
        "fr": "langue qui n’est pas dans « languages » ({known})",
        "en": 'a language that is not in "languages" ({known})',
    },
    "missing_language": {
        "fr": "il manque le texte en : {languages}",
        "en": "the text is missing in: {languages}",
    },
    "language_not_spoken": {
        "fr": "Retrouve ne parle pas cette langue ; il parle {known}",
        "en": "Retrouve does not speak this language; it speaks {known}",
    },
    "bad_placeholder": {
        "fr": "{{{name}}} n’est pas connu ici ; connus : {known}",
        "en": "{{{name}}} is not known here; known: {known}",
    },
    "bad_link": {
        "fr": "le lien mène à « {target} » ; attendu : {known} ou une adresse https://",
        "en": 'the link leads to "{target}"; expected {known} or an https:// address',
    },
    "bad_address": {"fr": "ce n’est pas une adresse électronique", "en": "this is not a mail address"},
    "bad_url": {
        "fr": "attendu : une adresse https:// complète, sans identifiants (http:// pour cette machine seulement)",
        "en": "expected a full https:// address without credentials (http:// for this machine only)",
    },
    "leads_nowhere": {
        "fr": "il faut dire où elle reprend la personne : « redirect » (OpenID Connect) ou « services » (CAS)",
        "en": 'say where it takes people back: "redirect" (OpenID Connect) or "services" (CAS)',
    },
    "no_fragment": {
        "fr": "une telle adresse n’a pas de partie après « # » (RFC 6749 §3.1.2)",
        "en": 'such an address has no part after "#" (RFC 6749 §3.1.2)',
    },
    "needs_extra": {
        "fr": "il manque une bibliothèque : pip install 'retrouve[{extra}]'",
        "en": "a library is missing: pip install 'retrouve[{extra}]'",
    },
    "in_portal_file": {
        "fr": "une application SAML se décrit dans le fichier du portail",
        "en": "a SAML application is described in the portal's file",
    },
    "no_metadata": {
        "fr": "ce fichier n’est pas celui des métadonnées SAML d’une application (AssertionConsumerService)",
        "en": "this file does not hold an application's SAML metadata (AssertionConsumerService)",
    },
    "bad_metadata_name": {
        "fr": "attendu : un fichier .xml, à côté du fichier de portail",
        "en": "expected an .xml file beside the portal file",
    },
    "consent_needs_openid": {
        "fr": "l’accord n’est demandé que par OpenID Connect : « redirect », sans « services » ni « saml »",
        "en": 'consent is asked by OpenID Connect alone: "redirect", without "services" or "saml"',
    },
    "needs_openid": {
        "fr": '"openid" en fait partie : sans lui, elle n’apprendrait pas qui est là',
        "en": '"openid" is one of them: without it, it would not learn who is there',
    },
    "several_sectors": {
        "fr": "des noms à elle seule demandent que toutes ses adresses soient sur une même machine (OpenID Core §8.1)",
        "en": "pairwise names need all its addresses on one host (OpenID Core §8.1)",
    },
    "bad_file_name": {
        "fr": "attendu : un fichier .svg ou .png, à côté du fichier de portail",
        "en": "expected an .svg or .png file beside the portal file",
    },
    "no_such_file": {
        "fr": "ce fichier n’existe pas à côté du fichier de portail",
        "en": "no such file beside the portal file",
    },
    "too_long_life": {
        "fr": "une preuve par courriel dure au plus 24 heures (NIST SP 800-63B-4 §4.2.1.2)",
        "en": "a proof by mail lasts at most 24 hours (NIST SP 800-63B-4 §4.2.1.2)",
    },
    "lengths_crossed": {"fr": "le minimum dépasse le maximum", "en": "the minimum is above the maximum"},
    "needs_choices": {
        "fr": "ce fait se choisit dans une liste : donnez « choices »",
        "en": 'this fact is chosen in a list: give "choices"',
    },
    "not_a_choice": {
        "fr": "ce n’est la valeur d’aucun choix ({known})",
        "en": "this is no choice's value ({known})",
    },
    "no_lookup": {
        "fr": "il faut au moins « username » ou « email » pour retrouver un compte",
        "en": 'at least "username" or "email" is needed to find an account',
    },
    "twice": {"fr": "donné deux fois", "en": "given twice"},
    "needs_support": {
        "fr": "mène à l’assistance : il faut [support]",
        "en": "leads to the support: [support] is needed",
    },
    "needs_help": {
        "fr": "mène à la page d’aide : il faut des [[help]]",
        "en": "leads to the help page: [[help]] is needed",
    },
    "needs_recover": {
        "fr": "aucun chemin vers la récupération : il faut « recover » ou une rubrique d’aide « recover »",
        "en": 'no way to recovery: "recover" or a help section "recover" is needed',
    },
    "needs_address": {
        "fr": 'leads_to = "address" demande « address »',
        "en": 'leads_to = "address" needs "address"',
    },
    "bad_directory_name": {
        "fr": "attendu : des lettres minuscules, des chiffres et des tirets, et un autre nom que « own »",
        "en": 'expected small letters, digits and hyphens, and another name than "own"',
    },
    "bad_ldap_url": {
        "fr": "attendu : ldaps://machine ou ldap://machine, avec un port si besoin, et rien d’autre",
        "en": "expected ldaps://host or ldap://host, with a port where needed, and nothing else",
    },
    "bad_dn": {
        "fr": "attendu : un nom d’annuaire, comme ou=people,dc=exemple,dc=fr",
        "en": "expected a distinguished name such as ou=people,dc=example,dc=org",
    },
    "bad_attribute": {
        "fr": "attendu : un nom d’attribut, comme uid",
        "en": "expected the name of an attribute such as uid",
    },
    "bad_filter": {
        "fr": "attendu : une condition entre parenthèses, comme (ou=Lycées)",
        "en": "expected a condition in parentheses such as (ou=Schools)",
    },
    "empty_secret": {
        "fr": "il manque ; donnez-le ici ou dans RETROUVE_DIRECTORY_NOM_SECRET",
        "en": "it is missing; give it here or in RETROUVE_DIRECTORY_NAME_SECRET",
    },
    "bad_table_url": {
        "fr": "attendu : postgresql://, mariadb:// avec une machine et une base, ou sqlite:///chemin",
        "en": "expected postgresql://, mariadb:// with a host and a database, or sqlite:///path",
    },
    "needs_tls": {
        "fr": "des mots de passe passeraient en clair : écrivez ldaps://, ou start_tls = true",
        "en": "passwords would travel in the clear: write ldaps://, or start_tls = true",
    },
    "ad_needs_tls": {
        "fr": "Active Directory n’écrit de mot de passe que chiffré : écrivez ldaps://, ou start_tls = true",
        "en": "Active Directory writes passwords over TLS only: write ldaps://, or start_tls = true",
    },
    "tls_twice": {
        "fr": "ldaps:// chiffre déjà : retirez start_tls",
        "en": "ldaps:// is encrypted already: take start_tls away",
    },
    "tls_mixed": {
        "fr": "avec start_tls, chaque adresse commence par ldap://",
        "en": "with start_tls, each address begins with ldap://",
    },
    "filter_without_index": {
        "fr": "une négation, ou une valeur qui commence par une étoile, ne suit aucun index : chaque fiche sera relue",
        "en": "a negation, or a value that begins with a star, uses no index: it will be checked entry by entry",
    },
    "seldom_indexed": {
        "fr": "Active Directory n’indexe pas cet attribut d’office : indexez-le, ou tous les comptes seront relus",
        "en": "Active Directory does not index this attribute by default: index it, or each search reads every account",
    },
    "same_directory_twice": {
        "fr": "cet annuaire est déjà celui des comptes, ou déjà nommé",
        "en": "this directory is the one of the accounts already, or named twice",
    },
    "no_such_column": {
        "fr": "il faut une adresse (columns.email) : c’est par elle qu’on récupère un compte",
        "en": "an address is needed (columns.email): accounts are recovered through it",
    },
    "unknown_directory": {
        "fr": "annuaire inconnu ; connus : {known}",
        "en": "unknown directory; known: {known}",
    },
    "short_key": {
        "fr": "la clé secrète doit compter au moins 32 caractères, tirés au hasard",
        "en": "the secret key needs at least 32 characters, drawn at random",
    },
    "known_key": {
        "fr": "cette clé secrète ressemble à un exemple ; tirez-en une au hasard",
        "en": "this secret key looks like an example; draw one at random",
    },
    "weak_hashing": {
        "fr": "sous le plancher de l’OWASP (ASVS 5.0) : 47104 Kio/1, 19456/2 ou 12288/3",
        "en": "below the OWASP floor (ASVS 5.0): 47104 KiB/1, 19456/2 or 12288/3",
    },
    "bad_database": {
        "fr": "attendu : sqlite:///chemin ou postgresql://utilisateur@machine/base",
        "en": "expected sqlite:///path or postgresql://user@host/base",
    },
    "bad_relay": {
        "fr": "attendu : smtp://, smtps:// ou smtp+starttls://, avec une machine",
        "en": "expected smtp://, smtps:// or smtp+starttls://, with a host",
    },
    "bad_listening": {
        "fr": 'attendu : une adresse et un port, comme "127.0.0.1:9464", ou rien',
        "en": 'expected an address and a port such as "127.0.0.1:9464", or nothing',
    },
    "bad_network": {
        "fr": "attendu : une adresse ou un réseau, comme 10.0.0.0/8",
        "en": "expected an address or a network such as 10.0.0.0/8",
    },
    "both_given": {
        "fr": "{name} et {name}_FILE sont donnés tous les deux",
        "en": "{name} and {name}_FILE are both given",
    },
    "unknown_variable": {"fr": "variable d’environnement inconnue", "en": "unknown environment variable"},
}
