"""What a trial has brought, as an answer has it: the timeline, and the short of it, of either version of the rule."""

from __future__ import annotations

from typing import Any

from api.instant import spell
from api.trials.outcome import plot
from api.trials.outcome.verdict_summary import alerts, differences, own, told
from api.trials.trial import Tried
from api.trials.trial_task import TrialOutcome
from streams.documents.rule import Rule

ENTRIES = 5_000  # of a timeline, and rows of anomaly models, in one answer


def answer(
    rule: Rule, before: dict[str, Any] | None, outcome: TrialOutcome, remarks: list[str]
) -> dict[str, Any]:
    """JSON. `before`: the version that holds now with its revision, where it is another one."""
    run = outcome.after
    after = _version(run.tried, rule.name)
    body = {"rule": rule.body(), **after, "before": None, "differences": [], "thresholds": thresholds(rule)}
    body["span"] = {"from": spell(run.begin), "until": spell(run.until), "inputs": run.inputs}
    if before is not None and outcome.before is not None:
        old = _version(outcome.before.tried, rule.name)
        body |= {"before": before | old, "differences": differences(old["alerts"], after["alerts"])[:ENTRIES]}
    body["warnings"] = [*remarks, *run.remarks, *_left_out(run.tried)]
    return body


def thresholds(rule: Rule) -> dict[str, Any]:
    """By severity, from where on it is wrong: a number, or a band."""
    if rule.condition.comparison is None and not rule.condition.anomaly:
        return {}
    limits, _, _ = rule.levels()  # numbers that remember how they were written
    numbers = {str(name): float(limit) for name, limit in limits.items()}
    return numbers | {str(name): [float(end) for end in band] for name, band in rule.bands().items()}


def _version(tried: Tried, rule: str) -> dict[str, Any]:
    about = own(tried.timeline, rule)
    return {
        "timeline": tried.timeline[-ENTRIES:],
        "alerts": alerts(about)[-ENTRIES:],
        "told": told(about)[:ENTRIES],
        "plot": plot.as_json(tried.curves),
        "rows": tried.rows[-ENTRIES:],
    }


def _left_out(tried: Tried) -> list[str]:
    """What an answer does not hold, since it is too much."""
    words = []
    if (rows := len(tried.rows)) > ENTRIES:
        words.append(f"`rows` holds the newest {ENTRIES} of {rows}: take fewer samples for older ones")
    if (entries := len(tried.timeline)) > ENTRIES:
        words.append(
            f"`timeline` holds the newest {ENTRIES} of {entries}: take a shorter time for older ones"
        )
    if (curves := len(tried.curves)) > plot.SHOWN:
        words.append(f"`plot` shows {plot.SHOWN} of {curves} series, those of the worst alerts first")
    return words
