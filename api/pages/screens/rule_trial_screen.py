"""`/rules/trial`: a rule that is still being written, tried on values: what fires, when, why, and who would be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request, Response

from api.dependencies import Deps, Who
from api.pages.surface import drawing, editor, trial_form
from api.pages.surface.drawing import Drawing, Point, TimeSpan
from api.pages.surface.form import Fields
from api.pages.surface.layout import render
from api.pages.surface.reader_zone import milliseconds
from api.routes import rules
from api.trials.sample import Sample
from api.trials.trial_request import Trial
from streams.documents.rule import Rule

router = APIRouter(prefix="/rules", include_in_schema=False)


@router.post("/trial")
async def trial(request: Request, deps: Deps, who: Who, fields: Fields) -> Response:
    """Run the text of the editor on the values of the form; nothing is put, and nobody is told."""
    body, rule = await editor.accepted(deps, who, fields.get("text", ""), "rules")
    assert isinstance(rule, Rule)
    waves = trial_form.waves(fields.get("waves", ""), fields.get("every", trial_form.EVERY))
    asked = Trial(rule=body, generate=waves)
    outcome = await rules.outcome(request, deps, who, asked)
    samples = asked.all_samples()
    return render(
        request, "trial.html", outcome=outcome, told=_told(outcome["timeline"]),
        picture=_picture(rule, samples, outcome["timeline"]),
        begins=min(sample.at for sample in samples), ends=max(sample.at for sample in samples),
    )  # fmt: skip


def _told(timeline: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each first call to somebody."""
    return [entry for entry in timeline if entry["subject"] == "call" and entry["number"] == 1]


def _picture(rule: Rule, samples: Sequence[Sample], timeline: Iterable[dict[str, Any]]) -> Drawing:
    """The values with the rule's limits, and when it fired."""
    ordered = sorted(samples, key=lambda sample: (sample.series, sample.at))
    series = [_points(part) for _, part in groupby(ordered, key=lambda sample: sample.series)]
    limits = [] if rule.condition.anomaly or rule.condition.over else sorted(set(rule.levels()[0].values()))
    last = max((sample.at for sample in samples), default=0)
    return drawing.curve(series, limits, _fired(timeline, rule.name, last))


def _points(samples: Iterable[Sample]) -> list[Point]:
    return [(sample.at, sample.value) for sample in samples if sample.value is not None]


def _fired(timeline: Iterable[dict[str, Any]], name: str, last: int) -> list[TimeSpan]:
    """From each firing of the rule to its end, or to the last value."""
    open_, spans = dict[str, int](), list[TimeSpan]()
    for entry in timeline:
        if entry["subject"] != "alert" or entry.get("rule") != name:
            continue
        at = milliseconds(entry["at"])
        if entry.get("status") == "resolved":
            begun = open_.pop(entry["id"], at)
            spans.append(TimeSpan(begun, at, "fired", entry["message"]))
        else:
            open_.setdefault(entry["id"], at)
    return spans + [TimeSpan(begun, max(last, begun), "fired", "still firing") for begun in open_.values()]
