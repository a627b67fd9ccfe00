"""All kinds of configuration documents by the word that names them in files, commands and topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from streams.channels.registry import AnyEndpoint
from streams.documents.alert_view import AlertView
from streams.documents.dismissal import Dismissal
from streams.documents.document import Owned, derived
from streams.documents.oncall.feed import CalendarFeed
from streams.documents.oncall.override import OnCallOverride
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.oncall.team import TeamDocument
from streams.documents.policy import Policy
from streams.documents.probe import Probe
from streams.documents.report import ScheduledReport
from streams.documents.route import Route
from streams.documents.rule import Rule
from streams.documents.suppression.inhibition import Inhibition
from streams.documents.suppression.maintenance import Maintenance
from streams.documents.suppression.silence import Silence
from streams.errors import Refused
from streams.text.nearest import nearest

KINDS: dict[str, type[Owned]] = {
    kind.type: kind
    for kind in (
        Rule,
        AnyEndpoint,
        Policy,
        Route,
        PersonDocument,
        TeamDocument,
        OnCallSchedule,
        OnCallOverride,
        CalendarFeed,
        Silence,
        Maintenance,
        Inhibition,
        Dismissal,
        Probe,
        ScheduledReport,
        AlertView,
    )
}
SECTIONS = {  # of files and paths: the kinds by their plurals
    "rules": "rule",
    "endpoints": "endpoint",
    "policies": "policy",
    "routes": "route",
    "silences": "silence",
    "maintenance": "maintenance",
    "inhibitions": "inhibition",
    "dismissals": "dismissal",
    "probes": "probe",
    "people": "person",
    "teams": "team",
    "schedules": "schedule",
    "overrides": "override",
    "calendars": "calendar",
    "reports": "report",
    "views": "view",
}


def read(kind: str, body: Mapping[str, Any] | Any) -> Owned:
    """The typed document; Refused names the kind or every field that is wrong."""
    if kind not in KINDS:
        near = nearest(kind, KINDS, 1, 0.6)
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
