"""Who may come in, as the settings keep it: in files of the data folder, or in the topic `shared`."""

from __future__ import annotations

from typing import NamedTuple

from api.auth.issued_tokens import IssuedTokens
from api.auth.revocation import Revocations
from api.auth.signin import SignIn
from sources.shared.choice import PATIENCE, part
from streams.settings import Settings


class Admission(NamedTuple):
    """Open sign-in links, what was issued, and what of that has ended."""

    signin: SignIn
    issued: IssuedTokens
    revocations: Revocations


def admission(settings: Settings, patience: float = PATIENCE) -> Admission:
    """All three; `patience`: seconds that a reader waits for the topic to be read at first."""
    data = settings.data
    return Admission(
        SignIn(data, part(settings, "sign-in", patience)),
        IssuedTokens(data, part(settings, "issued", patience)),
        Revocations(data, part(settings, "revoked", patience)),
    )
