"""Row 4: a rule is tested before it is enabled, on samples, on what is live, and on what Kafka has recorded."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.product import Product, until
from tests.acceptance.rows import alerts, applied, in_force
from tests.acceptance.telemetry import Producer, happening
from tests.api.browser import PROGRAM, called, chromium

pytestmark = pytest.mark.cluster

RULE = {"name": "row-4-heat", "team": "row-4", "last": "row4_heat", "for": "0s", "keep_firing_for": "0s"}

IN_THE_PAGE = (
    "rules:\n- name: row-4-page\n  team: row-4-page\n  last: row4_page\n  above: 90\n  for: 0s\n  enabled: no\n"
    "  keep_firing_for: 0s\n  message: row4_page is {value}\n"
)


def tried(admin: httpx.Client, **body: Any) -> dict[str, Any]:
    """What a trial brings."""
    answer = admin.post("/v1/rules/test", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_row_4_a_rule_is_tested(product: Product, admin: httpx.Client) -> None:
    """A disabled rule on recorded telemetry: alerts, values, reasons, who is told; beside it the version that holds."""
    applied(
        product,
        "row-4",
        "rules:\n  - {name: row-4-heat, team: row-4, last: row4_heat, above: 90, for: 0s, keep_firing_for: 0s}\n"
        "endpoints:\n  - {name: hook, team: row-4, url: 'https://hooks.example/row-4'}\n"
        "policies:\n  - {name: default, team: row-4, steps: [{notify: endpoint/hook}]}\n",
    )
    producer = in_force(product, admin, "row-4")
    for value in (10.0, 70.0, 95.0, 10.0):
        producer.samples("row-4", {"row4_heat": value})
    until(lambda: alerts(admin, "row-4-heat", status="resolved"))
    new = RULE | {"above": 50, "severity": "critical", "enabled": False}
    said = tried(admin, rule=new, recorded={"gateway": "row-4", "last": "1h"})
    (alert,) = said["alerts"]
    assert (alert["severity"], alert["value"], alert["reason"] != "") == ("critical", 70.0, True)
    assert alert["fired"] <= alert["ended"]
    assert [recipient["to"] for recipient in said["told"]] == ["endpoint/row-4/hook"]
    (curve,) = said["plot"]
    assert {10.0, 70.0, 95.0} >= {point["value"] for point in curve["points"]} >= {95.0}
    assert [alert["severity"] for alert in said["before"]["alerts"]] == ["warning"]
    assert [difference["only"] for difference in said["differences"]] == [""]
    assert any("disabled" in words for words in said["warnings"])
    assert len(alerts(admin, "row-4-heat")) == 1  # nothing of the trial was real
    file = product.folder / "row-4-new.yaml"
    file.write_text("rules:\n  - " + json.dumps(new) + "\n")
    for words in (("--last", "1h", "--gateway", "row-4"), ("--live", "--gateway", "row-4")):
        done = product.tocsin("rules", "test", str(file), *words)
        assert done.code == 0, done.text
        for sentence in (
            "alerts: 1",
            "told: endpoint/row-4/hook",
            "alerts of revision 1, which holds now: 1",
            "█",
        ):
            assert sentence in done.text


def test_row_4_on_samples_and_events(product: Product, admin: httpx.Client) -> None:
    """The same on samples that somebody writes, and a rule about events on events; without a token nothing."""
    samples = [{"at": f"{n * 15}s", "series": "row4_heat", "value": n * 10} for n in range(12)]
    said = tried(admin, rule=RULE | {"above": 95}, samples=samples)
    assert [
        (alert["value"], alert["ended"] is None) for alert in said["alerts"] if alert["rule"] == "row-4-heat"
    ] == [(100.0, True)]
    events = [{"at": f"{n}s", "event": "row4_login", "labels": {"ip": "192.0.2.7"}} for n in range(3)]
    rule = {"name": "row-4-logins", "event": "row4_login", "by": ["ip"], "over": "1m", "above": 2}
    (alert,) = tried(admin, rule=rule, events=events)["alerts"]
    assert (alert["labels"]["ip"], alert["reason"][:10]) == ("192.0.2.7", "3, above 2")
    assert (
        httpx.post(f"{product.address}/v1/rules/test", json={"rule": rule}, trust_env=False).status_code
        == 401
    )


def test_row_4_recorded_events(product: Product, admin: httpx.Client) -> None:
    """A rule about events sees the recorded ones; progress comes while it runs; who may see no telemetry may not."""
    Producer(product).say(*[happening("row-4-e", "row4_lock", f"row-4/{n}", user="ada") for n in range(2)])
    rule = {"name": "row-4-locks", "team": "row-4", "event": "row4_lock", "by": ["user"]}
    body = {"rule": rule, "recorded": {"gateway": "row-4-e"}}

    def lines() -> Any:
        with admin.stream(
            "POST", "/v1/rules/test", json=body, headers={"Accept": "application/x-ndjson"}
        ) as answer:
            said = [json.loads(line) for line in answer.iter_lines()]
        return said if "result" in said[-1] else None

    *progress, last = until(lines)
    assert [line["progress"] for line in progress] == sorted(line["progress"] for line in progress) != []
    (alert,) = last["result"]["alerts"]
    assert alert["labels"]["user"] == "ada"
    with product.client("ed", "--team", "row-4", "--role", "editor") as editor:
        assert editor.post("/v1/rules/test", json=body).status_code == 403


@pytest.mark.skipif(not PROGRAM, reason="no `chromium` on the path: the page was not looked at")
async def test_row_4_made_tried_and_enabled_in_the_page(
    product: Product, admin: httpx.Client, tmp_path: Path
) -> None:
    """In a browser: a rule is written disabled, tried on values, enabled, and fires on what a gateway then sends."""
    link = (await asyncio.to_thread(product.tocsin, "sign-in", "anna")).text.strip()
    with chromium(tmp_path) as address:
        async with called(address) as browser:
            page = await browser.page(390, 844)
            await page.open(link)
            await page.until("fetch('/v1/session').then((answer) => answer.ok)", 60)
            page.errors.clear()  # that there was no session yet, which is what was waited for
            await page.open(f"{product.address}/rules/new")
            await page.evaluate("void (document.querySelector('[name=text]').value = '')")
            await page.evaluate("void document.querySelector('[name=text]').focus()")
            await page.write(IN_THE_PAGE)
            await page.until("/It can be read/.test(document.getElementById('checked').innerText)", 60)
            await page.evaluate(
                "void (document.querySelector('[name=waves]').value = 'row4_page: 10 x5, 95 x10')"
            )
            await page.click("Try")
            await page.until("/1 alert on/.test(document.getElementById('tried').innerText)", 60)
            await page.click("Create")
            await page.until("/^.rules.[0-9a-f-]{36}$/.test(location.pathname)", 60)
            await page.click("Enable")
            await page.until(
                "[...document.querySelectorAll('button')].some((one) => one.innerText === 'Disable')", 60
            )
            producer = await asyncio.to_thread(in_force, product, admin, "row-4-page")
            await asyncio.to_thread(producer.samples, "row-4-page", {"row4_page": 95.0})
            await page.open(f"{product.address}/?q=row4_page")
            await page.until("/row4_page is 95/.test(document.body.innerText)", 60)
            assert page.errors == []
