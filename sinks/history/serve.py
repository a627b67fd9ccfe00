"""The history process from its settings to its end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from sqlalchemy.exc import OperationalError

from sinks.history.archive.archive import Archive
from sinks.history.database import address, engine
from sinks.history.incarnation import incarnation
from sinks.history.store import Store
from sinks.history.writer import Writer
from sinks.keys import signer
from sinks.metrics import SinkMetrics
from sinks.runtime.clients import Clients, unless
from sinks.runtime.kafka import RepeatedWarning
from sinks.runtime.outcome_producer import OutcomeProducer
from streams.archive import FOLDER
from streams.database import remedy
from streams.settings import Settings
from streams.topics import CHANGES, DEAD_LETTER, MANIFEST

GROUP = "sink-history"
log = structlog.get_logger()


async def serve(settings: Settings, stopping: asyncio.Event) -> None:
    """Write the read model until `stopping`; any exception is the end of this process."""
    SinkMetrics().listen(settings)
    keys, made = signer(settings), engine(address(settings))
    store = Store(made)
    if await unless(stopping, _prepared(store)) is None:
        return
    clients = await unless(stopping, Clients.open(settings, [GROUP], [CHANGES, DEAD_LETTER, MANIFEST]))
    if clients is None:
        return
    try:
        life = await unless(stopping, incarnation(settings, keys, CHANGES))
        if life is None:
            return
        log.info("started", group=GROUP, slot=settings.slot, database=made.dialect.name)
        dead_letter = OutcomeProducer(clients.producer, keys).dead_letter
        archive = archive_of(settings)
        await Writer(clients.consumers[GROUP], store, keys, dead_letter, life, archive).run(stopping)
        log.info("stopped", group=GROUP)
    finally:
        await clients.close()
        made.dispose()


def archive_of(settings: Settings) -> Archive | None:
    """Where what is old goes; None where the settings want no archive."""
    if not settings.archive_after:
        return None
    return Archive(Path(settings.data) / FOLDER, settings.archive_after, settings.archive_keep)


def rebase(settings: Settings) -> None:
    """Accept the topic `changes` as it is now, after it was made anew; an operator's decision."""
    store = Store(engine(address(settings)))
    store.prepare()
    store.rebase()
    log.info("rebased: `changes` is read from its beginning at the next start; rows are kept")


async def _prepared(store: Store) -> bool:
    warning = RepeatedWarning()
    while True:
        try:
            await asyncio.to_thread(store.prepare)
        except OperationalError as why:
            warning.log(
                "the database cannot be opened; trying again", why=str(why.orig), fix=remedy(why.orig)
            )
            await asyncio.sleep(0.5)
        else:
            return True
