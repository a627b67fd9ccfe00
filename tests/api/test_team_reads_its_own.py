"""What the API tells a member of telemetry: what her team's rules may read, and of all else not that it is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from api.coverage.coverage import Origin, Seen
from api.coverage.recent_series import note_owners
from streams.messages.command import Principal
from streams.messages.event import OWNERS, Event
from streams.signature import Signer
from tables.detect.health import inventory
from tests.api.harness import created

ALICE = Principal(name="alice", teams=("alpha",))
OWNED = {  # whose gateways are, by their inventories; `stray` has none
    "mine": inventory.owners({"team": "alpha", "upstreams": {"sold": {"team": "beta"}}}),
    "theirs": inventory.owners({"team": "beta", "upstreams": {"lent": {"team": "alpha"}}}),
    "shared": inventory.owners({"upstreams": {"theirs": {"team": "beta"}}}),
}
READABLE = [("mine", ""), ("mine", "any"), ("theirs", "lent"), ("shared", ""), ("shared", "any")]
FOREIGN = [("theirs", ""), ("theirs", "any"), ("mine", "sold"), ("shared", "theirs"), ("stray", "")]
Ask = Callable[[httpx.AsyncClient, str], Awaitable[Any]]


def seen(gateway: str, upstream: str, secret: str) -> Seen:
    """One series of a gateway, or of one of its upstreams, that holds a secret in a label."""
    labels = f'customer="{secret}"' + (f',upstream="{upstream}"' if upstream else "")
    return {f"orders{{{labels}}}": {Origin(gateway, "s"): 1_000}}


async def plan(client: httpx.AsyncClient, selector: str) -> Any:
    """What the plan of a rule on a selector warns of."""
    rule = {"type": "rule", "name": "o", "team": "alpha", "last": selector, "above": 1}
    answer = await client.post("/v1/plan", json={"documents": [rule]})
    assert answer.status_code == 200, answer.text
    return answer.json()["warnings"]


async def coverage(client: httpx.AsyncClient, selector: str) -> Any:
    """What the list of coverage says of a rule on a selector, which is made for it."""
    body = {"name": "o", "team": "alpha", "last": selector, "above": 1}
    known = (await client.get("/v1/rules", params={"name": "o"})).json()["items"]
    if known:
        where = f"/v1/rules/{known[0]['id']}"
        assert (await client.put(where, json=body | {"revision": known[0]["revision"]})).status_code == 200
    else:
        await created(client, "rules", body)
    answer = (await client.get("/v1/coverage")).json()
    assert answer["gateways"] == answer["troubles"] == answer["unlisted"] == {}
    return answer["rules"], answer["metrics"]


CHANNELS = [plan, coverage]
SELECTORS = ["orders", "order", 'orders{customer=~"acme.*"}', 'orders{gateway="%s"}', 'orders{upstream="%s"}']


@pytest.mark.parametrize("ask", CHANNELS)
@pytest.mark.parametrize(("gateway", "upstream"), FOREIGN)
async def test_foreign(client: Any, broker: Any, ask: Ask, gateway: str, upstream: str) -> None:
    """Whether and how something foreign is sent changes no answer, whatever is asked about it."""
    broker.inventories, alice = OWNED, client(ALICE)
    for selector in SELECTORS:
        text = selector % (gateway if "gateway" in selector else upstream) if "%" in selector else selector
        answers = []
        for secret in ("acme-secret", "other"):
            broker.metrics = seen(gateway, upstream, secret)
            answers.append(await ask(alice, text))
        broker.metrics = {"unrelated": {Origin(gateway, "s"): 1_000}} if gateway == "stray" else {}
        answers.append(await ask(alice, text))
        for answer in answers:
            for row in answer[0] if ask is coverage else ():
                row.pop("revision", None)
        assert answers[0] == answers[1] == answers[2], text


@pytest.mark.parametrize(("gateway", "upstream"), READABLE)
async def test_own(client: Any, broker: Any, gateway: str, upstream: str) -> None:
    """What her team's rules may read is told: whether a rule on it is blind, and that it is not."""
    broker.inventories, alice = OWNED, client(ALICE)
    broker.metrics = seen(gateway, upstream, "acme-secret")
    assert await plan(alice, "orders") == []
    (warning,) = await plan(alice, 'orders{customer="x"}')
    assert "orders is there, and no series of it fits" in warning["says"]
    (rules, metrics) = await coverage(alice, "orders")
    assert (metrics, rules[0]["metrics"][0]["last_seen"] is not None) == (1, True)


async def test_unknown_owner_is_no_blindness(client: Any, broker: Any) -> None:
    """While it is not known whose a gateway is, a rule that sees nothing is said to wait, for it may see that one."""
    broker.metrics = seen("stray", "", "x")
    (rules, _) = await coverage(client(ALICE), "orders")
    (metric,) = rules[0]["metrics"]
    assert (metric["last_seen"], metric["waits"]) == (None, True)
    assert "not known yet whose they are" in metric["why"]


async def test_foreign_is_blind_for_an_administrator_too(admin: httpx.AsyncClient, broker: Any) -> None:
    """Whoever plans a rule of a team hears what the rule will see, not what she sees herself."""
    broker.inventories, broker.metrics = OWNED, seen("theirs", "", "x")
    (warning,) = await plan(admin, "orders")
    assert "orders was not seen lately among what rules of team alpha may read" in warning["says"]
    broker.metrics = seen(
        "stray", "", "x"
    )  # an owner would have said so: it is nobody's, as far as she has to know
    assert await plan(admin, "orders") == []


async def test_rules_of_others_are_not_looked_at(client: Any, broker: Any) -> None:
    """A plan for another team's rule is a complaint, and no word about what the rule would see."""
    broker.inventories, broker.metrics = OWNED, seen("theirs", "", "x")
    rule = {"type": "rule", "name": "o", "team": "beta", "last": 'orders{customer="y"}', "above": 1}
    answer = (await client(ALICE).post("/v1/plan", json={"documents": [rule]})).json()
    assert (len(answer["complaints"]), answer["warnings"]) == (1, [])


def test_inventories_are_believed_as_detect_believes_them() -> None:
    """Where producers have to sign, whose a gateway is counts with its gateway's signature only."""
    event = Event(id="1", at=1, gateway="g", source="s", type=OWNERS, attributes={"team": "alpha"})
    keys, owners = [b"k" * 32], dict[str, Any]()
    note_owners(owners, event.encode(), Signer(keys, strict=True))
    assert owners == {}
    note_owners(owners, Signer(keys).of("g").sign(event.encode(), "telemetry"), Signer(keys, strict=True))
    assert owners["g"].team == "alpha"
    note_owners(owners, b'{"kind":"event","type":"inventory"', Signer(keys))
    assert list(owners) == ["g"]


def test_owners_of_invented_gateways_push_nobody_out_for_good() -> None:
    """However many gateways are invented, a bounded number is remembered, the newest; of others nothing is told."""
    owners: dict[str, Any] = {}
    for n in range(2_100):
        event = Event(id=f"{n}", at=1, gateway=f"g{n}", source="s", type=OWNERS, attributes={"team": "alpha"})
        note_owners(owners, event.encode(), Signer([b"k" * 32]))
    assert (len(owners), "g0" in owners, "g2099" in owners) == (2_000, False, True)
