"""Whatever a form of a page, or a body of another system's format, holds: it costs the event loop little.

As in `test_hostile`: what is done there is counted, function call by function call; work beside it is bounded by the
sizes of bodies. These routes stand in no schema, or take bodies that no schema describes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from fastapi.routing import APIRoute

from api.commands.command_client import CommandClient
from api.dependencies import Dependencies
from api.files import yaml_spelling
from api.http.app import create
from api.pages import site
from api.pages.surface.form import LONGEST
from api.queries import commands
from tests.api.conftest import ADMIN, Respond
from tests.api.hostile import BODIES, LARGEST, MOST, Calls, Hostile, answered, every_route

FORM, JSON = {"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "application/json"}
SECTIONS = ("rules", "people", "endpoints")
NOBODY = "00000000-0000-4000-8000-000000000000"
RULE = "rules:\n- name: r\n  last: m\n  above: 1\n"
HALF = LARGEST // 2
TEXTS = {  # of an editor
    "many documents": "rules:\n" + "- {name: r, last: m, above: 1}\n" * (HALF // 31),
    "a long list": "rules:\n- name: r\n  by: [" + "a," * (HALF // 2) + "]\n",
    "many fields": "rules:\n- name: r\n" + "".join(f"  a{n}: 1\n" for n in range(HALF // 12)),
    "deep": "[" * HALF,
    "escapes": 'rules:\n- name: "' + "\\x41" * (HALF // 4) + '"\n',
    "aliases": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(HALF // 24)),
    "blanks in a selector": f"rules:\n- name: r\n  last: 'm{' ' * HALF}!'\n  above: 1\n",
    "good": RULE,
}
WAVES = {  # of a trial
    "many series": "m: 1 x10000\n" * (HALF // 12),
    "many events": "event login: x10000\n" * (HALF // 20),
    "many runs": "m: " + "1, " * (HALF // 3),
    "good": "m: 0 x8, 9 x8",
    "much": "m: 1 x900\n" * 10,
}
FIELDS = {
    "matchers": {"covers": 'a="b",' * (HALF // 8)},
    "a pattern": {"covers": f'a=~"{"(a|b)*" * (HALF // 8)}"'},
    "a length": {"covers": "a=b", "lasts": "1s" * (HALF // 2), "starts": "2031-01-01T00:00", "reason": "x"},
    "a calendar": {
        "covers": "a=b", "lasts": "1h", "starts": "2031-01-01T00:00", "reason": "x",
        "rrule": "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    },
    "labels": {"labels": 'a="b",' * (HALF // 8), "for": "1h"},
    "names": {"name": "n" * HALF, "teams": "a," * (HALF // 2), "lasts": "1d"},
}  # fmt: skip


def forms() -> Iterator[Hostile]:
    """All kinds of fields for every form of a page."""
    for path in sorted(_paths()):
        yield from (
            Hostile(kind, "POST", path, urlencode({"text": text}).encode()) for kind, text in TEXTS.items()
        )
        if path.endswith("/trial"):
            for kind, waves in WAVES.items():
                yield Hostile(kind, "POST", path, urlencode({"text": RULE, "waves": waves}).encode())
        yield from (
            Hostile(kind, "POST", path, urlencode(fields).encode()) for kind, fields in FIELDS.items()
        )
        yield Hostile("separators", "POST", path, b"&" * HALF)


def _paths() -> Iterator[str]:
    for route in every_route():
        if "POST" in (route.methods or ()) and f"/{route.path.split('/')[1]}" in site.PATHS:
            for section in SECTIONS if "{section}" in route.path else ("",):
                yield re.sub(r"{[^}]*}", NOBODY, route.path.replace("{section}", section))


def foreign() -> Iterator[Hostile]:
    """JSON of all hostile kinds for every route that reads its body itself."""
    for route in every_route():
        if route.include_in_schema and "POST" in (route.methods or ()) and _reads_itself(route):
            path = re.sub(r"{[^}]*}", NOBODY, route.path)
            for kind, made in BODIES.items():
                for field in ("routing_key", "labels", "matchers"):
                    body = made(LARGEST, field).encode()[:LARGEST]
                    yield Hostile(kind, "POST", path, body)
                    yield Hostile(f"a list of {kind}", "POST", path, b"[" + body[: LARGEST - 2] + b"]")
            many = b",".join([b'{"labels":{"alertname":"a","x":"y"}}'] * 499)
            yield Hostile("many alerts", "POST", path, b"[" + many + b"]")
            yield Hostile("odd labels", "POST", path, _odd_labels())


def _reads_itself(route: APIRoute) -> bool:
    return route.path.startswith(("/v2/", "/api/v2/", "/v1/siem", "/v1/inbound"))


def _odd_labels() -> bytes:
    names = ",".join(f'"{n}-":"x"' for n in range(LARGEST // 16))
    return f'[{{"labels":{{{names}}}}}]'.encode()


FORMS, FOREIGN = list(forms()), list(foreign())


async def judged(dependencies: Dependencies, requests: list[Hostile], headers: dict[str, str]) -> None:
    """None does much on the event loop, each answer says why by its status, and none is a bug of ours."""
    app, token = create(dependencies), dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    for request in (requests[0], *(each for each in requests if each.kind == "good")):
        await answered(
            app, token, request, headers
        )  # what is loaded and made ready at first is no request's cost
    for request in requests:
        with Calls() as calls:
            status, body = await answered(app, token, request, headers)
        assert calls.count < MOST, (request.path, request.kind, calls.count)
        assert status in range(200, 500), (request.path, request.kind, body[:200])


@pytest.mark.parametrize("path", sorted({request.path for request in FORMS}))
async def test_forms(dependencies: Dependencies, path: str) -> None:
    """A form of a page."""
    await judged(dependencies, [request for request in FORMS if request.path == path], FORM)


@pytest.mark.parametrize("path", sorted({request.path for request in FOREIGN}))
async def test_foreign(dependencies: Dependencies, respond: Respond, path: str) -> None:
    """A body of another system's format; what becomes of its commands is not counted here."""
    respond.silent, database = True, dependencies.database
    client = CommandClient(
        respond,
        lambda key: database.read(lambda c: commands.one(c, key)),
        patience=0.0,
        look_all=lambda keys: database.read(lambda c: commands.some(c, keys)),
    )
    await judged(
        replace(dependencies, command_client=client),
        [request for request in FOREIGN if request.path == path],
        JSON,
    )


@pytest.mark.parametrize("text", ["rules: [" + "a," * 30_000 + "]", "- " * 40_000, "a:\n" * 20_000])
def test_very_many_values_are_not_read(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of more values than a document may have is refused before it is parsed."""
    monkeypatch.setattr(yaml_spelling, "read", None)
    refused = yaml_spelling.written(text, "rules")
    assert isinstance(refused, list)
    assert "more than 6000 values" in refused[0].says


async def test_a_long_field(dependencies: Dependencies) -> None:
    """What is longer than any document is refused unread."""
    app, token = create(dependencies), dependencies.tokens.issue(ADMIN, int(time.time()), 600)
    request = Hostile(
        "long", "POST", "/documents/rules/check", urlencode({"text": "a" * (LONGEST + 1)}).encode()
    )
    status, body = await answered(app, token, request, FORM)
    assert (status, f"at most {LONGEST}" in body.decode()) == (413, True)
