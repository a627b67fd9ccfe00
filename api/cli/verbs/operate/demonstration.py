"""What the demonstration needs to be seen: an endpoint that is the catcher, a route to it, and a quick rule.

All of it belongs to the team `demonstration`, whose alerts reach its own endpoints and nobody else's.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from api.cli.context import Surroundings
from api.cli.talk import Talk
from api.cli.verbs.apply import PLURAL, gathered
from streams.documents.registry import read
from streams.errors import Conflict

TEAM = "demonstration"
STARTER = Path(__file__).parents[4] / "rules"


def documents(port: int) -> list[dict[str, Any]]:
    """The documents, for a catcher on this port."""
    rule = {
        "type": "rule",
        "name": "upstream-down",
        "team": TEAM,
        "description": "The demonstration's own, quicker than any rule should be.",
        "last": 'upstream_up{gateway="demonstration"}',
        "below": 0.5,
        "recover": 0.5,
        "severity": "critical",
        "for": "5s",
        "keep_firing_for": "0s",
        "message": "{upstream} of the demonstration does not answer",
    }
    catcher = {
        "type": "endpoint",
        "name": TEAM,
        "team": TEAM,
        "url": f"http://127.0.0.1:{port}/",
        "allow_private": True,
    }
    route = {"type": "route", "name": "everything", "team": TEAM, "to": f"endpoint/{TEAM}"}
    return [catcher, rule, route]


def furnish(around: Surroundings, port: int) -> None:
    """Put the starter rules once, and where the catcher has a port the demonstration's documents."""
    talk = around.talk()
    talk.await_ready()
    for body in documents(port) if port else ():
        put(talk, body)
    starter(around, talk)


def put(talk: Talk, body: dict[str, Any]) -> None:
    """Create the document, or make it what it should be; unchanged, it is left alone."""
    where = f"/v1/{PLURAL[body['type']]}"
    try:
        talk.settle("POST", where, json=body)
    except Conflict:
        document = read(body["type"], {name: value for name, value in body.items() if name != "type"})
        known = talk.ask("GET", f"{where}/{document.id}")
        talk.settle("PUT", f"{where}/{document.id}", json=body | {"revision": known["revision"]})


def starter(around: Surroundings, talk: Talk) -> None:
    """The rules that fit any ContextForge gateway, once: from then on they are the reader's own."""
    mark = Path(around.settings.data) / "starter-rules"
    if mark.exists() or not STARTER.exists():
        return
    for _, document in gathered(around, [STARTER]):
        with suppress(Conflict):  # one that is there already stays as it is
            talk.settle("POST", f"/v1/{PLURAL[document.type]}", json=document.body())
    mark.touch()
