"""The pages of rules: state, editor, trial and switches, through the API's own functions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from aiokafka.errors import KafkaConnectionError

from api.coverage.coverage import Origin
from streams.messages.command import Principal
from tests.api.conftest import ADMIN, MEMBER, NOW, Broker, History, Respond
from tests.api.pages.harness import EVIL, put, said, sent

TEXT = "rules:\n- name: errors\n  team: payments\n  last: errors\n  above: 5%\n  for: 1m\n"
ROUTE = {"when": "", "to": "endpoint/log"}


async def test_the_list_shows_the_state(admin: httpx.AsyncClient, history: History, broker: Broker) -> None:
    """What fires, is blind, in shadow or disabled is told apart, and when its metric was seen last."""
    made = await put(admin, "rules", "firing", "payments")
    await put(admin, "rules", "off", "payments", enabled=False)
    await put(admin, "rules", "quiet", "payments", shadow=True, last="other")
    history.alert("a", rule_id=made["id"], rule="firing", severity="critical")
    broker.metrics = {"errors": {Origin("prod", "bridge"): NOW - 5_000}}
    page = (await admin.get("/rules?seen=true")).text
    rows = {
        name: page.split(f"<bdi>{name}</bdi></a>")[1].split("</tr>")[0] for name in ("firing", "off", "quiet")
    }
    assert ("1 critical" in rows["firing"], "15:59:55" in rows["firing"]) == (True, True)
    assert "blind" not in rows["firing"]
    assert ("disabled" in rows["off"], "shadow" in rows["quiet"]) == (True, True)
    assert "blind" in rows["quiet"]
    assert "other was not seen lately" in rows["quiet"]


@pytest.mark.parametrize(
    ("state", "names"), [("firing", ["one"]), ("disabled", ["two"]), ("", ["one", "two"])]
)
async def test_the_list_is_narrowed(
    admin: httpx.AsyncClient, history: History, state: str, names: list[str]
) -> None:
    """The address holds what is shown."""
    made = await put(admin, "rules", "one", "payments")
    await put(admin, "rules", "two", "payments", enabled=False)
    history.alert("a", rule_id=made["id"])
    page = (await admin.get("/rules", params={"state": state})).text
    assert [name for name in ("one", "two") if f"<bdi>{name}</bdi></a>" in page] == names


async def test_the_list_without_a_broker(
    admin: httpx.AsyncClient, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules are shown all the same, and what is not known is said to be so."""

    async def away() -> Any:
        raise KafkaConnectionError

    monkeypatch.setattr(broker, "seen", away)
    await put(admin, "rules", "errors", "payments")
    answer = await admin.get("/rules?seen=true")
    assert (answer.status_code, "<bdi>errors</bdi>" in answer.text, "not known" in answer.text) == (
        200,
        True,
        True,
    )
    assert "the broker cannot be asked (KafkaConnectionError)" in answer.text


async def test_hostile_words_are_text(admin: httpx.AsyncClient, history: History) -> None:
    """What others have written stands on the page as it was written, and nowhere as a tag."""
    made = await put(admin, "rules", "errors", "payments", description=EVIL, runbook=EVIL)
    history.alert("a", rule_id=made["id"], message=EVIL)
    for path in ("/rules", f"/rules/{made['id']}", "/history", f"/rules?q={EVIL}"):
        page = (await admin.get(path)).text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page or "%3Cimg" in page


async def test_the_editor_shows_what_is_not_as_by_default(admin: httpx.AsyncClient) -> None:
    """As in a file: the condition's fields beside the rule's own, with the revision that is edited."""
    made = await put(admin, "rules", "errors", "payments")
    page = (await admin.get(f"/rules/{made['id']}")).text
    text = page.split("<textarea")[1].split("</textarea>")[0]
    assert "rules:\n- name: errors\n  team: payments" in text
    assert ("last: errors" in text, "above: 5%" in text, "keep_firing_for" in text) == (True, True, False)
    assert 'name="revision" value="1"' in page


async def test_saved(admin: httpx.AsyncClient, respond: Respond) -> None:
    """The text becomes a new revision of the rule, and the page says so; the same text again is no command."""
    made = await put(admin, "rules", "errors", "payments")
    answer = await sent(admin, f"/documents/rules/{made['id']}", text=TEXT, revision="1")
    assert (answer.status_code, said(answer)) == (200, "Saved.")
    assert f'"path": "/rules/{made["id"]}"' in answer.headers["HX-Location"]
    body: dict[str, Any] = respond.sent[-1].action.body  # type: ignore[union-attr]
    assert (body["for"], body["condition"]["last"]) == ("1m", "errors")
    count = len(respond.sent)
    await sent(admin, f"/documents/rules/{made['id']}", text=TEXT, revision="2")
    assert len(respond.sent) == count


