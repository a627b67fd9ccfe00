"""The gateway's own webhook setting becomes the platform's endpoint `default`: a document like any other."""

from __future__ import annotations

import asyncio

import structlog
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from api.commands import document_commands
from api.dependencies import Dependencies
from streams.documents.document import PLATFORM
from streams.documents.registry import identity
from streams.errors import Failure, Unavailable
from streams.messages.command import Principal

NAME = "default"
SETTINGS = Principal(name="settings", admin=True)
AGAIN = 2.0  # seconds between two attempts while broker or read model are not there yet
log = structlog.get_logger()


async def keep_default(deps: Dependencies) -> None:
    """Put the platform's endpoint `default` with the webhook of the settings, once all is there to do it."""
    url = deps.settings.webhook_url
    while url:
        try:
            await _put(deps, url)
            return
        except (KafkaError, SQLAlchemyError, OSError, Unavailable):
            await asyncio.sleep(AGAIN)
        except Failure as why:
            log.error("MCPGATEWAY_ALERT_WEBHOOK_URL is not used", why=str(why))
            return


async def _put(deps: Dependencies, url: str) -> None:
    before = await document_commands.row(
        deps, SETTINGS, "endpoint", str(identity(PLATFORM, "endpoint", NAME))
    )
    body = {
        **(before.body if before else {}),
        "name": NAME,
        "team": PLATFORM,
        "channel": "webhook",
        "url": url,
    }
    opened = deps.sealer.opened("endpoint", body)
    await document_commands.put(
        deps,
        SETTINGS,
        document_commands.readable("endpoint", opened),
        before,
        before.revision if before else 0,
        None,
    )
