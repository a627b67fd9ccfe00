"""The API's answer to what a form asked for in, the page's answer out: where to go on, and what to say there."""

from __future__ import annotations

import json
from typing import Any, Literal

import orjson
from fastapi.responses import Response

PENDING = 202
Tone = Literal["good", "note"]


def body_of(answer: Response) -> dict[str, Any]:
    """What an answer of the API holds; nothing where it holds nothing."""
    return dict(orjson.loads(answer.body)) if answer.body else {}


def went_on(answer: Response, path: str, words: str) -> Response:
    """To another page with these words; where nothing is decided yet, with what may still become of it."""
    if answer.status_code != PENDING:
        return to(path, words)
    open_ = body_of(answer)
    why = open_.get("detail", "it is not decided yet: load the page again in a moment")
    return to(path, f"Under way: {why}", "note")


def to(path: str, words: str, tone: Tone = "good") -> Response:
    """To a page of ours, with words that are shown above it."""
    target = {"path": path, "target": "#main", "select": "#main", "swap": "outerHTML show:window:top"}
    headers = {
        "HX-Location": json.dumps(target),  # ASCII: what is not is escaped
        "HX-Trigger": json.dumps({"flash": {"words": words, "tone": tone}}),
    }
    return Response(status_code=200, headers=headers)
