"""Opens what the API sealed: the secret fields of an endpoint document.

A sealed value reads `sealed:<Fernet token>`; every other value is taken as it stands, so that an
endpoint in a file on the operator's own disk needs no sealing. Nothing opened here is logged or kept; what holds
nothing sealed is read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import ValidationError

from sinks.outcome import Rejected
from streams.documents.endpoint import SEALED, Endpoint
from streams.errors import Misconfigured
from streams.outcome_code import OutcomeCode
from streams.text.fault import path, sentence

_FOREIGN = Rejected("sealed with a key that is not configured: TOCSIN_SEAL_KEYS", OutcomeCode.SEALED)
KEPT = 1_024  # endpoints without a sealed field, which are read once
_UNNAMED = "endpoint"  # the name of a document that has lost its own; nothing depends on it
Document = TypeVar("Document", bound=Endpoint)


class Unsealer:
    """Opens with any of the keys, so that keys can be rotated without a stop."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: Fernet keys, newest first; Misconfigured where one is none."""
        self._plain: dict[tuple[type[Endpoint], str], Any] = {}  # documents, or why there is none
        try:
            self._keys = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError:
            raise Misconfigured(
                "TOCSIN_SEAL_KEYS: each key is 32 bytes in URL-safe base 64, as Fernet.generate_key() makes them"
            ) from None

    def document(self, kind: type[Document], body: Mapping[str, Any]) -> Document | Rejected:
        """The endpoint document of a channel with its secrets in the clear, or why it cannot be had.

        Fields that this version does not know are left out, so that the API may be newer than a sink.
        """
        fields, secrets = _names(kind)
        known = {"name": _UNNAMED} | {name: body[name] for name in fields if name in body}
        if any(str(known.get(name)).startswith(SEALED) for name in secrets):
            return self._opened(kind, known)
        written = kind, repr(known)
        if (document := self._plain.get(written)) is None:
            if len(self._plain) >= KEPT:
                self._plain.clear()
            document = self._plain[written] = _read(kind, known)
        return document

    def _opened(self, kind: type[Document], known: dict[str, Any]) -> Document | Rejected:
        """The document with what is sealed in the clear."""
        for name in kind.secret_fields():
            if isinstance(text := known.get(name), str) and text.startswith(SEALED):
                plain = self.text(text)
                if plain is None:
                    return _FOREIGN
                known[name] = plain
        return _read(kind, known)

    def text(self, text: str) -> str | None:
        """The plain text of a sealed one; None where no key opens it."""
        if self._keys is None:
            return None
        try:
            return self._keys.decrypt(text.removeprefix(SEALED).encode()).decode()
        except (InvalidToken, UnicodeDecodeError):
            return None


@cache
def _names(kind: type[Endpoint]) -> tuple[list[str], tuple[str, ...]]:
    """The names of a document's fields, and of those that are sealed."""
    return kind.fields(), kind.secret_fields()


def _read(kind: type[Document], known: dict[str, Any]) -> Document | Rejected:
    """The document that these fields make, or why they make none."""
    if known.get("allow_private") is not True:
        known.pop("allow_private", None)  # nothing short of true opens the private network
    try:
        document = kind.model_validate(known)
    except ValidationError as why:
        error = why.errors()[0]
        return Rejected(f"the endpoint cannot be used: {sentence(path(error['loc']), error)}")
    told = [f"`{field}` {says}" for field, says in document.flaws()]
    return Rejected(f"the endpoint cannot be used: {'; '.join(told)}") if told else document
