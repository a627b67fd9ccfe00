"""`tocsin channels test ENDPOINT`: see whether an endpoint can be told anything, in its receiver's own words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.context import surroundings
from api.cli.printable import printable
from api.cli.talk import Talk
from streams.errors import Refused

app = typer.Typer(help="Try where notifications go.", no_args_is_help=True)
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
    if team:
        raise Refused(f"there is no endpoint {text!r:.80}: `GET /v1/endpoints` lists them")
    return text
