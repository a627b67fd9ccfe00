"""`/rules/trial`: a rule that is still being written, tried: what fires, when, why, and who would be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.dependencies import Deps, Who
from api.pages.surface import drawing, editor, trial_form
from api.pages.surface.drawing import Drawing, TimeSpan
from api.pages.surface.form import Fields, checked
from api.pages.surface.layout import render
from api.pages.surface.reader_zone import milliseconds
from api.routes import rules
from api.trials.trial_request import Trial

router = APIRouter(prefix="/rules", include_in_schema=False)
CURVES = 8  # that can be told apart


@router.post("/trial")
async def trial(request: Request, deps: Deps, who: Who, fields: Fields) -> Response:
    """Run the text of the editor on what is recorded, or on the lines of the form; nothing is put or sent."""
    body, rule = await editor.accepted(deps, who, fields.get("text", ""), "rules")
    asked = checked(Trial, {"rule": body, **await run_in_threadpool(trial_form.source, fields)})
    outcome = await rules.outcome(request, deps, who, asked)
    end = await run_in_threadpool(_end, asked, milliseconds(outcome["span"]["until"]))
    picture = await run_in_threadpool(_picture, outcome, rule.name, end)
    return render(
        request, "trial.html", outcome=outcome, picture=picture,
        begins=milliseconds(outcome["span"]["from"]), ends=end, given=asked.recorded is None,
    )  # fmt: skip


def _end(asked: Trial, until: int) -> int:
    """The last instant at which something is given, ms UTC; `until` where it is recorded."""
    given = [sample.at for sample in asked.all_samples()] + [event.at for event in asked.events]
    return max(given, default=until)


def _picture(outcome: dict[str, Any], name: str, end: int) -> Drawing:
    """What the rule reads, the worst first, with its thresholds, and when it fires, until the inputs end."""
    series = [
        [(at, point["value"]) for point in curve["points"] if (at := milliseconds(point["at"])) <= end]
        for curve in outcome["plot"][:CURVES]
    ]
    return drawing.curve(series, sorted(_limits(outcome["thresholds"].values())), _fired(outcome, name, end))


def _limits(thresholds: Iterable[float | list[float]]) -> set[float]:
    """Each number at which something begins to be wrong; a band has two."""
    return {end for limit in thresholds for end in (limit if isinstance(limit, list) else [limit])}


def _fired(outcome: dict[str, Any], name: str, end: int) -> list[TimeSpan]:
    """From each firing of the rule to its end, or to that of the inputs."""
    spans = [
        TimeSpan(milliseconds(alert["fired"]), milliseconds(alert["ended"] or end), "fired", alert["message"])
        for alert in outcome["alerts"]
        if alert["rule"] == name
    ]
    return [span._replace(ends=min(span.ends, end)) for span in spans if span.begins <= end]
