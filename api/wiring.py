"""All that the API's endpoints need from outside, in one frozen object: nothing is global, all can be replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Header, Request

from api.ask import Asker
from api.key import Key, asked
from api.lag import Watch
from api.measure import Measures
from api.reading.database import Database
from api.seal import Sealer
from api.seen import Telemetry
from api.signin import SignIn
from api.token import Session, Tokens
from streams.messages.command import Principal
from streams.settings import Settings


@dataclass(frozen=True)
class Wiring:
    """What the process has built once. `now`: milliseconds since 1970, UTC."""

    settings: Settings
    database: Database
    asker: Asker
    tokens: Tokens
    sealer: Sealer
    signin: SignIn
    watch: Watch
    telemetry: Telemetry
    measures: Measures
    now: Callable[[], int]


def _wired(request: Request) -> Wiring:
    return cast(Wiring, request.app.state.wiring)


def _session(request: Request) -> Session:
    return cast(Session, request.state.session)


def _principal(request: Request) -> Principal:
    return _session(request).principal


async def _key(
    request: Request, sent: Annotated[str | None, Header(alias="Idempotency-Key")] = None
) -> Key | None:
    if sent is None:
        return None
    what = asked(request.method, request.url.path, request.headers.get("if-match", ""), await request.body())
    return Key(sent, _wired(request).sealer.digest(what))


Wired = Annotated[Wiring, Depends(_wired)]
Signed = Annotated[Session, Depends(_session)]
Who = Annotated[Principal, Depends(_principal)]
Keyed = Annotated[Key | None, Depends(_key)]
