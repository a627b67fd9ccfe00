"""What no endpoint takes, refused before any of them sees it: words that nobody reads, and text that is no text.

A misspelled parameter that is ignored answers another question than the one that was asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import orjson
from fastapi import HTTPException, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from streams.errors import Refused


async def strict(request: Request) -> None:
    """Refuse unknown query parameters, NUL characters, and a body that is no JSON object or has unknown fields."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not route.include_in_schema:  # the page's own files
        return
    _query(request, parameters(route.dependant))
    if body := await request.body() if route.body_field else b"":
        _body(request.headers.get("content-type", ""), body, fields(route))


def parameters(asked: Dependant) -> list[str]:
    """The query parameters that an endpoint and all that it depends on may be given, as the schema names them.

    They are read from the endpoint itself, for drawing the whole schema takes longer than most requests do.
    """
    found: dict[str, None] = {}
    for one in asked.query_params:
        found |= dict.fromkeys(_names(one.field_info.annotation) or [one.alias])
    for inner in asked.dependencies:
        found |= dict.fromkeys(parameters(inner))
    return list(found)


def fields(route: APIRoute) -> list[str]:
    """The names that a body may hold; empty where its kind decides later, or where there is none."""
    return _names(route.body_field.field_info.annotation) if route.body_field else []


def _names(kind: object) -> list[str]:
    """The fields of a model; none of anything else."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return []
    return [one.alias or name for name, one in kind.model_fields.items()]


def _query(request: Request, known: list[str]) -> None:
    _known(request.query_params, known, "parameter")
    for name, value in (*request.query_params.items(), *request.path_params.items()):
        if "\0" in f"{value}":
            raise Refused(f"`{name}` holds a NUL character: leave it out")


def _known(given: Iterable[str], known: list[str], what: str) -> None:
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known) or 'none'}"
            raise Refused(f"there is no {what} `{name:.60}`; {hint}")


def _body(kind: str, body: bytes, known: list[str]) -> None:
    media = kind.partition(";")[0].strip().lower()
    if media != "application/json" and not (media.startswith("application/") and media.endswith("+json")):
        raise HTTPException(415, "send JSON, with the header Content-Type: application/json")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as why:
        raise Refused(f"the body is not JSON: {why}") from None
    if not isinstance(value, dict):
        raise Refused("the body must be a JSON object: {…}")
    if known:
        _known(value, known, "field")
    else:
        _once(body)
    if b"\\u0000" in body and (wrong := next((name for name, text in _texts(value) if "\0" in text), "")):
        raise Refused(f"`{wrong}` holds a NUL character: leave it out")


def _once(body: bytes) -> None:
    """Refuse a document that has a field twice: one of the two would go unread. Numbers stay text, however long."""
    try:
        json.loads(body, object_pairs_hook=_distinct, parse_int=str, parse_float=str)
    except RecursionError:
        raise Refused("the body is nested too deeply to be a document") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        again = next(name for name in names if names.count(name) > 1)
        raise Refused(f"`{again:.60}` is written twice in one object: keep one")
    return found


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All text in a JSON value, by its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            inner = f"{path}.{name}".lstrip(".")
            yield inner, str(name)
            yield from _texts(one, inner)
