"""The receivers of the settings are put as documents of the platform, and go when their settings do.

They are documents like any other. What a person has changed is that person's: the settings touch it no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from api.commands import document_commands
from api.dependencies import Dependencies
from api.documents.default_receivers import default_receivers
from api.queries.documents import DocumentRow
from streams.documents.document import PLATFORM, Owned
from streams.documents.registry import identity
from streams.errors import Failure, Unavailable
from streams.messages.command import Principal

SETTINGS = Principal(name="settings", admin=True)
EARLIER = "default"  # what the one endpoint of the settings was called before there were several
NAMES = (  # all that settings may stand for, in the order in which one refers to the next
    *(("policy", f"default-{severity}") for severity in ("critical", "warning", "info")),
    *(("endpoint", f"default-{name}") for name in ("webhook", "email", "pagerduty", "opsgenie")),
    ("endpoint", EARLIER),
)
AGAIN = 2.0  # seconds between two attempts while broker or read model are not there yet
PATIENCE = 30.0  # seconds for which the API is not ready since they have not been put
PUTTING = "the receivers of the settings are being put"
log = structlog.get_logger()


async def keep_defaults(deps: Dependencies) -> None:
    """Put what the settings say and delete what they said before, once all is there to do it.

    Until then the API is not ready, for a while: an alert that came before would be told to nobody else.
    """
    asyncio.get_running_loop().call_later(PATIENCE, deps.awaited.discard, PUTTING)
    try:
        await _keep(deps, default_receivers(deps.settings))
    except Failure as why:
        log.error("the receivers of the settings are not used", why=str(why))
    finally:
        deps.awaited.discard(PUTTING)


async def _keep(deps: Dependencies, wanted: Sequence[Owned]) -> None:
    while True:
        try:
            await _put(deps, wanted)
            await _delete(deps, wanted)
            return
        except (KafkaError, SQLAlchemyError, OSError, Unavailable):
            await asyncio.sleep(AGAIN)


async def _row(deps: Dependencies, kind: str, name: str) -> DocumentRow | None:
    return await document_commands.row(deps, SETTINGS, kind, str(identity(PLATFORM, kind, name)))


async def _put(deps: Dependencies, wanted: Sequence[Owned]) -> None:
    for document in wanted:
        before = await _row(deps, document.type, document.name)
        if before is not None and before.by != SETTINGS.name:
            log.info("a document was changed by hand, so the settings leave it", document=document.name)
            continue
        base = before.revision if before else 0
        try:
            decision = await document_commands.put(deps, SETTINGS, document, before, base, None)
        except Unavailable:
            raise
        except Failure as why:
            log.error("a receiver of the settings is not used", document=document.name, why=str(why))
            continue
        if decision.status == "refused":
            log.error("a receiver of the settings is not used", document=document.name, why=decision.reason)


async def _delete(deps: Dependencies, wanted: Sequence[Owned]) -> None:
    kept = {(document.type, document.name) for document in wanted}
    for kind, name in NAMES:
        before = None if (kind, name) in kept else await _row(deps, kind, name)
        if before is None or before.by != SETTINGS.name:
            continue
        try:
            await document_commands.delete(deps, SETTINGS, before, before.revision, None)
        except Unavailable:
            raise
        except Failure as why:
            log.warning("a receiver of earlier settings stays", document=name, why=str(why))
