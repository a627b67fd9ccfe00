"""A file of Prometheus's alerting rules in, rules of ours out, and for each that does not map, why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from api.promtool.expression import condition, spelled
from streams.documents.registry import read
from streams.errors import Refused

SEVERITIES = {"critical": "critical", "page": "critical", "error": "critical", "info": "info", "none": "info"}
LONGEST = 500  # characters of a message
_FILLED = re.compile(r"\{\{[^{}]*\}\}")
_VALUE, _LABEL = re.compile(r"\$value"), re.compile(r"\$labels\.(\w+)")


class ImportedRule(NamedTuple):
    """One alerting rule. `alert`: its name there; `labels`: those that it gives its alerts itself.

    `body`: our rule, None where it does not map, and `why` says why not.
    """

    alert: str
    labels: Mapping[str, str]
    body: dict[str, Any] | None
    why: str = ""


def rules(file: Any) -> Iterator[ImportedRule]:
    """Those of all groups; recording rules are passed over. Refused where it is no such file."""
    if not isinstance(file, dict) or not isinstance(groups := cast(dict[str, Any], file).get("groups"), list):
        raise Refused("this is no file of Prometheus's rules: it has no list `groups`")
    for group in cast(list[dict[str, Any]], groups):
        for entry in group.get("rules") or ():
            if "alert" in entry:
                yield _imported(entry)


def name(alert: str) -> str:
    """`HighErrorRate` → `high-error-rate`."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", alert)
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _imported(entry: Mapping[str, Any]) -> ImportedRule:
    alert = str(entry["alert"])
    labels = {str(label): str(value) for label, value in (entry.get("labels") or {}).items()}
    try:
        body = _body(alert, entry, labels)
        read("rule", dict(body))
    except Refused as why:
        return ImportedRule(alert, labels, None, str(why))
    return ImportedRule(alert, labels, body)


def _body(alert: str, entry: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    notes = {str(note): str(text) for note, text in (entry.get("annotations") or {}).items()}
    message = _message(notes.get("summary") or notes.get("description") or notes.get("message") or "")
    runbook = notes.get("runbook_url") or notes.get("runbook") or ""
    more = {
        "description": " ".join(notes.get("description", "").split()),
        "message": message,
        "runbook": runbook,
    }
    return {
        "name": name(alert),
        **condition(str(entry["expr"])),
        "for": spelled(str(entry.get("for") or "0s")),
        "keep_firing_for": spelled(str(entry.get("keep_firing_for") or "0s")),
        "missing": "resolve",  # what has no value fires no more there
        "severity": SEVERITIES.get(labels.get("severity", ""), "warning"),
        **{field: text[:LONGEST] for field, text in more.items() if text},
    }


def _message(text: str) -> str:
    """The text of an annotation, what it fills in spelled as we spell it."""
    parts = _FILLED.split(text)
    filled = [_filled(placeholder) for placeholder in _FILLED.findall(text)]
    plain = [part.replace("{", "{{").replace("}", "}}") for part in parts]
    return " ".join("".join(a + b for a, b in zip(plain, [*filled, ""], strict=True)).split())


def _filled(text: str) -> str:
    if _VALUE.search(text):
        return "{value}"
    label = _LABEL.search(text)
    return "{upstream}" if label and label[1] == "upstream" else "{labels}"
