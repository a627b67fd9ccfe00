"""The form of a rule: what it looks at, from which value on that is wrong, for how long, how bad it is."""

from __future__ import annotations

from typing import Any

from api.pages.surface.fill.form_field import Body, FormField, Given, choices, in_order, put, several, text_of
from streams.documents.conditions.condition_input import FUNCTIONS
from streams.documents.conditions.threshold import ONE_SIDED, SEVERITIES, THRESHOLDS, WORDS

KINDS = (*FUNCTIONS, "quantile", "ratio", "anomaly", "unreachable", "event")
LINES = ("name", "team", "description", "over", "for", "message", "runbook")  # taken as they stand
TOLD = (("", "yes"), ("yes", "no: in shadow"))
COMPARED = (*ONE_SIDED, "equals", "differs_from")
ORDER = (
    "name", "team", "description", *KINDS, "where", "by", "over", *THRESHOLDS, "for", "severity", "message", "runbook",
)  # fmt: skip


def fields(body: Body) -> list[FormField]:
    """What the form shows of a rule's fields."""
    kind = next((name for name in KINDS if name in body), KINDS[0])
    compared = next((name for name in THRESHOLDS if name in body), "")
    limits = _limits(body, compared)
    return [
        FormField("name", "Name", text_of(body.get("name"))),
        FormField("team", "Team", text_of(body.get("team"))),
        FormField("kind", "Looks at", kind, choices=choices(KINDS)),
        FormField("looks", "Of which", text_of(body.get(kind)), 'errors{upstream="x"}; a / b; login; upstream'),
        FormField("over", "Over", text_of(body.get("over")), "5m; last and unreachable need none"),
        FormField("by", "One alert for each", text_of(body.get("by")), "labels: gateway, upstream"),
        FormField("compared", "Wrong is", compared, choices=_comparisons(compared)),
        *(FormField(name, name.capitalize(), limits.get(name, "")) for name in reversed(SEVERITIES)),
        FormField("for", "For", text_of(body.get("for")), "2m where nothing is said"),
        FormField(
            "severity", "Severity", text_of(body.get("severity")), "where no value above says it",
            choices(SEVERITIES[::-1], "as by default"),
        ),
        FormField("shadow", "Tell people", "yes" if _in_shadow(body) else "", choices=TOLD),
        FormField("message", "Message", text_of(body.get("message")), "{value}, {threshold}, {upstream} are filled in"),
        FormField("runbook", "Runbook", text_of(body.get("runbook")), "an address"),
        FormField("description", "Description", text_of(body.get("description"))),
    ]  # fmt: skip


def _in_shadow(body: Body) -> bool:
    return str(body.get("shadow", "no")).lower() in ("yes", "true", "on")


def _comparisons(compared: str) -> tuple[tuple[str, str], ...]:
    """The comparisons that a form can write; a band is left as it stands in the text."""
    known = tuple((name, WORDS[name]) for name in COMPARED)
    kept = (
        ((compared, f"{WORDS[compared]}, as in the text"),) if compared and compared not in COMPARED else ()
    )
    return (("", "what happens by itself"), *known, *kept)


def _limits(body: Body, compared: str) -> dict[str, str]:
    """The thresholds by severity; one without is of the rule's own."""
    limits = body.get(compared)
    if isinstance(limits, dict):
        return {str(name): text_of(value) for name, value in limits.items()}
    return {str(body.get("severity") or "warning"): text_of(limits)} if limits is not None else {}


def written(body: Body, given: Given) -> Body:
    """The fields of the rule as the form says them; what it does not show stays."""
    made = {name: value for name, value in body.items() if name not in KINDS}
    for name in LINES:
        put(made, name, given.get(name))
    put(made, given.get("kind", KINDS[0]), given.get("looks"))
    put(made, "by", several(given.get("by", "")))
    if _in_shadow(body) is not ("shadow" in given):
        put(made, "shadow", given.get("shadow"))
    _compare(made, given)
    return in_order(made, ORDER)


def _compare(made: Body, given: Given) -> None:
    """One threshold with its severity, or one for each; a band stays as it is."""
    compared, severity = given.get("compared", ""), given.get("severity")
    put(made, "severity", severity)
    if compared in THRESHOLDS and compared not in COMPARED:
        return
    for name in THRESHOLDS:
        made.pop(name, None)
    limits: dict[str, Any] = {name: given[name] for name in SEVERITIES if name in given}
    if not compared or not limits:
        return
    if len(limits) > 1:
        made[compared] = limits
        return
    ((only, limit),) = limits.items()
    made[compared] = limit
    put(made, "severity", None if only == "warning" != severity else only)
