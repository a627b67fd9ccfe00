"""`tocsin token` and `tocsin sign-in`: who may ask, for programs and for people."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import TOKEN_FILE, Surroundings, surroundings
from api.signin import SignIn
from api.token import Tokens
from deploy.keys import completed, write_private
from streams.duration import milliseconds
from streams.keys import several
from streams.said import Principal
from streams.settings import Settings

YEAR = 365 * 86_400  # seconds
OPERATOR = Principal(name="operator", admin=True)


def issued(settings: Settings, principal: Principal, lives: int) -> str:
    """A token for `lives` seconds from now."""
    return Tokens(several(completed(settings).token_key)).issue(principal, int(time.time()), lives)


def own_token(settings: Settings) -> Path:
    """The file of this machine's own administrator token, made where it is missing."""
    file = Path(settings.data) / "keys" / TOKEN_FILE
    if not file.exists():
        write_private(file, issued(settings, OPERATOR, YEAR) + "\n")
    return file


def link(settings: Settings, principal: Principal = OPERATOR) -> str:
    """A sign-in link, good once and for ten minutes; the code stands in the fragment, which no server sees."""
    code = SignIn(settings.data).new(principal, int(time.time()))
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"http://{host}:{settings.port}/#code={code}"


def token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whom it names, such as an e-mail address.")],
    team: Annotated[list[str] | None, typer.Option(help="A team of theirs; may be repeated.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="May see and do everything.")] = False,
    lasts: Annotated[str, typer.Option(help="How long it is good, such as 8h or 90d.")] = "30d",
) -> None:
    """Make a bearer token and print it; keep it like a password."""
    principal = Principal(name=name, admin=admin, teams=team or [])
    if not (admin or team):
        raise typer.BadParameter("say --team at least once, or --admin: otherwise the token may see nothing")
    typer.echo(issued(surroundings(context).settings, principal, milliseconds(lasts) // 1000))


def sign_in(context: typer.Context) -> None:
    """Print a link that signs a browser in as administrator: good once, for ten minutes."""
    around: Surroundings = surroundings(context)
    around.say(link(around.settings))
