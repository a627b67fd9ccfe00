"""`tocsin up`: everything on this machine under one supervisor, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import typer

from api.cli.composition import Composition, catcher_port
from api.cli.context import Surroundings, surroundings, url
from api.cli.verbs.operate.demonstration import furnish
from api.cli.verbs.token import link, own_token
from api.documents.default_receivers import default_receivers
from deploy.embedded.broker import Broker
from deploy.embedded.java import Profile
from deploy.embedded.progress import prepare
from deploy.kafka.reach import watch
from deploy.keys import completed
from deploy.ports import free_port, is_free
from deploy.supervisor.supervisor import Supervisor
from sources.demonstration.phase import Phase
from streams.calendar.duration import spell
from streams.errors import Failure, Misconfigured

Then = Callable[[Composition, Surroundings], Awaitable[bool]]  # whether to go on running


def up(context: typer.Context) -> None:
    """Start Kafka and all of Tocsin here, print a sign-in link, and run until Ctrl-C."""
    asyncio.run(run(surroundings(context), greet))


async def run(around: Surroundings, then: Then) -> None:
    """Start everything; when all of it is ready `then` is called once, and its failure is said and stops nothing."""
    made = prepared(around)
    ready = replace(around, given=made.settings)
    supervisor = Supervisor(made.children(), Path(made.settings.data), around.say)
    tasks: list[asyncio.Task[None]] = []

    async def follow() -> None:
        try:
            if not await then(made, ready):
                supervisor.stop()
        except Failure as why:
            around.say(f"tocsin: {why}", "bold")

    if made.broker is None:
        watch(made.settings.bootstrap, around.say)
    await supervisor.run(lambda: tasks.append(asyncio.create_task(follow())))


def prepared(around: Surroundings) -> Composition:
    """Keys, the API's token, a broker to start; Misconfigured where the port is taken."""
    default_receivers(around.settings)  # what is wrong is said before anything starts
    settings = replace(around.settings, data=str(Path(around.settings.data).absolute()))
    if not is_free(settings.port):
        raise Misconfigured(
            f"port {settings.port} is in use: is Tocsin running already? Else choose another with TOCSIN_PORT"
        )
    os.umask(0o077)  # nobody else on this machine reads history, logs or topics
    try:
        (Path(settings.data) / "pulse").mkdir(parents=True, exist_ok=True)
        completed(settings)
        own_token(settings)
    except OSError as why:
        raise Misconfigured(
            f"nothing can be kept in {settings.data}: {why.strerror}; make room there, let this user write there, or "
            "name another folder with TOCSIN_DATA"
        ) from None
    broker = None
    if not settings.bootstrap:
        broker = Broker(Path(settings.data), prepare(around.environ, (Profile.DAILY,)))
    catcher = catcher_port(settings) if settings.demonstration else 0
    canary = 0 if settings.canary_listen else free_port()
    return Composition(settings, around.environ, broker, catcher, canary)


async def greet(made: Composition, around: Surroundings) -> bool:
    """Say what a reader needs now: the page, the token, and what the demonstration will do."""
    await asyncio.to_thread(furnish, around, made.catcher)
    settings = made.settings
    lines = [
        "",
        "Tocsin is up.",
        f"  page       {link(settings)}",
        "             (this sign-in link is good once, for ten minutes; `tocsin sign-in` prints another)",
        f"  API        {url(settings.host, settings.port)}/v1 (its schema: /v1/openapi.json)",
        f"  API token  {own_token(settings)} (an administrator's, good for a year)",
        f"  logs       {Path(settings.data) / 'log'}",
        *(_explained(settings.data, time.time_ns() // 1_000_000) if made.catcher else ()),
        "Ctrl-C stops all of it; everything is kept for the next time.",
    ]
    for line in lines:
        around.say(line)
    return True


def _explained(data: str, now: int) -> tuple[str, ...]:
    since = Phase(data).resumed(now).failing_since(now)
    if since is None:
        does, until = "Half a minute from now one of its upstreams fails, on purpose", "wait ten minutes"
    else:
        lasts = spell((now - since) // 1_000 * 1_000)
        does = f"One of its upstreams has been failing, on purpose, for {lasts}"
        until = "wait until it is ten minutes"
    return (
        "",
        f"A demonstration gateway runs here. {does};",
        f"acknowledge the alert on the page (or {until}), and the upstream comes back.",
        f"What is sent meanwhile reaches only a local catcher: {Path(data) / 'log' / 'catcher.log'}",
        "TOCSIN_DEMONSTRATION=false switches it off; `tocsin connect` watches your own gateway.",
        "",
    )
