"""`tocsin archive list|show`: what was moved out of the read model because it is over and old."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import orjson
import typer

from api.cli.context import surroundings
from api.cli.printable import printable
from api.cli.talk import Talk
from streams.archive import Kind
from streams.calendar.duration import spell

app = typer.Typer(help="See what is archived.", no_args_is_help=True)
PAGE = 500  # rows that are asked for at once


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the months that are archived, the newest first."""
    around = surroundings(context)
    answer = around.talk().ask("GET", "/v1/archives")
    for month in answer["items"]:
        around.say(
            f"{month['month']}  alerts {_size(month['alerts_bytes'])}  timeline {_size(month['timeline_bytes'])}"
        )
    after, keep = (spell(answer[f"{name}_seconds"] * 1000) for name in ("after", "keep"))
    rule = f"alerts are moved {after} after their end" if answer["after_seconds"] else "nothing is moved here"
    kept = f"months are kept for {keep}" if answer["keep_seconds"] else "months are kept for ever"
    around.say(f"{len(answer['items'])} months; {rule}, {answer['waiting']} are waiting; {kept}")


@app.command()
def show(
    context: typer.Context,
    month: Annotated[str, typer.Argument(help="Such as 2026-09.")],
    kind: Kind = Kind.ALERTS,
    q: Annotated[str, typer.Option(help="Words that stand in the row.")] = "",
    alert: Annotated[str, typer.Option(help="The id of one alert.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many rows.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Each row whole, as a line of JSON.")] = False,
) -> None:
    """Show what a month of the archive holds of your teams."""
    around = surroundings(context)
    asked = {"kind": kind.value, "q": q, "alert": alert}
    given = {name: value for name, value in asked.items() if value}
    for row in _rows(around.talk(), f"/v1/archives/{month}", given, limit):
        around.say(orjson.dumps(row).decode() if json else printable(_line(kind, row)))


def _rows(talk: Talk, path: str, given: dict[str, Any], limit: int) -> Iterator[dict[str, Any]]:
    """So many rows, page by page."""
    after: int | None = 0
    while after is not None and limit > 0:
        answer = talk.ask("GET", path, params=given | {"after": after, "limit": min(limit, PAGE)})
        yield from answer["items"]
        limit, after = limit - len(answer["items"]), answer["next"]


def _line(kind: Kind, row: dict[str, Any]) -> str:
    if kind is Kind.TIMELINE:
        return f"{row['at']}  {row['subject']} {row['what']}: {row['reason']}  ({row['team']} · {row['alert_id'][:8]})"
    when = f"{row['triggered_at']} – {row['resolved_at']}"
    return (
        f"{when}  {row['severity']:<8} {row['id'][:8]}  {row['message']}  ({row['team']} · {row['gateway']})"
    )


def _size(count: int) -> str:
    return f"{count / 1024:,.1f} kB"
