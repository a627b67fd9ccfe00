"""Providers that cannot reach us are asked whether somebody answered: Pushover by receipt, Twilio for replies.

What is remembered here only saves questions: after a restart the read model says it again, and an answer that is heard
twice is the same command. A provider is asked at its own address, or at one that an administrator has let in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import structlog
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from api.commands.provider_answers import obey
from api.dependencies import Dependencies
from api.queries import documents as reading
from api.queries import groups
from api.queries.references import MessageReference, message_references
from api.way_back import telephone
from sources.intake import pushover_receipt, twilio
from sources.intake.answers import object_of
from sources.intake.twilio import SmsReply
from streams.channels.pushover import LONGEST, PushoverEndpoint
from streams.channels.shared.provider import ProviderEndpoint
from streams.channels.sms import SmsEndpoint
from streams.channels.way_back.group_key import BUNDLE, group_key
from streams.documents.document import PLATFORM
from streams.errors import Failure, Refused

EVERY = 5.0  # seconds between rounds: what Pushover wants between two questions about one message
MOST = 50  # messages that one round asks about
TOGETHER = 2  # questions under way; Pushover wants no more
REPLIES = 3  # rounds between two questions for replies
NEWS = 600_000  # ms for which a reply that was not read yet is obeyed
SETTLED = 30_000  # ms from a bundle until all that it told of stands in the read model
CALL, LARGEST = 10.0, 262_144  # seconds and bytes of one answer
log = structlog.get_logger()


async def ask_providers(deps: Dependencies) -> None:
    """Ask for as long as the process lives; what fails is asked again in the next round."""
    for name in ("httpx", "httpcore"):  # they write whole addresses, in which a token may stand
        logging.getLogger(name).setLevel(logging.WARNING)
    round_ = ProviderRound(deps)
    try:
        while True:
            try:
                await round_.ask()
            except (KafkaError, SQLAlchemyError, OSError, Failure) as why:
                log.warning("providers could not be asked for answers; again soon", kind=type(why).__name__)
            except Exception:
                log.exception("a bug of ours: providers could not be asked for answers; again soon")
            await asyncio.sleep(EVERY)
    finally:
        await round_.close()


class ProviderRound:
    """One question after the other. `ask` makes a round."""

    def __init__(self, deps: Dependencies, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport`: the network unless given; it is opened with the first question."""
        self._deps, self._transport = deps, transport
        self._http: httpx.AsyncClient | None = None
        self._waiting: dict[str, MessageReference] = {}  # by what Pushover calls the message
        self._line = self._round = 0
        self._turns = asyncio.Semaphore(TOGETHER)
        self._seen: dict[str, set[str]] = {}  # replies of the last round, by endpoint

    async def ask(self) -> None:
        """Ask about messages that sound, the one that waits longest first; and now and then for replies."""
        since = self._deps.now() - LONGEST
        references = await self._deps.database.read(lambda c: message_references(c, self._line, since))
        self._line = max([self._line, *(each.sequence for each in references)])
        self._waiting |= {each.reference: each for each in references if each.channel == "pushover"}
        self._waiting = {name: each for name, each in self._waiting.items() if each.at >= since}
        these = list(self._waiting.values())[:MOST]
        ended = await asyncio.gather(*(self._is_over(each) for each in these))
        for each, over in zip(these, ended, strict=True):
            del self._waiting[each.reference]
            if not over:
                self._waiting[each.reference] = each  # at the end: others come first in the next round
        if self._round % REPLIES == 0:
            await self._replies()
        self._round += 1

    async def _is_over(self, message: MessageReference) -> bool:
        """Whether nothing more is to be asked about a message; what somebody did is obeyed."""
        team, name = (*message.to.split("/"), "", "")[1:3]
        rows = await self._deps.database.read(lambda c: reading.all_of(c, "endpoint", None, team, name))
        endpoint = next(iter(reading.readable(rows, self._deps.sealer)), None)
        if not isinstance(endpoint, PushoverEndpoint) or not may_ask(endpoint):
            return True
        url = f"{endpoint.base}/1/receipts/{message.reference}.json"
        body = await self._ask("GET", url, params={"token": endpoint.token})
        if body is None:
            return False
        key = group_key(message.team, message.group, message.to)
        if (answer := pushover_receipt.answer(body, key, message.reference)) is not None:
            await obey(self._deps, message.to, answer)
        return not body or pushover_receipt.is_over(body) or await self._is_silenced(message, endpoint)

    async def _is_silenced(self, message: MessageReference, endpoint: PushoverEndpoint) -> bool:
        """Whether a bundle fell silent since all that it told of is somebody's, or over.

        What told of one group falls silent by the word of that; a bundle sounds while any of its groups has nobody.
        """
        if not message.group.startswith(BUNDLE) or self._deps.now() - message.at < SETTLED:
            return False
        bundle = message.group.removeprefix(f"{PLATFORM}/")
        if not await self._deps.database.read(
            lambda c: groups.all_answered(c, bundle, message.to, message.at)
        ):
            return False
        url = f"{endpoint.base}/1/receipts/{message.reference}/cancel.json"
        return await self._ask("POST", url, data={"token": endpoint.token}) is not None

    async def _replies(self) -> None:
        """New replies to each sender of SMS that is asked for them, while something is open."""
        rows = await self._deps.database.read(lambda c: reading.all_of(c, "endpoint", None))
        asked = [each for each in reading.readable(rows, self._deps.sealer) if _is_asked(each)]
        if not asked or not await self._deps.database.read(groups.any_open):
            return
        for endpoint in asked:
            assert isinstance(endpoint, SmsEndpoint)
            listed = await self._messages(endpoint)
            if listed is None:
                continue
            replies, seen = twilio.listed(listed), self._seen.get(endpoint.id, set())
            for reply in replies:
                if reply.id not in seen and _is_news(reply, self._deps.now()):
                    await telephone.answer(self._deps, endpoint, reply)
            self._seen[endpoint.id] = {reply.id for reply in replies}

    async def _messages(self, endpoint: SmsEndpoint) -> Mapping[str, Any] | None:
        day = datetime.fromtimestamp(self._deps.now() / 1_000, UTC).date().isoformat()
        params = {"DateSent>": day, "PageSize": "50"}
        if endpoint.sender.startswith("+"):
            params["To"] = endpoint.sender
        url = f"{endpoint.base}/2010-04-01/Accounts/{endpoint.account}/Messages.json"
        login = endpoint.login or endpoint.account, endpoint.password
        return await self._ask("GET", url, params=params, auth=login)

    async def _ask(self, method: str, url: str, **fields: Any) -> Mapping[str, Any] | None:
        """The object that a provider answers; empty where it knows of none, None where it is to be asked again.

        `fields`: of httpx.
        """
        try:
            async with self._turns, asyncio.timeout(CALL):
                status, body = await self._read(method, url, fields)
        except (httpx.HTTPError, TimeoutError) as why:
            log.debug("a provider did not answer; asked again soon", kind=type(why).__name__)
            return None
        if status == 429 or status >= 500:
            return None
        try:
            return object_of(body) if status == 200 else {}
        except Refused:
            return {}

    async def _read(self, method: str, url: str, fields: Mapping[str, Any]) -> tuple[int, bytes]:
        """Status and body, which is cut where it is far larger than any answer."""
        self._http = self._http or httpx.AsyncClient(
            transport=self._transport, timeout=CALL, trust_env=False, follow_redirects=False
        )
        body = b""
        async with self._http.stream(method, url, **fields) as response:
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST:
                    break
            return response.status_code, body

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()


def may_ask(endpoint: ProviderEndpoint) -> bool:
    """Whether we may call there ourselves: the provider's own address, or one that an administrator has let in."""
    return not endpoint.api_url or endpoint.reaches_private


def _is_news(reply: SmsReply, now: int) -> bool:
    """Whether a reply is meant for what is open now: one of long ago, read again after a restart, is not."""
    return reply.at is None or now - reply.at <= NEWS


def _is_asked(endpoint: object) -> bool:
    return isinstance(endpoint, SmsEndpoint) and endpoint.replies == "asked" and may_ask(endpoint)
