"""The API's process: wired to the real broker and read model, served by uvicorn."""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from api.auth.admission import admission
from api.auth.gateway_tokens import gateway_tokens
from api.auth.token import Tokens
from api.commands.command_client import CommandClient
from api.commands.events import KafkaEvents
from api.commands.inbox import ClosedInbox, KafkaInbox
from api.commands.outcomes import KafkaOutcomes
from api.commands.producer import ConfirmedProducer
from api.coverage.recent_series import KafkaTelemetry
from api.dead_letters.store import KafkaDeadLetters
from api.dependencies import Dependencies
from api.documents.default_receivers import default_receivers
from api.documents.seal import Sealer
from api.health.lag import KafkaWatch
from api.health.measures import Measures
from api.health.recent_watch import CachedWatch
from api.http.app import create
from api.http.protocol import CONNECTIONS, KEEP_ALIVE, HastyProtocol, raise_limit_of_files
from api.queries import commands
from api.queries.database import Database, address, reader, writer
from api.queries.read_marks import ReadMarks
from deploy.keys import completed
from sources.metrics import listen
from streams.connection import client
from streams.keys import several
from streams.links.signed_links import Links
from streams.settings import Settings
from streams.signature import Signer

NOT_STARTED = 3  # exit code of a server that could not begin; uvicorn has said why


def clock() -> int:
    """Now in ms UTC."""
    return time.time_ns() // 1_000_000


def wire(settings: Settings, now: Callable[[], int] = clock) -> Dependencies:
    """Everything real; Misconfigured names the setting that is wrong. Nothing is connected yet."""
    default_receivers(settings)  # what is wrong is said before anything starts
    settings = completed(settings)
    kafka = client(settings)
    keys = [key.encode() for key in several(settings.system_keys)]
    signer = Signer(keys, settings.require_signed_producers)
    producer = ConfirmedProducer(kafka)
    admitted = admission(settings, patience=0)  # who asks meanwhile is told that it is not known yet
    database = Database(reader(address(settings)))
    return Dependencies(
        settings=settings,
        database=database,
        command_client=CommandClient(
            KafkaInbox(producer, signer) if settings.enabled else ClosedInbox(),
            lambda key: database.read(lambda c: commands.one(c, key)),
            look_all=lambda keys: database.read(lambda c: commands.some(c, keys)),
        ),
        events=KafkaEvents(producer, signer),
        tokens=Tokens(several(settings.token_key)),
        sealer=Sealer(several(settings.seal_keys)),
        signin=admitted.signin,
        revocations=admitted.revocations,
        issued=admitted.issued,
        watch=CachedWatch(KafkaWatch(kafka)),
        telemetry=KafkaTelemetry(kafka, signer),
        measures=Measures(),
        gateway_tokens=gateway_tokens(settings),
        read_marks=ReadMarks(writer(address(settings))),
        links=Links(settings.public_url, several(settings.seal_keys)),
        outcomes=KafkaOutcomes(producer, signer),
        dead_letters=KafkaDeadLetters(kafka, producer),
        now=now,
    )


def application(settings: Settings) -> FastAPI:
    """The application as it is served."""
    return create(wire(settings))


def speak() -> None:
    """Let all that is logged be lines of text, and no fault show what its variables hold: some of that is secret."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; open streams are given two seconds to end."""
    speak()
    raise_limit_of_files()
    app = application(settings)
    listen(settings, registry=app.state.dependencies.measures.registry)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        http=HastyProtocol,
        timeout_keep_alive=KEEP_ALIVE,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=2,
        callback_notify=_beating(settings.pulse),
        timeout_notify=1,
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # which it raises again after it has stopped
        server.run()
    if not server.started:
        sys.exit(NOT_STARTED)


def touch(file: str) -> None:
    """One beat; a disk that is full or gone has worse consequences than a missing one."""
    with suppress(OSError):
        Path(file).touch()


def _beating(file: str) -> Callable[[], Awaitable[None]] | None:
    """Touches the file that tells whoever supervises this process that it lives."""

    async def beat() -> None:
        touch(file)

    return beat if file else None
