"""`tocsin alerts VERB`: alerts in lines of text, and what a person says of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from api.cli.context import Surroundings, surroundings
from api.cli.printable import printable
from streams.errors import Refused

SHORTEST = 4  # characters of an alert's id
app = typer.Typer(help="See alerts, say that you have them, say that they are fixed.", no_args_is_help=True)
SIGNS = {"critical": "▲", "warning": "◆", "info": "●"}
Id = Annotated[str, typer.Argument(help="The alert's id, or its first characters.")]


@app.command("list")
def list_(
    context: typer.Context,
    status: Annotated[str, typer.Option(help="firing, acknowledged, resolved; several with commas.")] = "",
    severity: str = "",
    team: str = "",
    q: Annotated[str, typer.Option(help="Words in message, rule, gateway, team or labels.")] = "",
    limit: int = 50,
) -> None:
    """List alerts, open ones by default: the most severe first, then the newest."""
    around = surroundings(context)
    given = {"status": status, "severity": severity, "team": team, "q": q, "limit": limit}
    page = around.talk().ask(
        "GET", "/v1/alerts", params={name: value for name, value in given.items() if value != ""}
    )
    for alert in page["items"]:
        for line in (*lines(alert), *quiet(alert)):
            around.say(printable(line))
    around.say(f"{len(page['items'])} shown of {page['total']}")


def lines(alert: dict[str, Any]) -> tuple[str, str]:
    """One alert: how bad and whose, then what."""
    label = " · demonstration" if alert["demonstration"] else ""
    severity, since = alert["severity"], _clock(alert["triggered_at"])
    head = f"{SIGNS[severity]} {severity:<8} {alert['status']:<12} {alert['id'][:8]}  since {since} UTC"
    return head, f"    {alert['message']}  ({alert['team']} · {alert['gateway']}{label})"


def quiet(alert: dict[str, Any]) -> Iterator[str]:
    """Why nobody is told of it, and until when; nothing where people are."""
    if suppression := alert["suppression"]:
        until = f" until {_clock(suppression['until'])} UTC" if suppression["until"] else ""
        yield f"    nobody is told{until}: {suppression['reason']}"


@app.command()
def show(context: typer.Context, alert: Id) -> None:
    """Show one alert: why it fires, what casts doubt on it, who has it, and all that happened."""
    around = surroundings(context)
    talk = around.talk()
    for line in whole(talk.ask("GET", f"/v1/alerts/{whole_id(talk, alert)}")):
        around.say(printable(line))


def whole(alert: dict[str, Any]) -> Iterator[str]:
    """All of an alert, line by line."""
    yield from lines(alert)
    yield from quiet(alert)
    yield f"    why: {alert['reason'] or 'no reason was given'}"
    yield from (f"    doubt: {words}" for words in alert["data_quality"])
    if alert["acknowledged_until"]:
        yield f"    {alert['acknowledged_by']} has it until {_clock(alert['acknowledged_until'])} UTC"
    if dismissal := alert["dismissed"]:
        at = _clock(dismissal["at"])
        yield f"    no anomaly, says {dismissal['by']} since {at} UTC: `alerts not-an-anomaly --take-back` ends that"
    for entry in alert["timeline"]:
        by = f" by {entry['by']}" if entry["by"] else ""
        yield f"    {_clock(entry['at'])}  {entry['title']}{by} — {entry['reason']}"


def _clock(at: str) -> str:
    return at[:19].replace("T", " ")


@app.command()
def ack(context: typer.Context, alert: Id) -> None:
    """Say "I have it": nobody else is called for it."""
    _act(surroundings(context), alert, "acknowledge", {})


@app.command()
def resolve(
    context: typer.Context,
    alert: Id,
    notes: Annotated[str, typer.Option(help="What it was, what helped.")] = "",
) -> None:
    """Say "it is fixed"."""
    _act(surroundings(context), alert, "resolve", {"notes": notes})


@app.command()
def escalate(context: typer.Context, alert: Id) -> None:
    """Say "not me, or not me alone": the next step goes now."""
    _act(surroundings(context), alert, "escalate", {})


@app.command()
def snooze(
    context: typer.Context,
    alert: Id,
    length: Annotated[str, typer.Option("--for", help="For how long, such as 2h.")] = "",
    until: Annotated[str, typer.Option(help="Until when, such as 2026-12-07T09:00:00Z.")] = "",
    notes: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Say "not now": nobody hears of it for a while, unless its severity rises."""
    _act(surroundings(context), alert, "snooze", {"for": length, "until": until, "notes": notes})


