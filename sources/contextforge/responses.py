"""Bytes of a ContextForge gateway's answers in our words; Refused, or what Python raises, where they are none."""

from __future__ import annotations

from typing import Any

import orjson

from sources.contextforge.auth_event import AuthEvent
from sources.contextforge.auth_event import read as read_auth_event
from sources.contextforge.membership import Membership
from sources.contextforge.membership import read as read_membership
from sources.contextforge.upstream import Upstream
from sources.contextforge.upstream import read as read_upstream
from streams.errors import Refused


def fields(raw: bytes) -> dict[str, Any]:
    """The fields of a JSON object; Refused where it is none."""
    value = orjson.loads(raw)
    if not isinstance(value, dict):
        raise Refused(f"an object was expected, not {value!r:.60}")
    return value


def unready(raw: bytes) -> list[str]:
    """GET /ready: what is not ready, as sentences; none: it is ready."""
    body = fields(raw)
    items = [item for item in body.get("status_items", []) if item.get("status_code") != 200]
    faults = [f"{item.get('name', '?')}: {item.get('message', '?')}" for item in items]
    return faults or ([] if body["status"] == "ready" else [f"status {body['status']}"])


def upstreams(raw: bytes) -> tuple[list[Upstream], str]:
    """One page of GET /v1/gateways and the cursor of the next, "" after the last."""
    entries, cursor = _page(raw, "gateways")
    return [read_upstream(entry) for entry in entries], cursor


def teams(raw: bytes) -> tuple[list[tuple[str, str]], str]:
    """One page of GET /v1/teams/, (id, slug) each, and the cursor of the next, "" after the last."""
    entries, cursor = _page(raw, "teams")
    return [(str(team["id"]), str(team.get("slug") or team["id"])) for team in entries], cursor


def members(raw: bytes) -> tuple[list[Membership], str]:
    """One page of GET /v1/teams/{id}/members, and the cursor of the next, "" after the last."""
    entries, cursor = _page(raw, "members")
    return [read_membership(entry) for entry in entries], cursor


def _page(raw: bytes, name: str) -> tuple[list[Any], str]:
    """The entries of a page and the next cursor; older gateways send a bare list."""
    body = orjson.loads(raw)
    if isinstance(body, list):
        return body, ""
    return list(body[name]), str(body.get("nextCursor") or "")


def auth_events(raw: bytes) -> list[AuthEvent]:
    """One page of GET /v1/auth/email/admin/events, the newest first."""
    body = orjson.loads(raw)
    if not isinstance(body, list):
        raise Refused(f"a list was expected, not {body!r:.60}")
    return [read_auth_event(entry) for entry in body]


def names(raw: bytes) -> list[str]:
    """GET /v1/rbac/my/permissions: a list of names."""
    return sorted(str(name) for name in orjson.loads(raw))


def error(raw: bytes) -> str:
    """The word of the rate limiter for what it does; "" where another refuses."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return ""
    return str(body.get("error") or "") if isinstance(body, dict) else ""


def detail(raw: bytes) -> str:
    """The sentence in an error's body, in any of the three shapes that the gateway uses."""
    try:
        body = orjson.loads(raw)
        return str(next(body[key] for key in ("detail", "message", "error") if body.get(key)))[:200]
    except (orjson.JSONDecodeError, StopIteration, AttributeError):
        return ""
