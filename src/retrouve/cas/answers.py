"""What is answered to a CAS application, in XML or in JSON (CAS Protocol 3.0, appendix A)."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from django.http import HttpResponse, JsonResponse

from retrouve.journeys.validate_ticket import Failure, Validated

NAMESPACE = "http://www.yale.edu/tp/cas"
WORDS = {
    Failure.INVALID_REQUEST: "A ticket and a service are needed, once each.",
    Failure.INVALID_TICKET: "The ticket is unknown, was used already, or has expired.",
    Failure.INVALID_SERVICE: "The ticket was made for another service.",
    Failure.INTERNAL_ERROR: "The directory of the accounts is away; ask again.",
}

ET.register_namespace("cas", NAMESPACE)


def in_json(outcome: Validated | Failure, *, with_attributes: bool) -> HttpResponse:
    match outcome:
        case Validated(user, attributes):
            said: dict[str, object] = {"user": user, **({"attributes": dict(attributes)} if with_attributes else {})}
            return JsonResponse({"serviceResponse": {"authenticationSuccess": said}})
        case Failure():
            failed = {"code": outcome.value, "description": WORDS[outcome]}
            return JsonResponse({"serviceResponse": {"authenticationFailure": failed}})


def in_xml(outcome: Validated | Failure, *, with_attributes: bool) -> HttpResponse:
    root = ET.Element(named("serviceResponse"))
    match outcome:
        case Validated(user, attributes):
            success = ET.SubElement(root, named("authenticationSuccess"))
            ET.SubElement(success, named("user")).text = legible(user)
            if with_attributes:
                add_attributes(success, attributes)
        case Failure():
            failure = ET.SubElement(root, named("authenticationFailure"), {"code": outcome.value})
            failure.text = WORDS[outcome]
    return HttpResponse(ET.tostring(root, encoding="utf-8"), content_type="application/xml; charset=utf-8")


def add_attributes(success: ET.Element, attributes: Mapping[str, object]) -> None:
    """One element a value."""
    holder = ET.SubElement(success, named("attributes"))
    for name, value in attributes.items():
        for one in value if isinstance(value, list) else [value]:
            ET.SubElement(holder, named(name)).text = legible(one)


def named(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def legible(value: object) -> str:
    """Without what XML cannot hold; true and false as XML spells them."""
    if isinstance(value, bool):
        return str(value).lower()
    return "".join(character for character in str(value) if character.isprintable())
