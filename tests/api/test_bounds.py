"""Requests at their bounds: what is long, doubled, unknown or forged costs little and is refused in words."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from api.http.body_limit import BOUNDS, USUAL, bound_of
from api.http.unknown_fields import distinct
from streams.documents.document import MOST, Owned, values
from streams.documents.registry import read
from streams.errors import Refused
from streams.messages.command import Principal
from tests.api.harness import RULE

JSON = {"Content-Type": "application/json"}


class Counted(str):
    """A name that counts how often it is looked at."""

    looks = 0

    def __hash__(self) -> int:
        Counted.looks += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Counted.looks += 1
        return super().__eq__(other)


def test_doubled_names_are_found_in_one_pass() -> None:
    """Of ten thousand names the last one comes twice: each is looked at a few times, whatever their number."""
    pairs = [(Counted(f"a{n}"), 0) for n in range(10_000)]
    Counted.looks = 0
    with pytest.raises(Refused, match="`a9999` is written twice"):
        distinct([*pairs, pairs[-1]])
    assert Counted.looks < 10 * len(pairs)


async def test_many_names(member: httpx.AsyncClient) -> None:
    """A document as large as may be, its last name doubled, is refused by that name."""
    names = ",".join(f'"a{n}":0' for n in range(20_000))
    answer = await member.post("/v1/rules", content=f'{{{names},"a19999":1}}', headers=JSON)
    assert (answer.status_code, "`a19999` is written twice" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/v1/plan", '{"documents": [], "prune": false, "prune": true}'),
        ("/v1/plan", '{"documents": [{"type": "rule", "name": "a", "name": "b"}]}'),
        ("/v1/rules/test", '{"rule": {"name": "a", "name": "b"}}'),
        ("/v1/session", '{"code": "a", "code": "b"}'),
    ],
)
async def test_doubled_everywhere(admin: httpx.AsyncClient, path: str, text: str) -> None:
    """No body has a field twice, wherever it stands: one of the two would go unread."""
    answer = await admin.post(path, content=text, headers=JSON)
    assert (answer.status_code, "is written twice" in answer.text) == (422, True), answer.text


async def test_doubled_parameters(admin: httpx.AsyncClient) -> None:
    """A parameter that is given twice is refused, for only one of the two could count."""
    answer = await admin.get("/v1/alerts?status=firing&status=resolved")
    assert (answer.status_code, "`status` is given more than once" in answer.text) == (422, True)


async def test_unknown_fields(admin: httpx.AsyncClient) -> None:
    """Of thousands of unknown fields a handful is explained, and the others are counted."""
    answer = await admin.post("/v1/rules", json=RULE | {f"f{n}": n for n in range(4_000)})
    assert answer.status_code == 422
    assert answer.text.count("there is no field") <= 10
    assert "and 3992 more" in answer.text
    assert len(answer.content) < 2_000


@pytest.mark.parametrize(
    "more",
    [{f"f{n}": n for n in range(MOST)}, {"condition": {"x": [[0] * 100] * 100}}, {"by": ["a"] * (MOST + 1)}],
)
def test_no_document_is_that_large(more: dict[str, Any]) -> None:
    """What holds more values than any document is refused before its fields are looked at, however deep they lie."""
    with pytest.raises(Refused, match=f"rule r: holds more than {MOST} values"):
        read("rule", {"name": "r", **more})


def test_a_document_is_far_below_it() -> None:
    """A document with all that its kind may hold has not a tenth of the values."""
    steps = [{"after": "1m", "notify": ["endpoint/a"] * 20}] * 20
    policy = read("policy", {"name": "p", "steps": steps, "last_resort": "endpoint/a"})
    assert isinstance(policy, Owned)
    assert values(policy.body()) < MOST / 10


@pytest.mark.parametrize("path", sorted({*BOUNDS, "/v1/rules", "/v1/alerts/a/resolve"}))
async def test_size_by_path(client: Any, admin: httpx.AsyncClient, path: str) -> None:
    """Each path has its bound: a byte more is 413 whether announced or not, and exactly as much is read."""
    command_client = client(None) if path == "/v1/session" else admin

    async def unannounced() -> Any:
        yield b" " * (bound_of(path) + 1)

    for content in (b" " * (bound_of(path) + 1), unannounced()):
        answer = await command_client.post(path, content=content, headers=JSON)
        assert (answer.status_code, f"at most {bound_of(path)} bytes" in answer.text) == (413, True)
    assert (await command_client.post(path, content=b" " * bound_of(path), headers=JSON)).status_code != 413


def test_nobody_sends_much_without_a_token() -> None:
    """What may be sent without a token is a code and little more; a document fits into the usual bound."""
    assert bound_of("/v1/session") == bound_of("/v1/session/") == 1024
    assert bound_of("/v1/rules") == USUAL >= 2 * 100_000


CURSORS: list[Any] = [
    5,
    1.5,
    None,
    True,
    "x",
    [],
    [0],
    [0, 9223372036854775808, "x"],
    [True, True, "x"],
    [0, -1, "x"],
]
CURSORS += [
    [3, 1, "x"],
    [0, 1, "a\0"],
    [0, 1, "x" * 201],
    [0, 1.0, "x"],
    [0, 1, 2],
    {"a": 1, "b": 2, "c": 3},
    [0, 1, "x", 4],
]


@pytest.mark.parametrize("value", CURSORS, ids=str)
async def test_forged_cursors(admin: httpx.AsyncClient, value: Any) -> None:
    """A cursor that is none of ours is refused, whatever it holds."""
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode())
    answer = await admin.get("/v1/alerts", params={"cursor": cursor.decode().rstrip("=")})
    assert (answer.status_code, "`cursor` is not one that this list gave" in answer.text) == (400, True), (
        answer.text
    )


async def test_nul_deep_inside(admin: httpx.AsyncClient) -> None:
    """A NUL character below long names is found, and its path is told in short."""
    rule = {"x" * 50_000: {"y": {"name": [0] * 20_000 + ["\0"]}}}
    answer = await admin.post("/v1/plan", json={"documents": [rule]})
    assert (answer.status_code, "holds a NUL character" in answer.text, len(answer.text) < 400) == (
        422,
        True,
        True,
    )


async def test_possible_methods(admin: httpx.AsyncClient) -> None:
    """A wrong method is answered with all that the path takes."""
    for path, methods in (("/v1/rules", "GET, POST"), ("/v1/rules/x", "DELETE, GET, PUT")):
        answer = await admin.request("PATCH", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)
        assert methods in answer.json()["detail"]


async def test_long_number(admin: httpx.AsyncClient) -> None:
    """A number of thousands of digits is named as what cannot be read."""
    answer = await admin.post(
        "/v1/rules", content=b'{"name": "r", "above": 1' + b"0" * 5_000 + b"}", headers=JSON
    )
    assert (answer.status_code, "thousands of digits" in answer.text) == (400, True)


async def test_command_of_another_team(admin: httpx.AsyncClient, client: Any) -> None:
    """Whoever has the same name in another team does not read a command."""
    mine, other = (client(Principal(name="mo", teams=(team,))) for team in ("payments", "search"))
    sent = await mine.post("/v1/rules", json=RULE, headers={"Idempotency-Key": "a-command-of-mine"})
    assert sent.status_code == 201
    assert [
        (await one.get("/v1/commands/a-command-of-mine")).status_code for one in (mine, other, admin)
    ] == [200, 404, 200]


async def test_trial_of_many_wrong_values(admin: httpx.AsyncClient) -> None:
    """Of values that are wrong the first is told, and no other is looked at."""
    body = {"rule": RULE, "generate": [{"series": "cpu", "values": ["x"] * 10_000}] * 19}
    answer = await admin.post("/v1/rules/test", json=body)
    assert (answer.status_code, answer.text.count("is not a number")) == (422, 1)
