"""The tables of a portal file, each key with its sentence (`docs/configuration.md` is made from them)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict

from retrouve.config.validation import Table
from retrouve.config.values import Colour, Duration, MailAddress, TextValue, Url
from retrouve.domain.applications import Scope, Subject
from retrouve.domain.phrases import Phrase
from retrouve.domain.portal import (
    CodeShape,
    FactName,
    HeaderStyle,
    HelpKind,
    IdentifierKind,
    IdentifyBy,
    LeadsTo,
    MaskedFact,
    NoticeKind,
    ProofKind,
    PuzzleWhen,
    Requirement,
    RuleStyle,
    SignInLink,
)

Word = Strict(strict=False)  # an enumeration is written as its word


class NoticeTable(Table):
    kind: Annotated[NoticeKind, Word] = Field(description="Encadré bleu (`information`) ou d’attention (`warning`).")
    title: TextValue = Field(default=None, description="Son titre.")
    text: TextValue = Field(default=None, description="Son texte ; peut mener à une page : `[cliquez ici](recover)`.")


class LookTable(Table):
    accent: Colour = Field(description="La couleur du portail ; 4,5:1 au moins sur du blanc.")
    ink: Colour = Field(default=None, description="La couleur du texte.")
    paper: Colour = Field(default=None, description="La couleur du fond.")
    header: Annotated[HeaderStyle, Word] = Field(
        default=HeaderStyle.BAND, description="La forme de l’en-tête : `band`, `rule`, `centred` ou `corner`."
    )
    logo: str | None = Field(default=None, description="Un fichier .svg ou .png, à côté du fichier de portail.")


class SignInTable(Table):
    identifier: Annotated[IdentifierKind, Word] = Field(
        description="Ce qu’on saisit pour se connecter : `username`, `email` ou `either`."
    )
    links: list[Annotated[SignInLink, Word]] = Field(
        default=[SignInLink.RECOVER],
        description="Où mène la page : à la récupération (`recover`), à l’aide (`help`), à la création d’un compte "
        "(`register`), à l’activation (`activate`).",
    )
    remember_me: bool = Field(default=False, description="Propose « Se souvenir de moi ».")
    remember_for: Duration = Field(
        default="30d", validate_default=True, description="Combien de temps : 30 jours au plus."
    )
    choose_language: bool = Field(default=False, description="La langue se choisit aussi dans le formulaire.")
    notice: list[NoticeTable] = Field(default=[], description="Les encadrés au-dessus du formulaire.")


class SessionsTable(Table):
    idle: Duration = Field(
        default="30m",
        validate_default=True,
        description="Combien de temps on reste connecté sans rien demander : une minute au moins, `absolute` au plus.",
    )
    absolute: Duration = Field(
        default="12h",
        validate_default=True,
        description="Combien de temps on reste connecté en tout : de 5 minutes à 30 jours.",
    )


class RegistrationTable(Table):
    fields: list[Annotated[FactName, Word]] = Field(
        description="Les faits demandés pour créer un compte, dont l’adresse (`email`)."
    )
    terms: Url = Field(default=None, description="L’adresse des conditions d’utilisation, à accepter.")
    link_lasts: Duration = Field(
        default="24h",
        validate_default=True,
        description="Combien de temps l’adresse peut être confirmée : 24 h au plus.",
    )


class ActivationTable(Table):
    code_lasts: Duration = Field(
        default="90d", validate_default=True, description="Combien de temps un code remis sur papier est valable."
    )
    ask_email: bool = Field(
        default=True, description="Propose d’indiquer une adresse personnelle, si aucune n’est connue."
    )


class RecoveryTable(Table):
    identify_by: Annotated[IdentifyBy, Word] = Field(
        description="Tous les faits sont demandés (`all_of`), ou l’un d’eux au choix (`one_of`)."
    )
    fields: list[Annotated[FactName, Word]] = Field(description="Les faits qui désignent le compte.")
    proof: Annotated[ProofKind, Word] = Field(description="Ce que porte le courriel : `code`, `link` ou `both`.")
    proof_lasts: Duration = Field(default=None, description="Combien de temps la preuve est valable.")
    link_lasts: Duration = Field(default=None, description="Combien de temps le lien est valable : 1 h, 24 h au plus.")
    code_lasts: Duration = Field(
        default=None, description="Combien de temps le code est valable : 15 min, 24 h au plus."
    )
    code_shape: Annotated[CodeShape, Word] = Field(
        default=CodeShape.DIGITS, description="Six chiffres (`digits`) ou huit lettres (`letters`)."
    )
    ask_again: list[Annotated[FactName, Word]] = Field(
        default=[], description="Les faits demandés de nouveau avec le nouveau mot de passe."
    )
    guardian_approves: bool = Field(
        default=False,
        description="Pour un élève sans adresse, ses responsables reçoivent un courriel et peuvent lui donner un code.",
    )
    mail_shows_account: bool = Field(
        default=False, description="Le courriel rappelle, en bas, l’identifiant et l’adresse du compte."
    )
    notice: list[NoticeTable] = Field(default=[], description="Les encadrés au-dessus du formulaire.")


class PolicyTable(Table):
    min_length: int = Field(default=15, ge=1, le=1024, description="Le nombre de caractères au moins.")
    max_length: int = Field(default=1024, ge=64, le=1024, description="Le nombre de caractères au plus : 64 à 1 024.")
    require: list[Annotated[Requirement, Word]] = Field(
        default=[], description="Ce qu’il contient : `lower`, `upper`, `letter`, `digit`, `special`."
    )
    refuse_common: bool = Field(default=True, description="Refuse les mots de passe connus de tous.")
    examples: list[str] = Field(default=[], description="Les exemples du guide : montrés, et refusés.")


class PasswordTable(PolicyTable):
    confirm: bool = Field(default=True, description="Demande une seconde saisie.")
    offer_generated: bool = Field(default=False, description="Propose des mots de passe tout faits.")
    show_strength: bool = Field(default=False, description="Montre la force du mot de passe pendant la saisie.")
    show_examples: bool = Field(default=False, description="Montre les exemples sur la page.")
    reset_button: bool = Field(default=False, description="Propose de vider le formulaire.")
    cancel: bool = Field(default=False, description="Propose d’annuler.")
    rule_style: Annotated[RuleStyle, Word] = Field(
        default=RuleStyle.SHORT,
        description="Les règles en quelques mots (`short`) ou en phrases (`sentence`).",
    )


class CompletionTable(Table):
    show: list[Annotated[MaskedFact, Word]] = Field(
        default=[], description="Ce que la page de réussite rappelle, masqué : `identifier`, `email`."
    )
    wait_page: bool = Field(default=False, description="Montre l’avancement de l’écriture du mot de passe.")
    redirect_after: Duration = Field(
        default=None, description="Ramène à la connexion après ce temps (on peut l’arrêter)."
    )


class AuditTable(Table):
    keep_traces: Duration = Field(
        default="180d", validate_default=True, description="Combien de temps les traces sont gardées : 30 jours à 1 an."
    )
    keep_addresses: Duration = Field(
        default="30d",
        validate_default=True,
        description="Combien de temps les adresses de réseau qui les accompagnent le sont : pas plus longtemps.",
    )


class SupportTable(Table):
    address: MailAddress = Field(description="L’adresse qui reçoit les messages à l’assistance.")


class MailTable(Table):
    sender: MailAddress = Field(description="L’adresse d’expédition des courriels.")
    sender_name: TextValue = Field(default=None, description="Le nom d’expéditeur ; le nom du portail par défaut.")


class HelpTable(Table):
    kind: Annotated[HelpKind, Word] = Field(
        description="Un formulaire de récupération (`recover`), d’identifiant oublié (`identifier`), la recherche de "
        "son établissement (`institution`), un texte (`text`) ou l’assistance (`support`)."
    )
    title: TextValue = Field(description="Le titre, qui se déplie.")
    text: TextValue = Field(default=None, description="Ce qui est dit dessous.")


class SecondFactorTable(Table):
    passkeys: bool = Field(default=True, description="Propose les clés d’accès (passkeys), aussi sans mot de passe.")
    codes: bool = Field(default=True, description="Propose les codes d’une application (TOTP).")
    by_mail: bool = Field(
        default=False,
        description="Accepte à la place un code reçu par courriel, dans un navigateur où la personne s’est déjà "
        "connectée. Ce n’est pas un second facteur au sens de la CNIL et du NIST.",
    )
    after_loss: Duration = Field(
        default="72h",
        validate_default=True,
        description="Combien de temps attend qui a perdu tous ses moyens avant de se connecter sans eux : 24 h à 30 j.",
    )
    required: bool = Field(default=False, description="Chacun doit ajouter un second moyen à sa première connexion.")


class AudienceTable(Table):
    slug: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,40}$", description="Le nom court de la population, dans les adresses."
    )
    label: TextValue = Field(description="Ce qu’on lit pour se reconnaître.")
    hint: TextValue = Field(default=None, description="Des exemples.")
    leads_to: Annotated[LeadsTo, Word] = Field(
        description="Des comptes (`accounts`), un autre site (`address`) ou l’assistance (`support`)."
    )
    address: Url = Field(default=None, description="L’adresse de l’autre site.")
    directory: str | None = Field(default=None, description="L’annuaire de cette population.")
    also_write_to: list[str] | None = Field(
        default=None, description="Les autres annuaires qui reçoivent ses nouveaux mots de passe."
    )
    recovery: RecoveryTable | None = Field(default=None, description="Ses propres règles de récupération.")
    password: PolicyTable | None = Field(default=None, description="Ses propres règles de mot de passe.")


class ChoiceTable(Table):
    value: str = Field(description="La valeur gardée avec le compte.")
    label: TextValue = Field(description="Ce qu’on lit.")


class FactTable(Table):
    label: TextValue = Field(default=None, description="Comment le portail appelle ce fait.")
    short_label: TextValue = Field(default=None, description="La même chose en court, à côté d’un bouton rond.")
    hint: TextValue = Field(default=None, description="Une aide sous le nom du champ.")
    default: str = Field(default="", description="La valeur choisie d’avance.")
    choices: list[ChoiceTable] = Field(default=[], description="Les lignes de la liste.")


class ApplicationTable(Table):
    id: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="Le nom sous lequel l’application se présente."
    )
    name: TextValue = Field(description="Ce qu’on lit en passant par ici.")
    home: Url = Field(description="L’adresse de son accueil.")
    redirect: list[Url] = Field(
        default=[], description="OpenID Connect : les adresses où elle reprend la personne, à la lettre près."
    )
    services: list[Url] = Field(default=[], description="CAS : les adresses sous lesquelles elle se trouve.")
    saml: str | None = Field(
        default=None,
        description="SAML 2.0 (extra `saml`) : le fichier .xml de ses métadonnées, à côté du fichier de portail.",
    )
    start: Url = Field(
        default=None,
        description="L’adresse où elle commence une connexion quand on le lui demande (`initiate_login_uri`).",
    )
    after_sign_out: list[Url] = Field(default=[], description="Les adresses où elle reprend qui s’est déconnecté.")
    told_of_sign_out_at: Url = Field(
        default=None, description="L’adresse où Retrouve lui dit qu’une session est finie (back-channel logout)."
    )
    secret: str | None = Field(
        default=None,
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="Ce que donne `retrouve applications secret` ; sans secret, c’est un client public.",
    )
    scopes: list[Annotated[Scope, Word]] = Field(
        default=[Scope.OPENID, Scope.PROFILE, Scope.EMAIL],
        description="Ce qu’elle peut apprendre : `openid`, `profile`, `email`, `institution` ; et `offline_access`, "
        "pour agir quand la personne n’est pas là.",
    )
    subject: Annotated[Subject, Word] = Field(
        default=Subject.PUBLIC,
        description="Le nom qu’elle a de chacun : le même pour toutes (`public`) ou à elle seule (`pairwise`).",
    )
    consent: bool = Field(default=False, description="Demande l’accord de la personne : pour l’application d’un tiers.")
    comes_back_within: Duration = Field(
        default="5m",
        validate_default=True,
        description="Combien de temps elle se souvient d’avoir envoyé quelqu’un ; passé ce temps, on la fait "
        "recommencer.",
    )


class PortalTable(Table):
    name: str = Field(min_length=1, description="Le nom du portail.")
    languages: list[str] = Field(min_length=1, description="Les langues proposées, la première d’office : `fr`, `en`.")
    look: LookTable = Field(description="Ce qu’on voit.")
    sign_in: SignInTable = Field(description="La page de connexion.")
    recovery: RecoveryTable = Field(description="La récupération.")
    mail: MailTable = Field(description="Les courriels.")
    password: PasswordTable = Field(default=PasswordTable(), description="Le nouveau mot de passe.")
    completion: CompletionTable = Field(default=CompletionTable(), description="Après le changement.")
    sessions: SessionsTable = Field(default=SessionsTable(), description="Combien de temps on reste connecté.")
    hosts: list[str] = Field(default=[], description="Les noms de machine dont la racine mène à ce portail.")
    directory: str = Field(
        default="own", description="L’annuaire des comptes, nommé dans `server.toml` ; `own` est celui de Retrouve."
    )
    also_write_to: list[str] = Field(
        default=[], description="Les autres annuaires qui reçoivent le nouveau mot de passe, une fois le premier écrit."
    )
    mark_required: bool = Field(default=False, description="Marque les champs obligatoires d’un astérisque.")
    support: SupportTable | None = Field(default=None, description="L’assistance.")
    help: list[HelpTable] = Field(default=[], description="Les rubriques de la page d’aide.")
    audience: list[AudienceTable] = Field(default=[], description="Les populations, quand il y en a plusieurs.")
    registration: RegistrationTable | None = Field(default=None, description="Chacun peut créer son compte.")
    activation: ActivationTable | None = Field(
        default=None,
        description="Un compte qui existe déjà reçoit son premier mot de passe par un code remis sur papier.",
    )
    second_factor: SecondFactorTable = Field(
        default=SecondFactorTable(), description="Ce qui est demandé en plus du mot de passe, à qui l’a ajouté."
    )
    audit: AuditTable = Field(default=AuditTable(), description="Les traces de ce qui s’est passé.")
    puzzle: Annotated[PuzzleWhen, Word] = Field(
        default=PuzzleWhen.NEVER,
        description="Quand les formulaires qui envoient un courriel demandent un petit calcul au navigateur : jamais "
        "(`never`), quand il y a beaucoup de demandes (`under_pressure`), toujours (`always`).",
    )
    application: list[ApplicationTable] = Field(
        default=[], description="Les applications où l’on se connecte par ce portail."
    )
    facts: dict[Annotated[FactName, Word], FactTable] = Field(default={}, description="Comment les faits sont appelés.")
    wording: dict[Annotated[Phrase, Word], TextValue] = Field(default={}, description="Les phrases propres au portail.")
