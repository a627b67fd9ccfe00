"""`tocsin dead-letters list|show|send-back`: what could not be handled, why, and back after a mend."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import orjson
import typer

from api.cli.context import surroundings
from api.cli.printable import printable
from api.cli.talk import Talk
from streams.errors import Refused

app = typer.Typer(help="See what could not be handled, and send it back.", no_args_is_help=True)
PAGE = 100  # letters that are asked for at once
PATH = "/v1/dead-letters"
Letter = Annotated[int, typer.Argument(min=0, help="Its number, as `list` shows it.")]


@app.command("list")
def list_(
    context: typer.Context,
    topic: Annotated[str, typer.Option(help="Only those that came from this topic.")] = "",
    code: Annotated[str, typer.Option(help="refused, forged, other_layout or failed.")] = "",
    q: Annotated[str, typer.Option(help="Words of the reason, the topic or the input.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Each as a line of JSON.")] = False,
) -> None:
    """List the newest dead letters: when, what, from whom, why."""
    around = surroundings(context)
    given = {name: value for name, value in {"topic": topic, "code": code, "q": q}.items() if value}
    summary = "there is no such letter"
    for count, (letter, kept) in enumerate(_letters(around.talk(), given, limit), 1):
        summary = f"{count} of {kept} letters"
        around.say(orjson.dumps(letter).decode() if json else printable(_line(letter)))
    if not json:
        around.say(summary)


@app.command()
def show(context: typer.Context, letter: Letter) -> None:
    """Show one with its input as it came, and what to do."""
    around = surroundings(context)
    letter_shown = around.talk().ask("GET", f"{PATH}/{letter}")
    around.say(printable(_line(letter_shown)))
    around.say(f"what to do: {printable(letter_shown['fix'])}")
    if letter_shown["why_not"]:
        around.say(f"it is not sent back: {printable(letter_shown['why_not'])}")
    around.say(printable(letter_shown["input"], several=True))


@app.command("send-back")
def send_back(
    context: typer.Context,
    letter: Letter,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Send the input of a letter back to where it came from, to be handled again."""
    around = surroundings(context)
    talk = around.talk()
    if not yes:
        around.say(printable(_line(talk.ask("GET", f"{PATH}/{letter}"))))
        if not sys.stdin.isatty():
            raise Refused("nobody is there to ask: say --yes to send it back")
        typer.confirm("Send it back?", abort=True)
    answer = talk.ask("POST", f"{PATH}/{letter}/send-back")
    around.say(f"letter {letter} was sent back to {answer['topic']}")


def _letters(talk: Talk, given: dict[str, Any], limit: int) -> Iterator[tuple[dict[str, Any], int]]:
    """So many letters, page by page, each with how many there are in all."""
    before: dict[str, int] | None = {}
    while before is not None and limit > 0:
        answer = talk.ask("GET", PATH, params={**given, **before, "limit": min(limit, PAGE)})
        yield from ((letter, answer["kept"]) for letter in answer["items"])
        limit -= len(answer["items"])
        before = None if answer["next"] is None else {"before": answer["next"]}


def _line(letter: dict[str, Any]) -> str:
    what = f"{letter['kind'] or 'input'} of {letter['topic']} from {letter['producer']}"
    return f"{letter['offset']:>6}  {letter['at']}  {letter['code']}  {what}: {letter['reason']}"
