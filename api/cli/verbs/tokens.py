"""`tocsin tokens list` and `tocsin tokens revoke`: which tokens and sessions are good, and the end of some."""

from __future__ import annotations

import time
from typing import Annotated
from uuid import UUID

import typer

from api.auth.admission import admission
from api.auth.issued_tokens import IssuedToken
from api.cli.context import surroundings
from api.cli.verbs.token import LONGEST
from api.instant import spell
from streams.errors import Refused
from streams.settings import Settings

SHOWN = 8  # characters of an id
app = typer.Typer(help="Which tokens and sessions are good; revoke them.", no_args_is_help=True)


@app.command("list")
def listed(context: typer.Context) -> None:
    """All tokens and sessions that are good, by their ids; never the tokens themselves."""
    around = surroundings(context)
    good = _good(around.settings)
    for token in good:
        scope = "administrator" if token.admin else ", ".join(token.teams)
        around.say(
            f"{token.id[:SHOWN]}  {token.kind:7}  {token.name}  {scope}  "
            f"since {_day(token.issued)}, until {_day(token.expires)}"
        )
    around.say(
        f"{len(good)} good: `tocsin tokens revoke ID` ends one, `tocsin tokens revoke NAME` all of a person."
    )


@app.command("revoke")
def revoke(
    context: typer.Context,
    which: Annotated[
        str, typer.Argument(help="An id as `list` shows it, or a whole one, or a name for all of theirs.")
    ],
) -> None:
    """End tokens and sessions at once; whoever uses one is asked to sign in, or to get a new token."""
    around, now = surroundings(context), int(time.time())
    revocations = admission(around.settings).revocations
    chosen = _chosen(_good(around.settings), which)
    for token in chosen:
        revocations.add(token.id, token.expires, now)
        around.say(f"{token.id[:SHOWN]}  {token.kind}  {token.name}: revoked")
    if not chosen:  # made where this folder does not lie, with the same key
        revocations.add(_whole(which), now + LONGEST, now)
        around.say(
            f"{which}: revoked; it was not made here, so it is refused for as long as any token can be good"
        )


def _good(settings: Settings) -> list[IssuedToken]:
    known = admission(settings)
    return [token for token in known.issued.all(int(time.time())) if not known.revocations.holds(token.id)]


def _chosen(good: list[IssuedToken], which: str) -> list[IssuedToken]:
    """Those of a name, or the one whose id begins so; Refused where several do."""
    if named := [token for token in good if token.name == which]:
        return named
    begun = [token for token in good if token.id.startswith(which)]
    if len(begun) > 1:
        raise Refused(f"{which!r:.80} begins several ids: {', '.join(token.id for token in begun[:5])}")
    return begun


def _whole(text: str) -> str:
    """The text, where it is a whole id."""
    try:
        return str(UUID(text))
    except ValueError:
        raise Refused(
            f"there is no good token or session {text!r:.80}: `tocsin tokens list` shows them by id and name"
        ) from None


def _day(seconds: int) -> str:
    return str(spell(seconds * 1_000))[:16].replace("T", " ")
