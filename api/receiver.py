"""What makes an endpoint unusable before the first call, as its channel says: an address, a key, a secret."""

from __future__ import annotations

from streams.documents.document import Owned
from streams.documents.endpoint import Endpoint


def flaws(document: Owned) -> list[tuple[str, str]]:
    """Each field that cannot be used and why; never a word of its content, which is secret."""
    return document.flaws() if isinstance(document, Endpoint) else []


def private(document: Owned) -> str:
    """Why nothing sent there arrives, where the address itself says so; empty else. Names are judged at the call."""
    return document.private_address() if isinstance(document, Endpoint) else ""
