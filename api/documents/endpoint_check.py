"""What makes an endpoint unusable before the first call: what its channel says, and a secret that is no secret."""

from __future__ import annotations

from api.documents.seal import HIDDEN
from streams.documents.document import Owned
from streams.documents.endpoint import SEALED, Endpoint, Sealing


def flaws(document: Owned) -> list[tuple[str, str]]:
    """Each field that cannot be used and why; never a word of its content, which is secret."""
    if not isinstance(document, Sealing):
        return []
    texts = {name: str(getattr(document, name) or "") for name in document.secret_fields()}
    taken = [(name, says) for name, text in texts.items() if (says := _taken(text))]
    return taken + [flaw for flaw in document.flaws() if flaw[0] not in dict(taken)]


def _taken(text: str) -> str:
    """Why a text is what we show or keep instead of a secret, and no secret itself; empty else."""
    if text.startswith(SEALED):
        return f"must not begin with `{SEALED}`, which is how Tocsin keeps what it has sealed: enter it in plain text"
    if HIDDEN in text:
        return f"holds the mask {HIDDEN}, which stands for what is hidden: enter it in full"
    return ""


def private(document: Owned) -> str:
    """Why nothing sent there arrives, where the address itself says so; empty else. Names are judged at the call."""
    return document.private_address() if isinstance(document, Endpoint) else ""
