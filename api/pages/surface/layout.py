"""A template and what it shows in, HTML out: framed, in the reader's zone, every text of others escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from starlette.types import Receive, Scope, Send

from api import instant
from api.dependencies import Dependencies
from api.documents.revision_diff import worded
from api.pages.surface import reader_zone
from streams.access import Permission, may
from streams.messages.command import Principal

TEMPLATES = Path(__file__).parents[1] / "templates"
FRAGMENT = "HX-Request"  # the header of who asks for a part of a page


class NavigationItem(NamedTuple):
    """One link of the navigation; `below`: further paths that belong to it."""

    path: str
    name: str
    below: tuple[str, ...] = ()


NAVIGATION = (
    NavigationItem("/overview", "Overview", ("/dead-letters",)),
    NavigationItem("/", "Alerts"),
    NavigationItem("/rules", "Rules"),
    NavigationItem("/silences", "Silences"),
    NavigationItem("/maintenance", "Maintenance"),
    NavigationItem("/oncall", "On-call", ("/people", "/tokens")),
    NavigationItem("/routing", "Routing", ("/policies",)),
    NavigationItem("/endpoints", "Endpoints"),
    NavigationItem("/history", "History", ("/archive", "/audit")),
)


@cache
def environment() -> Environment:
    """The templates; a name that nobody gave is a fault, never an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "moment": _moment,
        "utc": _utc,
        "lasted": reader_zone.lasted,
        "after": _after,
        "number": number,
        "worded": worded,
    }
    return made


class DrawnPage(HTMLResponse):
    """A page that is drawn as it is sent, and beside the event loop: some have thousands of lines."""

    def __init__(self, template: Template, shown: dict[str, Any], status: int) -> None:
        """`shown`: what the template names."""
        super().__init__(status_code=status)
        self._template, self._shown = template, shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Draw it, and answer with it."""
        self.body = (await run_in_threadpool(self._template.render, self._shown)).encode()
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def render(request: Request, template: str, status: int = 200, **shown: Any) -> DrawnPage:
    """The page as HTML. `shown`: what its template names."""
    return DrawnPage(environment().get_template(template), _frame(request) | shown, status)


def _frame(request: Request) -> dict[str, Any]:
    """What every template may name: who reads, where, when, and the proof that its forms must carry."""
    dependencies: Dependencies = request.app.state.dependencies
    session = getattr(request.state, "session", None)
    who = session.principal if session else None
    return {
        "reader": who,
        "csrf": dependencies.tokens.csrf(session.id) if session else "",
        "path": request.url.path,
        "navigation": NAVIGATION,
        "zone": reader_zone.reader_zone(request),
        "now": dependencies.now(),
        "can": lambda action, team, kind="": who is not None and allowed(who, action, team, kind),
    }


def allowed(who: Principal, action: str, team: str, kind: str = "") -> bool:
    """Whether a button is worth showing; whoever presses it all the same is told by the API."""
    return may(who, Permission(action), team, kind) is None


def number(value: float | None) -> str:
    """A number in as many digits as are read at a glance; a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.4g}"


@pass_context
def _moment(context: Context, at: int | str) -> str:
    return reader_zone.moment(reader_zone.milliseconds(at), context["now"], context["zone"])


def _after(at: int | str, begin: int | str) -> str:
    """How long after another instant."""
    return reader_zone.lasted((reader_zone.milliseconds(at) - reader_zone.milliseconds(begin)) / 1000)


def _utc(at: int | str) -> str:
    return instant.spell(reader_zone.milliseconds(at)) or ""