async def test_what_somebody_else_has_saved_is_not_overwritten(admin: httpx.AsyncClient) -> None:
    """A revision that is no longer the newest is a conflict, in the API's own words."""
    made = await put(admin, "rules", "errors", "payments")
    await sent(admin, f"/documents/rules/{made['id']}", text=TEXT, revision="1")
    answer = await sent(admin, f"/documents/rules/{made['id']}", text=TEXT.replace("1m", "2m"), revision="1")
    assert (answer.status_code, "is at revision 2: read it again" in answer.text) == (409, True)
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "rules:\n- name: errors\n  lats: errors\n",
            "Line 3: <bdi>there is no field `lats`; did you mean `last`?",
        ),
        ("rules: [", "Line 1"),
        ("routes:\n- {name: x, to: endpoint/log}\n", "this is a route, and belongs below `rules:`"),
        ("rules: []\n", "write one document below `rules:`"),
        (TEXT, "It can be read."),
    ],
)
async def test_checked_while_it_is_written(
    admin: httpx.AsyncClient, respond: Respond, text: str, words: str
) -> None:
    """What is wrong is told line by line, as `tocsin apply` does; nothing is asked for."""
    answer = await sent(admin, "/documents/rules/check", text=text)
    assert (answer.status_code, words in answer.text) == (200, True), answer.text
    assert respond.sent == []


async def test_planned(admin: httpx.AsyncClient, respond: Respond, broker: Broker) -> None:
    """What would change is said in sentences, with what may be wrong; nothing is asked for."""
    broker.metrics = {"error_count": {Origin("prod", "bridge"): NOW}}
    answer = await sent(admin, "/documents/rules/plan", text=TEXT)
    assert "create rule errors" in answer.text
    assert "blind as it stands" in answer.text
    assert respond.sent == []


async def test_tried(admin: httpx.AsyncClient, respond: Respond) -> None:
    """What fires, when, why and who would be told; drawn with the threshold and the time in which it fires."""
    await put(admin, "endpoints", "log", "payments")
    await put(admin, "routes", "all", "payments", **ROUTE)
    count = len(respond.sent)
    answer = await sent(admin, "/rules/trial", text=TEXT, waves="errors: 0 x8, 0.2 x20, 0 x20", every="15s")
    assert answer.status_code == 200, answer.text
    assert "errors on trial: 20% is above 5%" in answer.text
    assert "<bdi>endpoint/payments/log</bdi> 2 times" in answer.text
    assert [answer.text.count(f'class="{kind}"') for kind in ("value", "edge", "fired")] == [1, 1, 1]
    assert len(respond.sent) == count


@pytest.mark.parametrize(
    ("waves", "words"),
    [
        ("errors", "line 1: &#39;errors&#39; is no series with values"),
        ("errors: 1\n\nerrors: 0 xx", "line 3:"),
        ("errors: much", "line 1: `values.0`"),
        ("", "a trial takes 1 to 100000"),
        ("event login", "line 1: &#39;event login&#39; is no event"),
        ("event login{a!=b}: x", "is no event: write `event type"),
    ],
)
async def test_what_cannot_be_tried(admin: httpx.AsyncClient, waves: str, words: str) -> None:
    """The line that cannot be read is named, with how one is written."""
    answer = await sent(admin, "/rules/trial", text=TEXT, waves=waves)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text


async def test_tried_beside_the_version_that_holds(admin: httpx.AsyncClient) -> None:
    """What an edit changes is told: here the new version fires, and the one that holds did not."""
    await put(admin, "rules", "errors", "payments", above="50%", **{"for": "1m"})
    answer = await sent(admin, "/rules/trial", text=TEXT, waves="errors: 0 x8, 0.2 x20, 0 x20")
    assert "Beside the version that holds now" in answer.text
    assert "only the new version fires" in answer.text


async def test_events_are_tried(admin: httpx.AsyncClient) -> None:
    """A rule about events is tried on lines of events."""
    text = (
        "rules:\n- {name: logins, team: payments, event: login, where: success=false, above: 3, over: 5m}\n"
    )
    answer = await sent(
        admin, "/rules/trial", text=text, waves='event login{success="false"}: x5', every="10s"
    )
    assert ("<strong>1</strong> alert on 5 records" in answer.text, answer.status_code) == (True, 200), (
        answer.text
    )


