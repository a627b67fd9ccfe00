"""`tocsin people VERB`: confirm that a way reaches somebody, and change how you are reached yourself."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.context import surroundings
from api.cli.printable import printable
from api.cli.talk import Talk
from api.cli.verbs.oncall.people_import import import_people
from streams.errors import Refused

app = typer.Typer(help="How people are reached.", no_args_is_help=True)
app.command("import")(import_people)
Name = Annotated[str, typer.Argument(help="The person.")]
Team = Annotated[str, typer.Option(help="Whose document it is, where several have the name.")]


@app.command()
def confirm(
    context: typer.Context,
    name: Name,
    method: Annotated[str, typer.Argument(help="email, sms, or the name of an endpoint.")],
    code: Annotated[str, typer.Argument(help="The code that came; left out: one is sent.")] = "",
    team: Team = "",
) -> None:
    """Have a code sent to somebody; with the code that came, confirm that the way reaches them."""
    around = surroundings(context)
    talk = around.talk()
    path = f"/v1/people/{person(talk, name, team)['id']}"
    if code:
        answer = talk.settle("POST", f"{path}/confirm", json={"method": method, "code": code})
    else:
        answer = talk.settle("POST", f"{path}/send-code", json={"method": method})
    around.say(printable(str(answer.get("says") or answer.get("reason"))))
    if not code:
        around.say(printable(f"then: tocsin people confirm {name} {method} CODE"))


@app.command()
def contact(
    context: typer.Context,
    name: Name,
    email: Annotated[str | None, typer.Option(help="An address such as ben@example.com.")] = None,
    phone: Annotated[str | None, typer.Option(help="A number with its country: +4930123456.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None,
    quiet_hours: Annotated[
        list[str] | None, typer.Option(help="Such as 22:00-07:00; may be repeated; `none` for none.")
    ] = None,
    team: Team = "",
) -> None:
    """Change how you, or somebody of a team that you administer, are reached; a new address has to be confirmed."""
    around = surroundings(context)
    talk = around.talk()
    known = person(talk, name, team)
    given = {"email": email, "phone": phone, "time_zone": time_zone}
    fields: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    if quiet_hours:
        fields["quiet_hours"] = [] if quiet_hours == ["none"] else quiet_hours
    if not fields:
        raise Refused("say what changes: `--email`, `--phone`, `--time-zone` or `--quiet-hours`")
    talk.settle("PATCH", f"/v1/people/{known['id']}/contact", json=fields | {"revision": known["revision"]})
    around.say(printable(f"{', '.join(fields)} of {name} changed"))


def person(talk: Talk, name: str, team: str) -> dict[str, Any]:
    """The document of a person, among those that one may see or is; Refused where none or several have the name."""
    asked = {"name": name} | ({"team": team} if team else {})
    listed = talk.ask("GET", "/v1/people", params=asked)["items"] + talk.ask("GET", "/v1/people/me")["items"]
    named = {each["id"]: each for each in listed if each["name"] == name and team in ("", each["team"])}
    if not named:
        raise Refused(f"there is no person {name!r:.60} whom you may see")
    if len(named) > 1:
        teams = " and ".join(sorted(each["team"] for each in named.values()))
        raise Refused(f"{name} is the name of several, of {teams}: say `--team`")
    return next(iter(named.values()))
