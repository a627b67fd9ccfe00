"""What names a group of alerts towards a provider, and by which an answer of the provider finds it again."""

from __future__ import annotations

import hashlib

from streams.documents.document import PLATFORM

BUNDLE = f"{PLATFORM}/bundle/"  # how the group of a bundle begins; its team differs with what it holds
ANSWERS = f"{PLATFORM}/answers/"  # how that of several acknowledgements begins, which are told in one word


def group_key(team: str, group: str, to: str) -> str:
    """32 hexadecimal digits, the same in all that is told of the group to one endpoint (`endpoint/<team>/<name>`).

    It is free of state, severity, time and title, so that what resolves finds what triggered. A bundle has a key of its
    own, by which all that it holds is answered together.
    """
    team = PLATFORM if group.startswith(BUNDLE) else team
    return hashlib.sha256(f"group\0{team}\0{group}\0{to}".encode()).hexdigest()[:32]
