"""`tocsin notifications list|read`: what your teams were told, and that you have read it."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.context import surroundings
from api.cli.printable import printable

app = typer.Typer(help="What your teams were told, read and unread.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    unread: Annotated[bool, typer.Option("--unread", help="Only what you have not read.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
) -> None:
    """List notifications, the newest first; a dot marks what is unread."""
    around = surroundings(context)
    page = around.talk().ask("GET", "/v1/notifications", params={"unread": unread, "limit": limit})
    for notification in page["items"]:
        mark, at = " " if notification["read"] else "●", notification["at"][:19].replace("T", " ")
        why = f"{notification['team']} · {notification['what']}: {notification['reason']}"
        around.say(printable(f"{mark} {at}  {notification['title']}  ({why})"))
    around.say(f"{len(page['items'])} shown, {page['unread']} unread")


@app.command()
def read(context: typer.Context) -> None:
    """Say that you have read all of them."""
    around = surroundings(context)
    talk = around.talk()
    newest = talk.ask("GET", "/v1/notifications", params={"limit": 1})["items"]
    left = (
        talk.ask("POST", "/v1/notifications/read", json={"through": newest[0]["sequence"]})
        if newest
        else {"unread": 0}
    )
    around.say(f"{left['unread']} unread")
