"""What hooks see, picked field by field: never a header, an argument or a text of a result; and nothing is long."""

from __future__ import annotations

from typing import Any, NamedTuple

LONGEST = 200  # characters of any text
REFUSALS = frozenset({401, 403, 429})
UPSTREAM = frozenset({"gateway_offline", "gateway_activated", "gateway_deactivated", "gateway_deleted"})


class ToolCall(NamedTuple):
    """A tool was called. `failed`: its result says so; `seconds`: since its beginning, None where that was not seen."""

    tool: str
    upstream: str
    failed: bool
    seconds: float | None


class Incident(NamedTuple):
    """Something that happened at an instant, ms UTC. `mark`: what tells it from others; "": that it is another one."""

    at: int
    type: str
    labels: dict[str, str]
    mark: str = ""


Observed = ToolCall | Incident


def field(holder: Any, name: str) -> Any:
    """A field of an object or of a mapping; None where it has none."""
    get = getattr(holder, "get", None)  # the gateway wraps its mappings
    return get(name) if callable(get) else getattr(holder, name, None)


def short(value: Any) -> str:
    """A value as a text that is not too long; "" for None."""
    return "" if value is None else str(value)[:LONGEST]


def tool_call(payload: Any, context: Any, seconds: float | None) -> ToolCall:
    """The call of which `tool_post_invoke` tells; `seconds`: it took, None where its beginning was not seen."""
    metadata, result = context.global_context.metadata, payload.result
    upstream = field(field(metadata, "gateway"), "name")
    failed = field(result, "isError") or field(result, "is_error")
    return ToolCall(short(payload.name), short(upstream), bool(failed), seconds)


def refusal(payload: Any, context: Any, permission: str, at: int) -> Incident | None:
    """What `http_post_request` says of a request that was refused; None of any other."""
    if payload.status_code not in REFUSALS:
        return None
    user = context.global_context.user
    labels = {
        "status": str(payload.status_code), "ip": short(payload.client_host), "area": area(payload.path),
        "user": short(user if isinstance(user, str) else field(user, "email")),
        "permission": permission if payload.status_code == 403 else "",
    }  # fmt: skip
    return Incident(at, "request_refused", {name: text for name, text in labels.items() if text})


def area(path: str) -> str:
    """The beginning of a path: what follows may be an id, or a secret of a link."""
    parts = [part for part in path.split("/") if part]
    return "/" + "/".join(parts[: 2 if parts[:1] == ["v1"] else 1])[:LONGEST]


def upstream_event(event: Any) -> Incident | None:
    """What the gateway's own event says of an upstream, None where it is none of those; `at` is left to the reader."""
    type_, data = field(event, "type"), field(event, "data")
    if type_ not in UPSTREAM or not field(data, "name"):
        return None
    mark = f"{type_}/{short(field(data, 'id'))}/{short(field(event, 'timestamp'))}"
    return Incident(0, type_, {"upstream": short(field(data, "name"))}, mark)
