"""All kinds of configuration documents by the word that names them in files, commands and topics."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, cast
from uuid import UUID

from streams.dismissal import Dismissal
from streams.document import Owned, derived
from streams.endpoint import Endpoint
from streams.errors import Refused
from streams.policy import Policy, Route
from streams.probe import Probe
from streams.rule import Rule

KINDS: dict[str, type[Owned]] = {kind.type: kind for kind in (Rule, Endpoint, Policy, Route, Dismissal, Probe)}
SECTIONS = {  # of files and paths: the kinds by their plurals
    "rules": "rule",
    "endpoints": "endpoint",
    "policies": "policy",
    "routes": "route",
    "dismissals": "dismissal",
    "probes": "probe",
}


def read(kind: str, body: Mapping[str, Any] | Any) -> Owned:
    """The typed document; Refused names the kind or every field that is wrong."""
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, 1)
        raise Refused(
            f"there is no document of kind {kind!r}"
            + (f"; did you mean {near[0]!r}?" if near else f": one of {', '.join(KINDS)}")
        )
    if not isinstance(body, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] files hold what they like
        raise Refused(f"{kind}: a document is a list of fields with their values, not {body!r:.60}")
    return KINDS[kind].read(cast(Mapping[str, Any], body))


def identity(owner: str, kind: str, name: str) -> UUID:
    """The UUID of a document, the same wherever it is derived."""
    return derived(owner, kind, name)
