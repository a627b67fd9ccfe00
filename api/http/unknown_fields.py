"""What no endpoint takes, refused before any of them sees it: words that nobody reads, and text that is no text.

A misspelled parameter that is ignored answers another question than the one that was asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, get_origin

import orjson
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from streams.codes import RefusalCode
from streams.errors import Refused
from streams.text.nearest import nearest

LARGE = 32 << 10  # bytes; what is larger is looked through beside the event loop, which others wait for


async def refuse_unknown(request: Request) -> None:
    """Refuse unknown query parameters, NUL characters, and a body that is no JSON object or has unknown fields."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not route.include_in_schema:  # the page's own files
        return
    known = parameters(route.dependant)
    _query(request, known, repeatable(route.dependant))
    if body := await request.body() if route.body_field else b"":
        kind, known = request.headers.get("content-type", ""), fields(route)
        if len(body) <= LARGE:
            _body(kind, body, known)
        else:
            await run_in_threadpool(_body, kind, body, known)


def parameters(asked: Dependant) -> list[str]:
    """The query parameters that an endpoint and all that it depends on may be given, as the schema names them.

    They are read from the endpoint itself, for drawing the whole schema takes longer than most requests do.
    """
    names: dict[str, None] = {}
    for parameter in asked.query_params:
        names |= dict.fromkeys(_names(parameter.field_info.annotation) or [parameter.alias])
    for inner in asked.dependencies:
        names |= dict.fromkeys(parameters(inner))
    return list(names)


def repeatable(asked: Dependant) -> set[str]:
    """Those of them that may be given several times, since each is one of a list."""
    names: set[str] = set()
    for parameter in asked.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner = kind.model_fields.items()
            names |= {field.alias or name for name, field in inner if get_origin(field.annotation) is list}
        elif get_origin(kind) is list:
            names.add(parameter.alias)
    return names.union(*(repeatable(inner) for inner in asked.dependencies))


def fields(route: APIRoute) -> list[str]:
    """The names that a body may hold; empty where its kind decides later, or where there is none."""
    return _names(route.body_field.field_info.annotation) if route.body_field else []


def _names(kind: object) -> list[str]:
    """The fields of a model; none of anything else."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _query(request: Request, known: list[str], repeatable_: set[str]) -> None:
    given = request.query_params.multi_items()
    _known((name for name, _ in given), known, "parameter")
    counts = Counter(name for name, _ in given)
    if twice := next((name for name in known if counts[name] > 1 and name not in repeatable_), ""):
        raise Refused(
            f"`{twice}` is given more than once: keep one, with commas where it takes several values"
        )
    for name, value in (*given, *request.path_params.items()):
        if "\0" in f"{value}":
            raise Refused(f"`{name}` holds a NUL character: leave it out")


def _known(given: Iterable[str], known: list[str], what: str) -> None:
    for name in given:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known) or 'none'}"
            raise Refused(f"there is no {what} `{name:.60}`; {hint}")


def _body(kind: str, body: bytes, known: list[str]) -> None:
    """Refuse a body that is no JSON object, has a field twice or one that is not known, or holds a NUL character."""
    media = kind.partition(";")[0].strip().lower()
    if media != "application/json" and not (media.startswith("application/") and media.endswith("+json")):
        raise Refused("send JSON, with the header Content-Type: application/json", RefusalCode.NOT_JSON)
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as why:
        raise Refused(f"the body is not JSON: {why}") from None
    if not isinstance(value, dict):
        raise Refused("the body must be a JSON object: {…}")
    if known:
        _known(value, known, "field")
    _once(body)
    if b"\\u0000" in body and (wrong := _nul(value)) is not None:
        raise Refused(f"`{wrong}` holds a NUL character: leave it out")


def _once(body: bytes) -> None:
    """Refuse an object that has a field twice: one of the two would go unread. Numbers stay text, however long."""
    try:
        json.loads(body, object_pairs_hook=distinct, parse_int=str, parse_float=str)
    except RecursionError:
        raise Refused("the body is nested too deeply to be a document") from None


def distinct(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs of name and value; Refused names one that comes twice. Each is looked at once."""
    fields_ = dict(pairs)
    if len(fields_) == len(pairs):
        return fields_
    met: set[str] = set()
    for name, _ in pairs:
        if name in met:
            raise Refused(f"`{name:.60}` is written twice in one object: keep one")
        met.add(name)
    return fields_


class _Place(NamedTuple):
    """A value of a JSON text; its path is spelled only where it is asked for, for paths can be long and many."""

    value: Any
    name: str
    above: _Place | None

    def path(self) -> str:
        """The dotted path, shortened in the middle of long names."""
        names, place = [], self
        while place.above is not None:
            names.append(f"{place.name:.60}")
            place = place.above
        return ".".join(reversed(names))[:200]


def _nul(value: Any) -> str | None:
    """The path of a text, or name, that holds a NUL character; None where there is none."""
    open_ = [_Place(value, "", None)]
    while open_:
        place = open_.pop()
        if "\0" in place.name or (isinstance(place.value, str) and "\0" in place.value):
            return place.path()
        if isinstance(place.value, dict | list):
            inner = place.value.items() if isinstance(place.value, dict) else enumerate(place.value)
            open_ += [_Place(child, str(name), place) for name, child in inner]
    return None
