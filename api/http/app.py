"""The application: the door, the routes, and failures as answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

import structlog
from fastapi import APIRouter, Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.guard import Guard
from api.commands.keep_defaults import PUTTING, keep_defaults
from api.dependencies import Dependencies
from api.health.measures import Measures
from api.http.body_limit import BodyLimit
from api.http.failures import ANSWERS, install
from api.http.headers import SecureHeaders
from api.http.unknown_fields import refuse_unknown
from api.pages import site
from api.pages.surface.failure_page import FailurePages
from api.routes import (
    alerts,
    commands,
    coverage,
    dead_letters,
    dismissals,
    documents,
    emit,
    endpoint_trial,
    health,
    notifications,
    page,
    plans,
    policies,
    rules,
    session,
    stream,
)
from api.routes.audit import audit, revisions
from api.routes.files import export
from api.routes.foreign import alertmanager, otlp, pagerduty_events, remote_write, siem
from api.routes.history import archives, metrics, scheduled, table
from api.routes.people import calendars, contacts, explain, on_call, overdue, tokens
from api.routes.suppression import previews, shortcuts
from api.routes.trials import route_trial
from api.routes.way_back import acknowledge_link, inbound
from api.way_back.ask_providers import ask_providers
from streams.documents.registry import SECTIONS

log = structlog.get_logger()
LOOK = 15.0  # seconds
ROUTES = (
    acknowledge_link,
    rules,
    alerts,
    emit,
    endpoint_trial,
    dismissals,
    commands,
    plans,
    policies,
    audit,
    dead_letters,
    export,
    coverage,
    session,
    stream,
    health,
    inbound,
    notifications,
    page,
)
PEOPLE = (contacts, on_call, calendars, explain, overdue, tokens)
SUPPRESSION = (previews, shortcuts)
HISTORY = (metrics, table, archives, scheduled)
TRIALS = (route_trial,)
FOREIGN = (alertmanager, pagerduty_events, remote_write, otlp, siem)


def _endpoints() -> APIRouter:
    """All of them: what they are wired to comes with each request, so every application can share them."""
    made = APIRouter(dependencies=[Depends(refuse_unknown)], responses=ANSWERS)
    for endpoint in (*ROUTES, *PEOPLE, *SUPPRESSION, *HISTORY, *TRIALS, *FOREIGN):
        made.include_router(endpoint.router)
    made.include_router(scheduled.links)
    made.include_router(documents.together)
    for section in SECTIONS:
        made.include_router(documents.router(section))
        made.include_router(revisions.router(section))
    made.include_router(site.router())
    return made


ENDPOINTS = _endpoints()


def create(dependencies: Dependencies) -> FastAPI:
    """The application on what it is wired to."""
    app = FastAPI(
        title="Tocsin",
        description="Alerts of MCP gateways: rules, alerts, who is told, and why.",
        version=_version(),
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        routes=ENDPOINTS.routes,
    )
    app.state.dependencies = dependencies
    app.mount("/static", StaticFiles(directory=page.STATIC), name="static")
    install(app)
    app.add_middleware(
        Guard,
        tokens=dependencies.tokens,
        revocations=dependencies.revocations,
        gateway=dependencies.gateway_tokens,
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(FailurePages, paths=site.PATHS)
    app.add_middleware(SecureHeaders)
    app.add_middleware(Counting, measures=dependencies.measures)
    return app


def _version() -> str:
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "0"


def _build(app: FastAPI) -> None:
    """Let the framework build its routes now: else it does so when the first request looks for one, and that waits."""
    nowhere = {"type": "http", "method": "GET", "path": "/-", "root_path": "", "headers": [], "app": app}
    for route in app.routes:
        route.matches(dict(nowhere))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    dependencies: Dependencies = app.state.dependencies
    _build(app)
    work = [
        keep_defaults(dependencies),
        *([ask_providers(dependencies)] if dependencies.settings.enabled else []),
        *([_look_always(dependencies)] if dependencies.settings.metrics is not None else []),
    ]
    dependencies.awaited.add(PUTTING)
    beside = [asyncio.create_task(each) for each in work]
    for task in beside:
        task.add_done_callback(_log_fault)
    yield
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    await dependencies.command_client.stop()
    dependencies.database.close()
    dependencies.read_marks.close()


def _log_fault(task: asyncio.Task[None]) -> None:
    """What breaks beside the answers is logged at once, since nobody waits for it."""
    if not task.cancelled() and (why := task.exception()) is not None:
        log.error("a bug of ours: what runs beside the answers has ended", exc_info=why)


async def _look_always(dependencies: Dependencies) -> None:
    """Keep what a scrape from outside reads no older than a scrape's own beat."""
    while True:
        await health.look(dependencies)
        await asyncio.sleep(LOOK)


class Counting:
    """An ASGI application that counts what another one answers, and how long that takes."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        """`measures`: where it is counted."""
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and count when the answer begins: a stream would otherwise count for hours."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._measures.answered(scope["method"], message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, counting)