@app.command()
def unsnooze(context: typer.Context, alert: Id) -> None:
    """Take a snooze back: people hear of it again."""
    _act(surroundings(context), alert, "unsnooze", {})


@app.command()
def silence(
    context: typer.Context,
    alert: Id,
    length: Annotated[str, typer.Option("--for", help="For how long, such as 2h.")] = "",
    until: Annotated[str, typer.Option(help="Until when, such as 2026-12-07T09:00:00Z.")] = "",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Make a silence of it: nobody hears of what has its labels, unless that gets worse."""
    around = surroundings(context)
    talk = around.talk()
    body = {"for": length, "until": until, "reason": reason}
    made = talk.settle("POST", f"/v1/alerts/{whole_id(talk, alert)}/silence", json=body)
    if "name" not in made:
        around.say(f"{made['status']}: nobody hears of what has its labels")
        return
    around.say(printable(f"silence {made['name']} of {made['team']}: {made['covers']} until {made['ends']}"))


@app.command()
def comment(
    context: typer.Context, alert: Id, notes: Annotated[str, typer.Argument(help="What is to be remembered.")]
) -> None:
    """Note something in its timeline."""
    _act(surroundings(context), alert, "comment", {"notes": notes})


@app.command()
def assign(
    context: typer.Context,
    alert: Id,
    to: Annotated[str, typer.Argument(help="Who is to see to it; empty: nobody in particular.")],
    notes: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Give it to somebody."""
    _act(surroundings(context), alert, "assign", {"to": to, "notes": notes})


@app.command()
def not_an_anomaly(
    context: typer.Context,
    alert: Id,
    notes: Annotated[str, typer.Option(help="What it was.")] = "",
    take_back: Annotated[bool, typer.Option(help="Take it back.")] = False,
) -> None:
    """Say that an anomaly rule was wrong: it asks for more of that series, by half less every week."""
    around = surroundings(context)
    talk = around.talk()
    path = f"/v1/alerts/{whole_id(talk, alert)}/not-an-anomaly"
    if take_back:
        talk.settle("DELETE", path)
        around.say("taken back")
        return
    talk.settle("POST", path, json={"notes": notes})
    around.say("said: the model asks for more of that series, by half less every week")


def _act(around: Surroundings, alert: str, do: str, body: dict[str, str]) -> None:
    talk = around.talk()
    answer = talk.settle("POST", f"/v1/alerts/{whole_id(talk, alert)}/{do}", json=body)
    around.say(f"{answer['status']}: {answer.get('message') or answer.get('reason')}")


def whole_id(talk: Any, alert: str) -> str:
    """The id that begins so."""
    if len(alert) >= 36:
        return alert
    if len(alert) < SHORTEST:
        raise Refused(f"{alert!r} is too little of an id: give at least {SHORTEST} characters")
    every = "firing,acknowledged,resolved"
    page = talk.ask("GET", "/v1/alerts", params={"status": every, "id": alert, "limit": 1})
    ids, total = [item["id"] for item in page["items"]], page["total"]
    if not ids:
        raise Refused(f"no alert begins with {alert!r}: `tocsin alerts list` shows which there are")
    if total > 1:
        raise Refused(f"{total} alerts begin with {alert!r}: give more of the id")
    return str(ids[0])
