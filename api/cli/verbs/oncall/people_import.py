"""`tocsin people import GATEWAY`: a gateway's teams and users as a file of persons and teams for `tocsin apply`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, TypeVar

import typer
import yaml

from api.cli.context import surroundings
from api.cli.printable import printable
from sources.bridge.bridges import client
from sources.bridge.registry import Registry
from sources.bridge.remedy import fix
from sources.contextforge.answer import Answer, Limited, Outcome
from sources.contextforge.client import TEAMS, Client
from sources.contextforge.membership import Membership
from sources.contextforge.roster import roster
from streams.errors import Refused

T = TypeVar("T")
LONGEST, PATIENCE = 120.0, 20  # seconds that one of the gateway's limits is waited for, and how often
HEAD = "# People and teams of gateway {name}. Made by `tocsin people import {name}`: import again instead of an edit.\n"


def import_people(
    context: typer.Context, gateway: Annotated[str, typer.Argument(help="A gateway that is watched.")]
) -> None:
    """Print the teams of a gateway and their members as persons and teams, as far as its token may see them.

    `tocsin people import prod-eu > prod-eu-people.yaml`, then `tocsin apply prod-eu-people.yaml`. What stands in other
    files, or was put otherwise, is not touched: a name that is taken is refused by `apply`.
    """
    around = surroundings(context)
    known = Registry.of(around.settings).read().get(gateway)
    if known is None:
        raise Refused(f"no gateway {gateway!r:.60} is watched: `tocsin gateways list` names them")
    people, unseen = asyncio.run(_asked(client(known)))
    typer.echo(
        HEAD.format(name=gateway) + yaml.safe_dump(people, sort_keys=False, allow_unicode=True), nl=False
    )
    for team, why in unseen:
        typer.echo(printable(f"the members of team {team} cannot be seen: {why}"), err=True)
    typer.echo(f"{len(people['people'])} people, {len(people['teams'])} teams", err=True)


async def _asked(asked: Client) -> tuple[dict[str, list[dict[str, Any]]], list[tuple[str, str]]]:
    """The documents, and which teams' members the gateway does not show, with what would change that."""
    try:
        teams = await _patiently(asked.teams)
        if not isinstance(teams, Answer):
            raise Refused(f"the gateway does not tell its teams: {fix(teams, TEAMS)}")
        members: dict[str, list[Membership]] = {}
        unseen: list[tuple[str, str]] = []
        for team, slug in teams.value.items():
            answer = await _patiently(partial(asked.members, team))
            if isinstance(answer, Answer):
                members[team] = answer.value
            else:
                unseen.append((slug, fix(answer, f"{TEAMS}ID/members")))
        return roster({team: slug for team, slug in teams.value.items() if team in members}, members), unseen
    finally:
        await asked.close()


async def _patiently(ask: Callable[[], Awaitable[Outcome[T]]]) -> Outcome[T]:
    """An answer; where the gateway's limit asks for silence that is short, it is kept, a few times."""
    for _ in range(PATIENCE):
        answer = await ask()
        if not isinstance(answer, Limited) or answer.after > LONGEST:
            return answer
        await asyncio.sleep(answer.after)
    return await ask()