@pytest.mark.parametrize(
    ("who", "fields", "status", "words"),
    [
        (MEMBER, {"last": "1h"}, 403, "only one may do this (read telemetry)"),
        (ADMIN, {"last": "25h"}, 422, "1m to 1d"),
        (ADMIN, {"last": "soon"}, 422, "is not a length of time"),
    ],
)
async def test_what_of_the_past_cannot_be_tried(
    client: Any, who: Principal, fields: dict[str, str], status: int, words: str
) -> None:
    """What is recorded is shown to administrators, as long as it is kept; the page offers it to nobody else."""
    asking = client(who)
    answer = await sent(asking, "/rules/trial", text=TEXT, on="recorded", **fields)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    page = (await asking.get("/rules/new")).text
    assert ('value="recorded"' in page) is who.admin


async def test_switched(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Disabled, enabled, in shadow and out of it: each a revision, each said."""
    made = await put(admin, "rules", "errors", "payments")
    path = f"/rules/{made['id']}"
    assert said(await sent(admin, f"{path}/disable")) == "The rule is disabled; its alerts end."
    assert said(await sent(admin, f"{path}/enable")) == "The rule is enabled."
    assert "nobody is told" in said(await sent(admin, f"{path}/shadow", shadow="yes", revision="3"))
    bodies: list[Any] = [command.action.body for command in respond.sent]  # type: ignore[union-attr]
    assert [(body["enabled"], body["shadow"]) for body in bodies[1:]] == [
        (False, False),
        (True, False),
        (True, True),
    ]


async def test_not_decided_yet(admin: httpx.AsyncClient, respond: Respond) -> None:
    """Whoever does not hear in time what became of it is told that it is under way, never that it is done."""
    made = await put(admin, "rules", "errors", "payments")
    respond.silent = True
    answer = await sent(admin, f"/rules/{made['id']}/disable")
    assert (answer.status_code, said(answer).startswith("Under way")) == (200, True)


async def test_a_file_owns_it(admin: httpx.AsyncClient) -> None:
    """What a file owns can be read and not saved; the page names the file."""
    made = await put(admin, "rules", "errors", "payments", file="team.yaml")
    page = (await admin.get(f"/rules/{made['id']}")).text
    assert ("<code>team.yaml</code> owns this rule" in page, ">Save<" in page) == (True, False)
    answer = await sent(admin, f"/documents/rules/{made['id']}", text=TEXT, revision="1")
    assert (answer.status_code, "owned by the file team.yaml" in answer.text) == (409, True)


async def test_deleted(admin: httpx.AsyncClient, respond: Respond) -> None:
    """The revision that was read is deleted, and the list is next."""
    made = await put(admin, "rules", "errors", "payments")
    answer = await sent(admin, f"/documents/rules/{made['id']}/delete", revision="1")
    assert ('"path": "/rules"' in answer.headers["HX-Location"], respond.sent[-1].action.do) == (
        True,
        "delete",
    )
    assert (await admin.get(f"/rules/{made['id']}")).status_code == 404


async def test_an_endpoint_keeps_its_secret(
    admin: httpx.AsyncClient, dependencies: Any, respond: Respond
) -> None:
    """The editor shows a mask; the mask that is sent back stands for the secret, checked and planned like it."""
    made = await put(
        admin, "endpoints", "hook", "payments", channel="webhook", url="https://hooks.example/geheim"
    )
    page = (await admin.get(f"/documents/endpoints/{made['id']}")).text
    assert ("geheim" in page, "https://hooks.example/••••••" in page) == (False, True)
    text = "endpoints:\n- {name: hook, team: payments, url: https://hooks.example/••••••, description: new}\n"
    assert "It can be read." in (await sent(admin, "/documents/endpoints/check", text=text)).text
    plan = (await sent(admin, "/documents/endpoints/plan", text=text)).text
    assert ("description" in plan, "geheim" in plan, "url" in plan) == (True, False, False)
    assert said(await sent(admin, f"/documents/endpoints/{made['id']}", text=text, revision="1")) == "Saved."
    body: Any = respond.sent[-1].action.body  # type: ignore[union-attr]
    assert dependencies.sealer.open(body["url"]) == "https://hooks.example/geheim"
