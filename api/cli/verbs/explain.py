"""`tocsin explain ALERT [PERSON]`: why people are told of an alert, or are not, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from api.cli.context import surroundings
from api.cli.json_lines import put_out
from api.cli.printable import printable
from api.cli.verbs.alerts import whole_id
from streams.calendar.duration import spell

PASSED, STOPPED = "✔", "✘"


def explain(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(help="The alert's id, or its first characters.")],
    person: Annotated[str, typer.Argument(help="Only what concerns this person.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell every gate between an alert and people, passed or not, and what comes next when."""
    around = surroundings(context)
    talk = around.talk()
    params = {"person": person} if person else {}
    explanation = talk.ask("GET", f"/v1/alerts/{whole_id(talk, alert)}/explain", params=params)
    if as_json:
        put_out(explanation)
        return
    for line in lines(explanation):
        around.say(printable(line))


def lines(explanation: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    for gate in explanation["gates"]:
        until = f", until {gate['until'][:19].replace('T', ' ')} UTC" if gate["until"] else ""
        document = f" [{gate['document']}]" if gate["document"] else ""
        sign = PASSED if gate["passed"] else STOPPED
        yield f"{sign} {gate['gate']}: {gate['reason']}{until} ({gate['code']}){document}"
    for after in explanation["next"]:
        yield f"next: {_next(after)}"
    if not explanation["next"]:
        yield "next: nobody has been told yet of its groups"


def _next(after: dict[str, Any]) -> str:
    if after["at"] is None:
        return f"{after['next']} ({after['state']})"
    to = ", ".join(after["to"]) or "nobody, as things are: the one after it goes at once"
    return f"{after['next']} in {spell(after['in_seconds'] * 1_000)} → {to}"
