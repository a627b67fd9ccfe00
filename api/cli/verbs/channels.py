"""`tocsin channels VERB`: see whether an endpoint can be told anything, and what it would be told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.channel_preview import preview
from api.cli.context import Surroundings, surroundings
from api.cli.printable import printable
from api.cli.talk import Talk
from api.cli.verbs.alerts import whole_id
from api.cli.verbs.apply import gathered
from streams.documents.document import PLATFORM
from streams.documents.endpoint import Endpoint
from streams.documents.registry import identity
from streams.errors import Refused

app = typer.Typer(help="Try where notifications go.", no_args_is_help=True)
LOG = str(identity(PLATFORM, "endpoint", "log"))  # is there without a document
BUILT_IN = {"name": "log", "team": PLATFORM, "channel": "log"}
MARKS = {"delivered": "✔", "failed": "✘"}


@app.callback()
def channels() -> None:
    """Try where notifications go."""


@app.command("test")
def try_endpoint(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="Its name, or team/name, or id.")],
) -> None:
    """Send a labelled test to one endpoint, and say what its receiver answered; somebody hears of it."""
    around = surroundings(context)
    talk = around.talk()
    trial = talk.ask("POST", f"/v1/endpoints/{_id(talk, endpoint)}/test")
    for line in trial.get("attempts", []):
        around.say(printable(f"  {line['at'][11:19]} {line['what']}: {line['reason']}"))
    result = str(trial.get("result", "pending"))
    around.say(
        printable(f"{MARKS.get(result, '·')} {result}: {trial.get('reason') or trial.get('location', '')}")
    )
    if result != "delivered":
        raise Refused(f"{endpoint}: the test did not arrive; the line above says why")


@app.command("preview")
def show(
    context: typer.Context,
    endpoint: Annotated[
        str, typer.Argument(help="Its name, or team/name, or id; or a YAML file with endpoints.")
    ],
    alert: Annotated[str, typer.Option(help="An alert, or how its id begins; left out: an example.")] = "",
) -> None:
    """Show what an endpoint would be told, as its receiver gets it; nothing is sent."""
    around = surroundings(context)
    shown = around.talk().ask("GET", f"/v1/alerts/{whole_id(around.talk(), alert)}") if alert else None
    for body in _bodies(around, endpoint):
        around.say(f"── {body.get('team', 'platform')}/{body['name']} ({body.get('channel', 'webhook')})")
        around.say(preview(body, shown))


def _bodies(around: Surroundings, endpoint: str) -> list[dict[str, Any]]:
    """The endpoint documents that are meant: of a file, else the one that Tocsin has."""
    if endpoint.endswith((".yaml", ".yml")):
        bodies = [
            document.body()
            for _, document in gathered(around, [Path(endpoint)])
            if isinstance(document, Endpoint)
        ]
        if not bodies:
            raise Refused(f"{endpoint} holds no endpoints")
        return bodies
    talk = around.talk()
    id = _id(talk, endpoint)
    return [BUILT_IN if id == LOG else talk.ask("GET", f"/v1/endpoints/{id}")]


def _id(talk: Talk, text: str) -> str:
    """The id of the endpoint that is meant, by its name; Refused where several have it."""
    team, _, name = text.rpartition("/")
    params = {"name": name} | ({"team": team} if team else {})
    items: list[dict[str, Any]] = talk.ask("GET", "/v1/endpoints", params=params)["items"]
    if len(items) > 1:
        several = ", ".join(f"{item['team']}/{item['name']}" for item in items)
        raise Refused(f"{text!r:.80} names several endpoints: {several}; say which")
    if items:
        return str(items[0]["id"])
    if (team or PLATFORM, name) == (PLATFORM, "log"):
        return LOG
    if team:
        raise Refused(f"there is no endpoint {text!r:.80}: `GET /v1/endpoints` lists them")
    return text
