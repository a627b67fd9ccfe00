"""`tocsin token` and `tocsin sign-in`: who may ask, for programs and for people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from api.auth.admission import admission
from api.auth.token import Session, Tokens
from api.cli.context import TOKEN_FILE, Surroundings, surroundings, url
from api.instant import length
from deploy.keys import completed, write_private
from streams.access import USUAL, TeamRole
from streams.calendar.duration import spell
from streams.documents.document import TEAM
from streams.errors import Refused
from streams.keys import several
from streams.messages.command import Principal
from streams.settings import Settings

YEAR = 365 * 86_400  # seconds
SHORTEST, LONGEST = 60, 10 * YEAR  # seconds that a token may be good
OPERATOR = Principal(name="operator", admin=True)


def issued(settings: Settings, principal: Principal, lives: int) -> str:
    """A token for `lives` seconds from now; that it was issued is remembered, so that it can be revoked."""
    now = int(time.time())
    session = Session(principal, str(uuid4()), now + lives)
    admission(settings).issued.add(session, "token", now)
    return Tokens(several(completed(settings).token_key)).issued(session, now)


def own_token(settings: Settings) -> Path:
    """The file of this machine's own administrator token, made where it is missing, expired or revoked."""
    file = Path(settings.data) / "keys" / TOKEN_FILE
    if not _good(settings, file):
        write_private(file, issued(settings, OPERATOR, YEAR) + "\n")
    return file


def _good(settings: Settings, file: Path) -> bool:
    try:
        session = Tokens(several(completed(settings).token_key)).read(file.read_text().strip())
    except (FileNotFoundError, Refused):
        return False
    return not admission(settings).revocations.holds(session.id)


def link(settings: Settings, principal: Principal = OPERATOR) -> str:
    """A sign-in link, good once and for ten minutes; the code stands in the fragment, which no server sees."""
    code = admission(settings).signin.new(principal, int(time.time()))
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"{url(host, settings.port)}/#code={code}"


def token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whom it names, such as an e-mail address.")],
    team: Annotated[list[str] | None, typer.Option(help="A team of theirs; may be repeated.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="May see and do everything.")] = False,
    lasts: Annotated[str, typer.Option(help="How long it is good, such as 8h or 90d.")] = "30d",
    role: Annotated[TeamRole, typer.Option(help="What the person is in these teams.")] = USUAL,
) -> None:
    """Make a bearer token and print it; keep it like a password."""
    if not (admin or team):
        raise typer.BadParameter(
            "say --team at least once, or --admin, or the token may see nothing", context
        )
    if not name.strip():
        raise Refused("the name is empty: say whom the token names, such as an e-mail address")
    if odd := [team_name for team_name in team or [] if not TEAM.fullmatch(team_name)]:
        raise Refused(f"--team {odd[0]!r:.60} is no team: lower-case letters, digits, `.`, `_` and `-`")
    lives = length(lasts, "--lasts") // 1000
    if not SHORTEST <= lives <= LONGEST:
        raise Refused(
            f"--lasts {lasts:.40} must lie between {spell(SHORTEST * 1000)} and {spell(LONGEST * 1000)}"
        )
    principal = _member(name, admin, team or [], role)
    typer.echo(issued(surroundings(context).settings, principal, lives))


def sign_in(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="Whom the page names when something is acknowledged.")
    ] = OPERATOR.name,
    team: Annotated[
        list[str] | None, typer.Option(help="A team of theirs; without one, an administrator.")
    ] = None,
    role: Annotated[TeamRole, typer.Option(help="What the person is in these teams.")] = USUAL,
) -> None:
    """Print a link that signs a browser in: good once, for ten minutes."""
    around: Surroundings = surroundings(context)
    around.say(link(around.settings, _member(name, not team, team or [], role)))


def _member(name: str, admin: bool, teams: Sequence[str], role: TeamRole) -> Principal:
    """Somebody who is the same in each of these teams; what is usual is not said."""
    roles = {} if role is USUAL else dict.fromkeys(teams, role)
    return Principal(name=name, admin=admin, teams=tuple(teams), roles=roles)
