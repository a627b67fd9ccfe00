"""Requests that are made to cost much: for every route, bodies and parameters of as much as they may hold."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message

from api.http.app import ENDPOINTS
from api.http.body_limit import VALUES, bound_of
from api.http.unknown_fields import fields, parameters
from sources.intake.metrics.wire import counted, delimited
from tests.api.harness import WRITE

PARAMETER = 8_000  # characters; all of a request's head has 64 kB at most, and one may be spelled in six
MOST = 80_000  # calls on the event loop; of a good request it is some thousands
LARGEST = 64 << 10  # bytes of a body, where calls are counted
WORDS = (",", " ", "a", "(", "9", "\u00e9")


class Hostile(NamedTuple):
    """One request. `kind`: how it is made to cost much."""

    kind: str
    method: str
    path: str
    body: bytes = b""
    query: str = ""


def _many(size: int, field: str) -> str:
    """Fields that nobody knows."""
    return "{" + ",".join(f'"a{n}":0' for n in range(min(size // 12, VALUES))) + "}"


def _doubled(size: int, field: str) -> str:
    """A field that comes twice, after very many others."""
    count = min(size // 12, VALUES)
    return "{" + ",".join(f'"a{n}":0' for n in range(count)) + f',"a{count - 1}":1}}'


def _alike(size: int, field: str) -> str:
    """Fields whose names are almost one that is known."""
    return "{" + ",".join(f'"{field}{n}":0' for n in range(min(size // (len(field) + 12), VALUES))) + "}"


def _long_name(size: int, field: str) -> str:
    """One field with a very long name."""
    return f'{{"{"x" * (size - 10)}":0}}'


def _deep(size: int, field: str) -> str:
    """Lists in lists."""
    return f'{{"{field}":{"[" * (size // 2 - 40)}{"]" * (size // 2 - 40)}}}'


def _objects(size: int, field: str) -> str:
    """A list of very many empty objects."""
    return f'{{"{field}":[{",".join(["{}"] * min(size // 3 - 40, VALUES))}]}}'


def _typed(size: int, field: str) -> str:
    """A list of documents that are nearly good, with something wrong in each."""
    document = '{"type":"rule","name":"r","last":"a b","above":"x","by":[1,2],"for":"1"}'
    return f'{{"{field}":[{",".join([document] * min(size // (len(document) + 1) - 2, VALUES // 8))}]}}'


def _numbers(size: int, field: str) -> str:
    """A number of very many digits."""
    return f'{{"{field}":{"9" * (size - 60)}}}'


def _nul(size: int, field: str) -> str:
    """A NUL character behind very many values."""
    return f'{{"{field}":[{"0," * min(size // 2 - 60, VALUES)}"\\u0000"]}}'


def _text(sign: str) -> Callable[[int, str], str]:
    def made(size: int, field: str) -> str:
        """A text that an expression could stumble over."""
        spelled = json.dumps(sign, ensure_ascii=False)[1:-1]
        return f'{{"{field}":"{spelled * ((size - 80) // len(spelled))}"}}'

    return made


BODIES: dict[str, Callable[[int, str], str]] = {
    "many fields": _many,
    "doubled field": _doubled,
    "nearly known fields": _alike,
    "long name": _long_name,
    "deep": _deep,
    "many objects": _objects,
    "many documents": _typed,
    "digits": _numbers,
    "late NUL": _nul,
    "blanks": _text(" "),
    "letters": _text("a"),
    "braces": _text("{"),
    "selectors": _text('a{b="c",'),
    "durations": _text("1s"),
}


def routes() -> Iterator[APIRoute]:
    """Every route of the application that the schema names."""
    return (route for route in every_route() if route.include_in_schema)


def every_route() -> Iterator[APIRoute]:
    """Those of pages as well."""
    open_ = list(ENDPOINTS.routes)
    while open_:
        route = open_.pop(0)
        inner = getattr(route, "original_router", None)
        if inner is not None:
            open_ = [*inner.routes, *open_]
        elif isinstance(route, APIRoute):
            yield route


def requests(largest: int = 8 << 20, parameter: int = PARAMETER) -> Iterator[Hostile]:
    """All of them, each as large as its path lets it be, `largest` bytes at most; and one larger than any may be."""
    for route in routes():
        path = re.sub(r"{[^}]*}", "00000000-0000-4000-8000-000000000000", route.path)
        if path.endswith("/stream"):
            continue  # endless
        for method in sorted(route.methods or ()):
            if route.body_field is not None:
                yield from _bodies(route, method, path, min(largest, bound_of(path)))
            yield from _queries(route, method, path, parameter)
    yield Hostile("larger than may be", "POST", "/v1/plan", b"[" * (8 << 20))


def _bodies(route: APIRoute, method: str, path: str, size: int) -> Iterator[Hostile]:
    known = fields(route) or ["last", "url", "steps"]
    for kind, made in BODIES.items():
        for field in known[:2] if "{field}" in (made.__doc__ or "") else known[:1]:
            yield Hostile(f"{kind} in {field}", method, path, made(size, field).encode()[:size])


def _queries(route: APIRoute, method: str, path: str, length: int) -> Iterator[Hostile]:
    for name in parameters(route.dependant):
        for word in WORDS:
            yield Hostile(f"{word!r} as {name}", method, path, query=urlencode({name: word * length}))


def pushed(size: int) -> Iterator[tuple[Hostile, dict[str, str]]]:
    """Bodies of metrics that cost much to read, and their headers: they are no JSON, and known to no schema."""
    snappy: Any = import_module("cramjam").snappy
    sample = delimited(2, b"\x09" + bytes(8) + counted(2, 1_764_000_000_000))
    named = delimited(1, delimited(1, b"__name__") + delimited(2, b"a"))
    deep = b""
    while len(deep) < size // 2:
        deep = delimited(1, deep)
    kinds = {
        "tiny series": delimited(1, named + sample) * (size // 40),
        "one series": delimited(1, named + sample * (size // 24)),
        "labels": delimited(1, named * (size // 20)), "unknown fields": counted(1_000, 1) * (size // 4),
        "deep": deep, "empty series": delimited(1, b"") * (size // 2), "noise": bytes(range(256)) * (size // 256),
    }  # fmt: skip
    for kind, body in kinds.items():
        yield Hostile(kind, "POST", "/api/v1/write", bytes(snappy.compress_raw(body))), WRITE
        yield Hostile(kind, "POST", "/otlp/v1/metrics", body), {"Content-Type": WRITE["Content-Type"]}
    bomb = gzip.compress(bytes(9 << 20))
    yield Hostile("bomb", "POST", "/otlp/v1/metrics", bomb), WRITE | {"Content-Encoding": "gzip"}
    yield Hostile("bomb", "POST", "/api/v1/write", bytes(snappy.compress_raw(bytes(9 << 20)))), WRITE


async def answered(
    app: ASGIApp, token: str, request: Hostile, more: Mapping[str, str] = {}
) -> tuple[int, bytes]:
    """Status and body of the answer; what a client would spend on the request is spent nowhere. `more`: headers."""
    messages: list[Message] = []
    left: list[Message] = [{"type": "http.request", "body": request.body, "more_body": False}]

    async def receive() -> Message:
        if left:
            return left.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        messages.append(message)

    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"tocsin")]
    if request.body:
        known = {"Content-Type": "application/json"} | dict(more) | {"Content-Length": f"{len(request.body)}"}
        headers += [(name.lower().encode(), value.encode()) for name, value in known.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "scheme": "http",
        "path": request.path, "raw_path": request.path.encode(), "root_path": "", "headers": headers,
        "query_string": request.query.encode(), "client": ("127.0.0.1", 1), "server": ("tocsin", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return messages[0]["status"], b"".join(message.get("body", b"") for message in messages)


class Calls:
    """Counts the calls of this thread, in Python and into C, for a block."""

    def __init__(self) -> None:
        """None yet."""
        self.count = 0

    def __enter__(self) -> Calls:
        """Count from now on."""
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        """Count no further."""
        sys.setprofile(None)

    def _called(self, _: Any, event: str, __: Any) -> None:
        self.count += event in ("call", "c_call")
