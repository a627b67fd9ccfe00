"""What there is in, what a new installation still needs out, in the order in which a person does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from api.pages.surface.directory import DocumentDirectory
from api.queries.states.first_told import FirstTold
from streams.documents.endpoint import Endpoint
from streams.documents.oncall.person import PersonDocument
from streams.documents.oncall.schedule import OnCallSchedule
from streams.documents.route import Route
from streams.documents.rule import Rule

CONNECT = "tocsin connect https://gateway.example --token-file token.txt"
TRY = 'tocsin emit alert "First page" "nothing is wrong" --source try --severity critical --dedup-key first'


class FirstStep(NamedTuple):
    """One thing that is needed: whether it is there, what it is for, the page and the command that make it."""

    done: bool
    says: str
    path: str
    command: str = ""


def first_steps(
    known: DocumentDirectory, heard: Mapping[str, Any] | None, told: FirstTold
) -> list[FirstStep]:
    """All of them. `heard`: what is heard of gateways, None where that cannot be asked."""
    beyond_log = [endpoint for endpoint in known.all(Endpoint) if endpoint.channel != "log"]
    rules = known.all(Rule)
    return [
        FirstStep(bool(heard and heard["gateways"]), "A gateway is watched", "/overview", CONNECT),
        FirstStep(bool(rules), "Rules say what is wrong", "/rules", "tocsin apply rules/"),
        FirstStep(bool(beyond_log), "An endpoint is where people hear of it", "/documents/endpoints/new"),
        FirstStep(told.tested, "A test has arrived there: press Send a test, and look", "/endpoints"),
        FirstStep(
            bool(known.all(PersonDocument)), "People say how they are reached", "/documents/people/new"
        ),
        FirstStep(
            bool(known.all(OnCallSchedule)), "A schedule says who is on call", "/documents/schedules/new"
        ),
        FirstStep(bool(known.all(Route)), "A route says who hears of what: try it with labels", "/routing"),
        FirstStep(any(not rule.shadow for rule in rules), "A rule out of shadow tells people", "/rules"),
        FirstStep(
            told.told,
            "The first page has arrived: raise an alert, acknowledge it, end it with --resolve",
            "/",
            TRY,
        ),
    ]
