"""Tokens of a ContextForge gateway sign in here too: the gateway is asked whose each is, once a minute."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from api.auth.gateway_claims import GatewayClaims, GatewayTeams, claims, principal
from api.auth.token import Session
from sources.bridge import remedy
from sources.contextforge.address import exposed
from sources.contextforge.answer import Answer, Outcome, Trouble, Unauthorised
from sources.contextforge.client import Client
from streams.access import TeamRole
from streams.codes import RefusalCode
from streams.errors import Misconfigured, Refused, Unavailable
from streams.messages.command import Principal
from streams.settings import Settings

T = TypeVar("T")
PREFIX, OF_PAGE = "gateway.", "gateway.page."  # of the ids of such sessions, and of those of a page
GOOD, BAD = 60.0, 10.0  # seconds for which an answer is remembered
LASTS = 300  # seconds of a session: a live stream asks again then
PATIENCE = 5.0  # seconds for both questions
MOST, AT_ONCE = 1_000, 16  # answers that are remembered, and tokens that are asked about at once
NOBODYS = "nobodys.token.at-all"
Asking = Callable[[str], Client]  # the client of the gateway that asks with a token


class KnownBearer(NamedTuple):
    """What the gateway has said of a token, until an instant of the clock."""

    until: float
    principal: Principal | Refused


class GatewayTokens:
    """Asks one gateway; a token that is wrong costs it one question in ten seconds, a good one two in a minute.

    Once a minute it is asked with nobody's token, too: it has to refuse that one.
    """

    def __init__(self, ask: Asking, teams: GatewayTeams, clock: Callable[[], float] = time.monotonic) -> None:
        """`teams`: which of the gateway's count; `clock`: seconds that never go back."""
        self._ask, self._teams, self._clock = ask, teams, clock
        self._refuses_until = clock()  # so long the gateway is known to refuse who has no token of its own
        self._known: OrderedDict[str, KnownBearer] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Principal]] = {}

    async def read(self, token: str, now: int) -> Session:
        """Whom the token names; Refused why nobody, Unavailable where the gateway does not say. `now`: s UTC."""
        told = claims(token, now)
        key = hashlib.sha256(token.encode()).hexdigest()
        who = await self._principal(token, told, key)
        return Session(who, f"{PREFIX}{key[:32]}", min(told.expires, now + LASTS))

    async def _principal(self, token: str, told: GatewayClaims, key: str) -> Principal:
        known = self._known.get(key)
        if known is not None and known.until > self._clock():
            if isinstance(
                known.principal, Refused
            ):  # anew: one that is raised again keeps every caller's frames
                raise Refused(str(known.principal), known.principal.code)
            return known.principal
        if key not in self._asking:
            if len(self._asking) >= AT_ONCE:
                raise Refused("many sign in at once: try again in a moment", RefusalCode.OVERLOADED)
            self._asking[key] = asyncio.create_task(self._asked(token, told, key))
            self._asking[key].add_done_callback(lambda done: self._end(key, done))
        return await asyncio.shield(self._asking[key])

    async def _asked(self, token: str, told: GatewayClaims, key: str) -> Principal:
        client = self._ask(token)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._refuses()
                me = _told(await client.me())
                teams = _told(await client.teams())
            who = principal(told, me, teams, self._teams)
        except TimeoutError:
            raise Unavailable(
                f"the gateway {client.url} did not say in {PATIENCE:.0f} s whose token this is"
            ) from None
        except Refused as why:
            self._remember(key, KnownBearer(self._clock() + BAD, why))
            raise
        finally:
            await client.close()
        self._remember(key, KnownBearer(self._clock() + GOOD, who))
        return who

    async def _refuses(self) -> None:
        """Unavailable unless the gateway refuses whoever has no token: else its answer proves nothing about one."""
        if self._clock() < self._refuses_until:
            return
        client = self._ask(NOBODYS)
        try:
            outcome = await client.me()
        finally:
            await client.close()
        if isinstance(outcome, Answer):
            raise Unavailable(
                f"the gateway {client.url} answers without a token: set AUTH_REQUIRED=true there"
            )
        if not isinstance(outcome, Unauthorised):
            raise _unanswered(outcome)
        self._refuses_until = self._clock() + GOOD

    def _end(self, key: str, asked: asyncio.Task[Principal]) -> None:
        """It has been asked; whoever did so may have gone, so a failure is looked at here as well."""
        del self._asking[key]
        if not asked.cancelled():
            asked.exception()

    def _remember(self, key: str, known: KnownBearer) -> None:
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > MOST:
            self._known.popitem(last=False)


def _told(outcome: Outcome[T]) -> T:
    """What the gateway has answered; a failure where it refused the token, or gave no answer."""
    match outcome:
        case Answer(value):
            return value
        case Unauthorised():
            raise Refused(
                f"the gateway refuses this token: {remedy.status(outcome)}", RefusalCode.NOT_SIGNED_IN
            )
        case trouble:
            raise _unanswered(trouble)


def _unanswered(trouble: Trouble) -> Unavailable:
    return Unavailable(f"the gateway cannot be asked whose token this is: {remedy.status(trouble)}")


def gateway_tokens(settings: Settings) -> GatewayTokens | None:
    """By the settings; None where no gateway's tokens are let in, Misconfigured where it could not be done safely."""
    url = settings.sign_in_gateway
    if not url:
        return None
    if exposed(url):
        raise Misconfigured(
            f"TOCSIN_SIGN_IN_GATEWAY: tokens would travel unencrypted to {url}: write https://"
        )
    if not settings.sign_in_teams:
        words = "TOCSIN_SIGN_IN_TEAMS: name the gateway's teams that count here, with commas, or * for all"
        raise Misconfigured(f"{words}: whoever may make teams there could call one like a team here")
    teams = GatewayTeams(settings.sign_in_teams, TeamRole(settings.sign_in_role))
    return GatewayTokens(lambda token: Client(url, lambda: token, time.monotonic, timeout=PATIENCE), teams)
