"""Rows 17, 18, 19, 21: routes by severity and kind of rule, and chains that go on until somebody acknowledges."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.acceptance.harness import Provider, Providers, applied, shown, told
from tests.acceptance.product import Product

pytestmark = pytest.mark.cluster


def hooks(providers: Providers, team: str, names: str) -> tuple[dict[str, Provider], list[dict[str, Any]]]:
    """A receiver for each of these names, and the documents of the endpoints that lead there."""
    opened = {name: providers.open("webhook") for name in names.split()}
    return opened, [receiver.endpoint(name, team) for name, receiver in opened.items()]


def heard(receiver: Provider) -> set[str]:
    """The alerts of which a receiver has heard, by what raised them."""
    return {
        alert["labels"].get("rule", alert["message"])
        for body in receiver.bodies()
        for alert in body["alerts"]
    }


def test_row_17_by_severity_and_kind(product: Product, providers: Providers) -> None:
    """Each severity and each kind of rule goes where its route says, and nowhere else."""
    receivers, endpoints = hooks(providers, "row-17", "critical warning limits events")
    applied(
        product,
        "row-17",
        endpoints=endpoints,
        rules=[
            {"name": "row-17-limit", "event": "rate_limit_exceeded", "severity": "critical", "for": "0s"},
            {"name": "row-17-plugin", "event": "row17_violation", "severity": "critical", "for": "0s"},
        ],
        routes=[
            {"name": "limits", "when": "type=rate_limit", "to": "endpoint/limits", "order": 1},
            {"name": "events", "when": "type=event, rule=row-17-plugin", "to": "endpoint/events", "order": 2},
            {"name": "critical", "when": "severity=critical", "to": "endpoint/critical", "order": 3},
            {
                "name": "warning",
                "when": "severity=warning",
                "to": "endpoint/warning",
                "group_wait": "1s",
                "order": 4,
            },
        ],
    )
    for severity in ("critical", "warning"):
        product.raised(f"row-17-{severity}", team="row-17", severity=severity)
    for type in ("rate_limit_exceeded", "row17_violation"):
        said = product.tocsin("emit", "event", "row-17", type, "--source", "guard")
        assert said.code == 0, said.text
    for receiver in receivers.values():
        receiver.wait(1)
    titles = {name: [body["title"] for body in receiver.bodies()] for name, receiver in receivers.items()}
    assert {name: len(found) for name, found in titles.items()} == dict.fromkeys(receivers, 1)
    assert ("row-17-critical" in titles["critical"][0], "row-17-warning" in titles["warning"][0]) == (
        True,
        True,
    )


def test_row_18_chain(product: Product, providers: Providers) -> None:
    """Three steps, each after its delay, each told why; the last resort hears where nobody acknowledges at all."""
    receivers, endpoints = hooks(providers, "row-18", "first second third last")
    steps = [
        {"notify": "endpoint/first"},
        *({"after": "1s", "notify": f"endpoint/{n}"} for n in ("second", "third")),
    ]
    policy = {"name": "default", "steps": steps, "repeat": 1, "last_resort": "endpoint/last"}
    applied(product, "row-18", endpoints=endpoints, policies=[policy])
    product.raised("row 18", team="row-18")
    names = ("first", "second", "third")
    for name in names:
        receivers[name].wait(1)
    bodies = [receivers[name].bodies()[0] for name in names]
    assert [body["what"] for body in bodies] == ["firing", "escalated", "escalated"]
    assert [body["reason_code"] for body in bodies[1:]] == ["not_acknowledged"] * 2
    assert sorted(body["at"] for body in bodies) == [body["at"] for body in bodies]


def test_row_19_until_acknowledged(product: Product, providers: Providers, admin: httpx.Client) -> None:
    """What nobody acknowledges within the delay goes to the next step; what somebody has acknowledged never does."""
    receivers, endpoints = hooks(providers, "row-19", "first second")
    steps = [{"notify": "endpoint/first"}, {"after": "20s", "notify": "endpoint/second"}]
    applied(product, "row-19", endpoints=endpoints, policies=[{"name": "default", "steps": steps}])
    alert = product.raised("row-19-taken", team="row-19")
    told(receivers["first"], "row-19-taken", 1)
    assert admin.post(f"/v1/alerts/{alert['id']}/acknowledge").is_success
    product.raised("row-19-left", team="row-19")
    told(receivers["second"], "row-19-left", 1)  # its delay began after the other's would have ended
    assert [body["title"] for body in receivers["second"].bodies() if "taken" in body["title"]] == []
    lines = [line["reason"] for line in shown(product, alert)["timeline"]]
    assert any(line.startswith("operator@example.com acknowledged it") for line in lines), lines


def test_row_21_override_for_critical(product: Product, providers: Providers) -> None:
    """With the override all steps hear of something critical at once; of a warning only the first step does."""
    receivers, endpoints = hooks(providers, "row-21", "first second")
    steps = [{"notify": "endpoint/first"}, {"after": "1h", "notify": "endpoint/second"}]
    applied(
        product,
        "row-21",
        endpoints=endpoints,
        policies=[{"name": "chain", "steps": steps, "override_critical": True}],
        routes=[{"name": "all", "to": "policy/chain", "group_wait": "1s"}],
    )
    product.raised("row-21-warning", team="row-21", severity="warning")
    told(receivers["first"], "row-21-warning", 1)
    product.raised("row-21-critical", team="row-21")
    for receiver in receivers.values():
        told(receiver, "row-21-critical", 1)
    assert len(receivers["second"].bodies()) == 1
