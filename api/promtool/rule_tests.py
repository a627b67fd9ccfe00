"""A file of promtool's unit tests in, scenarios of ours out, for `tocsin backtest` to play."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from api.promtool.alert_rules import ImportedRule
from api.promtool.expression import seconds
from streams.errors import Refused
from streams.telemetry.series import parse, spell

GATEWAY = "prometheus"  # of series that name none
SOURCE = "promtool"
MOST = 100_000  # values of one series
EXPANDING = re.compile(r"(-?[\d.]+(?:[eE][-+]?\d+)?)(?:([-+])([\d.]+(?:[eE][-+]?\d+)?))?x(\d+)")
GAPS = re.compile(r"_(?:x(\d+))?|stale")
TICK = 1  # seconds between two ticks of ours, by which an alert may be later


def scenarios(file: Any, imported: Sequence[ImportedRule]) -> Iterator[dict[str, Any]]:
    """A timetable for each test that asks for alerts. Refused where it is no such file."""
    if not isinstance(file, dict) or not isinstance(tests := cast(dict[str, Any], file).get("tests"), list):
        raise Refused("this is no file of promtool's tests: it has no list `tests`")
    rules = {rule.alert: rule for rule in imported if rule.body is not None}
    for number, test in enumerate(cast(list[dict[str, Any]], tests), 1):
        asked = [
            expectation
            for expectation in test.get("alert_rule_test") or ()
            if expectation.get("alertname") in rules
        ]
        if asked:
            yield _scenario(test, f"{test.get('name') or f'test {number}'}", asked, rules)


def _scenario(
    test: Mapping[str, Any],
    claim: str,
    asked: Sequence[Mapping[str, Any]],
    rules: Mapping[str, ImportedRule],
) -> dict[str, Any]:
    names = sorted({str(expectation["alertname"]) for expectation in asked})
    last = max(seconds(str(expectation["eval_time"])) for expectation in asked)
    return {
        "claim": claim,
        "documents": {"rules": [dict(rules[alert].body or {}) for alert in names]},
        "at": list(_steps(test, last)),
        "until": f"{last + TICK:g}s",
        "expect": [
            expected
            for alert in names
            for expected in _expected(
                rules[alert], [expectation for expectation in asked if expectation["alertname"] == alert]
            )
        ],
    }


def _steps(test: Mapping[str, Any], last: float) -> Iterator[dict[str, Any]]:
    """A frame of each gateway at each interval."""
    interval = seconds(str(test.get("interval") or "1m"))
    columns = [
        (*_placed(str(series["series"])), values(str(series["values"])))
        for series in test.get("input_series") or ()
    ]
    for turn in range(int(last // interval) + 1):
        frames: dict[str, dict[str, float]] = {}
        for gateway, text, numbers in columns:
            number = numbers[turn] if turn < len(numbers) else None
            if number is not None:
                frames.setdefault(gateway, {})[text] = number
        for gateway, series in frames.items():
            samples = {"gateway": gateway, "source": SOURCE, "series": series}
            yield {"t": f"{turn * interval:g}s", "samples": samples}


def _placed(text: str) -> tuple[str, str]:
    """A series' gateway, and its text without that label."""
    metric, labels = parse(text)
    others = {label: value for label, value in labels if label != "gateway"}
    return dict(labels).get("gateway", GATEWAY), spell(metric, others)


def values(text: str) -> list[float | None]:
    """`1 2 _ 0+10x3 stale` → the values, one an interval; None is a gap. Refused names what cannot be read."""
    numbers: list[float | None] = []
    for word in text.split():
        gap, expanding = GAPS.fullmatch(word), EXPANDING.fullmatch(word)
        if gap:
            numbers += [None] * int(gap[1] or 1)
        elif expanding:
            start, sign, step, times = expanding.groups()
            each = float(step or 0) * (-1 if sign == "-" else 1)
            numbers += [float(start) + n * each for n in range(min(int(times), MOST) + 1)]
        else:
            try:
                numbers.append(float(word))
            except ValueError:
                raise Refused(f"`values`: {word!r:.40} is no value of promtool's") from None
    return numbers[:MOST]


def _expected(rule: ImportedRule, asked: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What must have happened at each of the instants; alerts that are not to be there any more must have ended."""
    body, fired = rule.body or {}, False
    for expectation in sorted(asked, key=lambda expectation: seconds(str(expectation["eval_time"]))):
        alerts = expectation.get("exp_alerts") or ()
        between = ["0s", f"{seconds(str(expectation['eval_time'])) + TICK:g}s"]
        about = {"subject": "alert", "rule": body["name"], "between": between}
        for alert in alerts:
            for label, value in (alert.get("exp_labels") or {}).items():
                if label not in (*rule.labels, "alertname", "gateway"):
                    yield {**about, "what": "fired", "labels": f"~{label!r}: {str(value)!r}"}
        if alerts:
            yield {**about, "what": "fired"}
        else:
            yield {**about, "what": "resolved"} if fired else {**about, "what": "fired", "never": True}
        fired = fired or bool(alerts)
