"""A document in, a few words out: what somebody is asked to confirm says what it does."""

from __future__ import annotations

from typing import Any

from streams.calendar.duration import spell
from streams.documents.alert_view import AlertView
from streams.documents.conditions.condition import Condition
from streams.documents.conditions.threshold import ThresholdFields
from streams.documents.dismissal import Dismissal
from streams.documents.document import Owned
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
from streams.documents.suppression import maintenance
from streams.documents.suppression.inhibition import Inhibition
from streams.documents.suppression.maintenance import Maintenance
from streams.documents.suppression.silence import Silence


def summary(document: Owned) -> str:
    """One document in a few words: what it watches, whom it tells, what it keeps quiet; no secret and no address."""
    body = document.body()
    match document:
        case Rule():
            return f"{body['severity']} when {_condition(document, body['condition'])}, for {body['for']}"
        case Policy():
            return " then ".join(
                f"{', '.join(step['notify'])} after {step['after']}" for step in body["steps"]
            )
        case Route():
            within = f"within {document.within}: " if document.within else ""
            return f"{within}{document.when or 'everything'} → {body['to'] or 'as that says'}"
        case Dismissal():
            return f"{body['instance']} was no anomaly at {body['at']}"
        case Probe():
            return f"certificates of {', '.join(body['hosts'])}, every {body['every']}"
    words = _of_suppression(document) or _of_people(document) or _of_report(document)
    return words or f"{body['channel']}, secrets sealed"


def spelled(value: Any) -> str:
    """The value of a field as it reads in a sentence."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value in (None, "", []) else f"{value!s:.80}"


def _condition(rule: Rule, body: dict[str, Any]) -> str:
    """What a condition says that is not so by default; what it looks at before the bounds of that."""
    names = [
        name for name, of in Condition.model_fields.items() if getattr(rule.condition, name) != of.default
    ]
    names.sort(key=lambda name: name in ThresholdFields.model_fields)
    return ", ".join(f"{name} {spelled(body[name])}" for name in names if name in body)


def _of_suppression(document: Owned) -> str:
    match document:
        case Silence():
            since = f"from {document.starts} " if document.starts else ""
            return f"{document.covers} is quiet {since}until {document.ends}: {document.reason}"
        case Maintenance():
            return f"{document.covers} is quiet, {maintenance.summary(document)}: {document.reason}"
        case Inhibition():
            return f"{document.target} is quiet while {document.source} fires with the same {', '.join(document.equal)}"
    return ""


def _of_people(document: Owned) -> str:
    match document:
        case PersonDocument():
            return f"{document.called}, by {', '.join(contact.named for contact in document.contact)}"
        case TeamDocument():
            leads = f", led by {', '.join(document.leads)}" if document.leads else ""
            return f"{', '.join(document.members)}{leads}"
        case CalendarFeed():
            return f"a calendar of {document.shows}"
        case OnCallOverride():
            return f"{document.words} in {document.schedule} from {document.starts} to {document.ends}"
        case OnCallSchedule():
            layers = (f"{layer.name} {layer.rotate}: {', '.join(layer.people)}" for layer in document.layers)
            return f"{'; '.join(layers)} ({document.time_zone})"
    return ""


def _of_report(document: Owned) -> str:
    if isinstance(document, AlertView):
        return f"alerts with {document.shows}"
    if not isinstance(document, ScheduledReport):
        return ""
    to, when = ", ".join(document.to), document.repeats or document.rrule
    return f"{document.format} of the last {spell(document.last)} to {to}, {when} ({document.time_zone})"
