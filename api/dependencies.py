"""All that the API's endpoints need from outside, in one frozen object: nothing is global, all can be replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Header, Request

from api.auth.gateway_tokens import GatewayTokens
from api.auth.issued_tokens import IssuedTokens
from api.auth.revocation import Revocations
from api.auth.signin import SignIn
from api.auth.token import Session, Tokens
from api.commands.command_client import CommandClient
from api.commands.events import Events
from api.commands.idempotency import IdempotencyKey, asked
from api.commands.outcomes import NoOutcomes, Outcomes
from api.coverage.recent_series import Telemetry
from api.dead_letters.store import DeadLetters, NoDeadLetters
from api.documents.seal import Sealer
from api.health.lag import Watch
from api.health.measures import Measures
from api.queries.database import Database
from api.queries.read_marks import ReadMarks
from api.stream_places import StreamPlaces
from api.trials.trial_queue import TrialQueue
from sources.intake.metrics.pushed_sources import PushedSources
from streams.links.signed_links import Links
from streams.messages.command import Principal
from streams.settings import Settings


@dataclass(frozen=True)
class Dependencies:
    """What the process has built once. `now`: milliseconds since 1970, UTC."""

    settings: Settings
    database: Database
    command_client: CommandClient
    events: Events
    tokens: Tokens
    sealer: Sealer
    signin: SignIn
    revocations: Revocations
    issued: IssuedTokens
    watch: Watch
    telemetry: Telemetry
    measures: Measures
    read_marks: ReadMarks
    now: Callable[[], int]
    awaited: set[str] = field(default_factory=set)  # what is to come before it is ready, in words
    gateway_tokens: GatewayTokens | None = None  # of a gateway whose tokens are let in
    links: Links = field(default_factory=lambda: Links("", ()))
    outcomes: Outcomes = field(default_factory=NoOutcomes)
    dead_letters: DeadLetters = field(default_factory=NoDeadLetters)
    test_patience: float = 15.0  # seconds for what becomes of a test; a call takes ten at most
    streams: StreamPlaces = field(default_factory=StreamPlaces)
    trials: TrialQueue = field(default_factory=TrialQueue)
    pushed_sources: PushedSources = field(default_factory=PushedSources)


def _dependencies(request: Request) -> Dependencies:
    return cast(Dependencies, request.app.state.dependencies)


def _session(request: Request) -> Session:
    return cast(Session, request.state.session)


def _principal(request: Request) -> Principal:
    return _session(request).principal


async def _stream_place(request: Request) -> None:
    _dependencies(request).streams.require(_principal(request).name)


async def _key(
    request: Request, sent: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> IdempotencyKey | None:
    if sent is None:
        return None
    what = asked(request.method, request.url.path, request.headers.get("if-match", ""), await request.body())
    return IdempotencyKey(sent, _dependencies(request).sealer.digest(what))


Deps = Annotated[Dependencies, Depends(_dependencies)]
Signed = Annotated[Session, Depends(_session)]
Who = Annotated[Principal, Depends(_principal)]
StreamPlace = Depends(_stream_place)  # of a route that answers with a live stream
Keyed = Annotated[IdempotencyKey | None, Depends(_key)]
