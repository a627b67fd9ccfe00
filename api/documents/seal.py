"""Secrets are sealed before they enter a command and masked before they leave in an answer.

A sealed value is `sealed:` and a Fernet token (authenticated encryption; the newest key seals, any key
opens), so keys can be rotated. Only deliver's shell and the sinks open it to use it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from streams.channels import registry
from streams.documents.endpoint import SEALED as PREFIX
from streams.documents.oncall.person import PersonDocument
from streams.errors import Misconfigured, Refused

HIDDEN = "••••••"


def secret_fields(kind: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a document that hold secrets: of an endpoint, as its channel says; of a person, the addresses."""
    if kind == PersonDocument.type:
        return PersonDocument.secret_fields()
    return registry.secret_fields(body) if kind == "endpoint" else ()


class Sealer:
    """Seals, opens and masks the secret fields of documents."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: Fernet keys, newest first; Misconfigured where one is none."""
        try:
            self._box = MultiFernet([Fernet(key) for key in keys])
            self._newest = next(iter(keys), "").encode()
        except ValueError:
            raise Misconfigured("TOCSIN_SEAL_KEYS: each key must be 32 bytes in URL-safe base 64") from None

    def seal(self, text: str) -> str:
        """The sealed form of a plain text, whatever it begins with; what is empty stays empty."""
        return text and PREFIX + self._box.encrypt(text.encode()).decode()

    def digest(self, text: bytes) -> str:
        """What tells a text from others and tells nobody what it says; another one once there is a newer key."""
        return hmac.new(self._newest, b"tocsin digest\0" + text, hashlib.sha256).hexdigest()[:32]

    def open(self, text: str) -> str | None:
        """The plain text of a sealed value; None where no key of ours opens it."""
        try:
            return self._box.decrypt(text.removeprefix(PREFIX)).decode() if text.startswith(PREFIX) else text
        except InvalidToken:
            return None

    def mask(self, field: str, text: str) -> str:
        """What people see of a secret: of an address its host, of anything else that it is set."""
        plain = self.open(text)
        if not plain:
            return "" if plain == "" else HIDDEN
        try:
            parts = urlsplit(plain)
        except ValueError:
            return HIDDEN
        return f"{parts.scheme}://{parts.hostname}/{HIDDEN}" if field == "url" and parts.hostname else HIDDEN

    def masked(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """The document as answers show it."""
        return body | {name: self.mask(name, body.get(name) or "") for name in secret_fields(kind, body)}

    def opened(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        """The document with its secrets in plain text, to be validated or compared; never to be answered.

        What no key of ours opens stays as it is, so that a document is never the less readable for its secrets.
        """
        texts = {name: body.get(name) or "" for name in secret_fields(kind, body)}
        plain = {name: self.open(text) for name, text in texts.items()}
        return body | {name: texts[name] if text is None else text for name, text in plain.items()}

    def sealed(self, kind: str, body: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        """The document as it is sent: a secret that equals the one `before` keeps its bytes, so nothing changes."""
        return body | {
            name: self._kept(name, body.get(name) or "", before) for name in secret_fields(kind, body)
        }

    def unmasked(self, kind: str, body: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        """The document as a person sent it, where a mask that was read and sent back stands for the old secret.

        Refused where the old secret cannot be opened: it would be lost without anybody having said so.
        """
        known = {} if before is None else {name: before.get(name) or "" for name in secret_fields(kind, body)}
        back = {name: old for name, old in known.items() if old and body.get(name) == self.mask(name, old)}
        plain = {name: self.open(old) for name, old in back.items()}
        if lost := [name for name, text in plain.items() if text is None]:
            raise Refused(f"{kind}: `{lost[0]}` is sealed with a key that is gone: enter it again")
        return body | plain

    def _kept(self, name: str, text: str, before: dict[str, Any] | None) -> str:
        old = (before or {}).get(name) or ""
        return str(old) if old and self.open(old) == text else self.seal(text)
