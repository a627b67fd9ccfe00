"""`tocsin policies apply-now`: what runs goes on by an edited policy."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import surroundings
from streams.documents.document import PLATFORM
from streams.errors import Refused

app = typer.Typer(help="Escalation policies.", no_args_is_help=True)


@app.command("apply-now")
def apply_now(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The policy.")],
    owner: Annotated[str, typer.Option(help="The team that owns it.")] = PLATFORM,
    team: Annotated[str, typer.Option(help="Whose escalations; left out: the owner's.")] = "",
) -> None:
    """Let escalations that run by a policy go on by it as it is now; without this an edit holds for what fires next."""
    around = surroundings(context)
    talk = around.talk()
    policies = talk.ask("GET", "/v1/policies", params={"name": name, "team": owner})["items"]
    if not policies:
        raise Refused(f"there is no policy {name} of {owner}: `--owner` names the team that has it")
    params = {"team": team} if team else {}
    answer = talk.settle("POST", f"/v1/policies/{policies[0]['id']}/apply-now", params=params)
    around.say(str(answer.get("says") or answer["reason"]))
