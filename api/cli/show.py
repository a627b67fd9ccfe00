"""`tocsin demo`: the whole path against a real ContextForge gateway that is installed for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.composition import Composition
from api.cli.context import Surroundings, surroundings
from api.cli.verbs.connect import watch
from api.cli.verbs.operate.demonstration import furnish
from api.cli.verbs.operate.up import greet, run
from deploy.contextforge.demo import Tocsin
from deploy.contextforge.demo import run as show
from deploy.ports import is_free
from sources.bridge.registry import Gateway
from streams.errors import Failure, Refused

Stay = Annotated[bool, typer.Option("--stay", help="Leave all running until Ctrl-C.")]


def demo(context: typer.Context, stay: Stay = False) -> None:
    """Install and start a real gateway, watch it, kill an upstream, and show the alert come and go."""
    around = surroundings(context)
    if not is_free(around.settings.port):
        shown(around, stay)  # a Tocsin runs here already
        return
    outcome: list[Failure] = []

    async def then(made: Composition, ready: Surroundings) -> bool:
        await greet(made, ready)
        try:
            await asyncio.to_thread(shown, ready, False)
        except Failure as why:  # said at the end, when all has been stopped
            outcome.append(why)
        return stay

    asyncio.run(run(replace(around, given=replace(around.settings, demonstration=False)), then))
    if outcome:
        raise outcome[0]


def shown(around: Surroundings, stay: bool) -> None:
    """Run the demonstration against the Tocsin that is up; Refused where it does not come to its end."""
    furnish(around, 0)
    talk = around.talk()
    token = around.token_path.read_text().strip()

    def watched(name: str, url: str, token_file: Path) -> Iterable[str]:
        gateway = Gateway(name=name, url=url, token_file=str(token_file.absolute()), interval=2_000)
        return watch(around, gateway).sentences()

    folder = Path(around.settings.data).absolute() / "contextforge"
    if not show(folder, Tocsin(talk.address, token), watched, around.say, stay):
        raise Refused("the demonstration did not come to its end: see above, and `tocsin doctor`")
