"""What an application sends, as Authlib reads it: from Django's request, and refused when it cannot be meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from django.http import HttpRequest, QueryDict

LONGEST_VALUE = 4_000
LONGEST_NONCE = 500
SCHEME_IS_JUDGED_ELSEWHERE = "https://"  # Authlib refuses http, which is what a server behind its proxy sees


class Payload(OAuth2Payload):
    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = dict(parameters)

    @property
    def data(self) -> dict[str, str]:
        return self._parameters

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, {name: [value] for name, value in self._parameters.items()})


class ProtocolRequest(OAuth2Request):
    def __init__(self, request: HttpRequest, parameters: Mapping[str, str]) -> None:
        super().__init__(request.method, SCHEME_IS_JUDGED_ELSEWHERE + request.get_host(), headers=request.headers)
        self.payload = Payload(parameters)

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


def parameters_of(sent: QueryDict) -> dict[str, str]:
    """Empty values count as absent (RFC 6749 §3.1). Raises `InvalidRequestError` for what comes twice or is long."""
    for name, values in sent.lists():
        if len(values) > 1:
            raise InvalidRequestError("A parameter is there more than once.")
        if len(values[0]) > LONGEST_VALUE or (name == "nonce" and len(values[0]) > LONGEST_NONCE):
            raise InvalidRequestError("A parameter is too long.")
    return {name: value for name, value in sent.items() if value and isinstance(value, str)}
