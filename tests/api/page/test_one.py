"""One alert: what comes next, who was told, how it was before, and what can be done about it; the bell beside it."""

from __future__ import annotations

import time

import httpx
import msgspec

from api.dependencies import Dependencies
from streams.access import TeamRole
from streams.messages.change import Change, DeliverySnapshot, EscalationSnapshot, Subject
from streams.messages.command import Principal, PutDocument
from tests.api.browser import Browser, Page
from tests.api.conftest import NOW, History, Respond
from tests.api.harness import RULE, created
from tests.api.page.harness import FORM, SAID, opened, says

AGO = "Math.abs(Date.parse(document.querySelector('#panel .next time').dateTime) - {at}) < 1000"


SENT: tuple[tuple[Subject, str], ...] = (("attempt", "sent"), ("notification", "delivered"))


def told(history: History, at: int) -> None:
    """A step was told by webhook and is delivered; the next one comes ten minutes later."""
    escalation = EscalationSnapshot(
        state="running", why="policy default", step=0, steps=2, round=0, rounds=1, next="step", next_step=1,
        next_to=("schedule/payments/second",), next_at=at + 700_000, delay=600_000,
    )  # fmt: skip
    history.write(
        Change(
            id="n1", at=at, team="payments", subject="notification", subject_id="g1", what="firing",
            reason_code="first_alert", reason="hook: first alert", group="g1", escalation=escalation,
        )
    )  # fmt: skip
    delivery = DeliverySnapshot(to="endpoint/payments/hook", channel="webhook", purpose="firing")
    for number, (subject, what) in enumerate(SENT):
        history.write(
            Change(
                id=f"d{number}", at=at + number * 2_000, team="payments", subject=subject, subject_id="N1", what=what,
                reason=f"{what} to payments/hook", group="g1", delivery=delivery,
            )
        )  # fmt: skip


async def test_what_comes_next_and_who_was_told(page: Page, history: History) -> None:
    """The next step counts down from the first delivery; each notification has its channel and its outcome."""
    at = int(time.time() * 1000) - 60_000
    history.alert("before", "resolved", fingerprint="same", status="resolved", resolved_at=NOW + 60_000,
                  resolved_by="ben", resolution_notes="restarted the pool", groups=("g0",))  # fmt: skip
    history.alert("search", fingerprint="same", triggered_at=NOW + 120_000)
    told(history, at)
    await opened(page, "search is wrong")
    assert await page.evaluate("location.hash") == "#alert=search"
    assert await page.evaluate(AGO.format(at=at + 2_000 + 600_000))
    for words in (
        "the next step tells schedule second (step 2)",
        "hook by webhook",
        "once in the 30 days",
    ):
        assert await page.evaluate(says(words)), words
    assert await page.evaluate(r"/^in [89]:\d\d$/.test(document.querySelector('#panel .left').innerText)")
    assert await page.evaluate("document.querySelectorAll('.heard .delivered').length") == 1
    assert await page.evaluate("document.querySelector('.before q').innerText") == "restarted the pool"
    before = await page.evaluate("document.querySelector('#panel .left').innerText")
    await page.until(f"document.querySelector('#panel .left').innerText !== '{before}'")
    assert page.errors == []


async def test_a_curve_with_its_threshold(page: Page, history: History, admin: httpx.AsyncClient) -> None:
    """The values since it fired are a line; the thresholds of its rule are lines too, told in figures as well."""
    rule = await created(
        admin, "rules", RULE | {"above": {"warning": "5%", "critical": "50%"}, "severity": "warning"}
    )
    for number, value in enumerate((0.06, 0.2, 0.4, 0.63)):
        what = "renewed" if number else "fired"
        change = history.change("a", what, rule_id=rule["id"], value=value, version=number + 1)
        history.write(msgspec.structs.replace(change, at=NOW + number * 60_000))
    await opened(page, "a is wrong")
    await page.until("document.querySelectorAll('.plot .line').length === 1")
    assert await page.evaluate("document.querySelectorAll('.plot .limit').length") == 2
    assert (
        await page.evaluate("document.querySelector('.plot .line').getAttribute('points').split(' ').length")
        == 4
    )
    assert await page.evaluate("document.querySelector('figcaption').innerText") == (
        "0.63, where it is wrong above 0.05 (warning), 0.5 (critical)"
    )
    assert page.errors == []


async def test_why_these_people(page: Page, history: History) -> None:
    """Every gate on the way to people is told when somebody asks, and stays so while the alert changes."""
    history.alert("search")
    await opened(page, "search is wrong")
    await page.click("Why these people")
    await page.until("document.querySelectorAll('.gates li').length > 2")
    history.alert("search", "doubted", version=2, data_quality=("its clock is off",))
    await page.until(says("its clock is off"))
    await page.until(
        "document.querySelector('.gates').open && document.querySelectorAll('.gates li').length > 2"
    )
    assert page.errors == []


async def test_back_closes_it(page: Page, history: History) -> None:
    """The browser's own way back leads to the list, and forth to the alert; a link opens one that is long over."""
    history.alert("over", "resolved", status="resolved", resolved_at=NOW + 1)
    history.alert("search")
    await opened(page, "search is wrong")
    await page.evaluate("history.back()")
    await page.until("document.getElementById('panel').hidden && location.hash === ''")
    await page.evaluate("history.forward()")
    await page.until(says("What happened"))
    await page.evaluate("void (location.hash = '#alert=over')")
    await page.until("document.getElementById('panel-title')?.innerText === 'over is wrong'")


async def test_a_silence_from_an_alert(page: Page, history: History, respond: Respond) -> None:
    """It begins with what the alert is, says what else it covers while it is written, and is a document then."""
    history.alert("search", labels={"upstream": "u"}, severity="critical")
    history.alert("find", labels={"upstream": "u", "tool": "t"})
    history.alert("other", labels={"upstream": "v"}, team="search")
    await opened(page, "search is wrong")
    await page.click("Silence…")
    await page.until(says("Covers 2 open alerts of 2"))
    await page.evaluate("((box) => { box.value = 'tool=t'; box.dispatchEvent(new Event('input')) })"
                        "(document.querySelector('[name=covers]'))")  # fmt: skip
    await page.until(says("Covers 1 open alert of 2"))
    await page.evaluate("document.querySelector('[name=reason]').focus()")
    await page.write("vendor ticket")
    await page.click("Silence")
    await page.until(f"/^Silenced/.test({SAID}) && !{FORM}")
    (action,) = (one.action for one in respond.sent if isinstance(one.action, PutDocument))
    body = action.body
    assert (action.type, body["covers"], body["owner"], body["reason"]) == (
        "silence", "tool=t", "ada@example.com", "vendor ticket",
    )  # fmt: skip


async def test_what_is_refused_loses_no_word(page: Page, history: History) -> None:
    """Matchers that cannot be read are said to be so where they are written; the form stays."""
    history.alert("search")
    await opened(page, "search is wrong")
    await page.click("Silence…")
    await page.until(says("Covers 1 open alert"))
    await page.evaluate("((box) => { box.value = 'severity!=info'; box.dispatchEvent(new Event('input')) })"
                        "(document.querySelector('[name=covers]'))")  # fmt: skip
    await page.until(says("asks for no label"))
    await page.evaluate("document.querySelector('[name=reason]').focus()")
    await page.write("vendor")
    await page.click("Silence")
    await page.until("document.querySelector('#form form > .problem').innerText !== ''")
    assert await page.evaluate("document.querySelector('[name=reason]').value") == "vendor"


async def test_assigned_and_commented(page: Page, history: History, respond: Respond) -> None:
    """By keys: `c` notes a line; the button gives it to somebody, and "Undo" gives it back."""
    history.alert("search")
    await opened(page, "search is wrong")
    await page.press("c")
    await page.until(FORM)
    await page.write("the vendor knows")
    await page.click("Note it")
    await page.until(f"{SAID} === 'Noted: search is wrong'")
    await page.click("Assign…")
    await page.until("document.activeElement.name === 'to'")
    await page.write("ben")
    await page.click("Assign")
    await page.until(f"{SAID} === 'Assigned to ben: search is wrong'")
    await page.click("Undo")
    await page.until(f"{SAID} === 'As before: search is wrong'")
    actions = [command.action for command in respond.sent]
    assert [(act.do, getattr(act, "to", None) or getattr(act, "notes", "")) for act in actions] == [
        ("comment", "the vendor knows"), ("assign", "ben"), ("assign", ""),
    ]  # fmt: skip


async def test_who_may_only_read_has_no_buttons(
    browser: Browser, served: str, dependencies: Dependencies, history: History
) -> None:
    """A viewer of the team sees all of it, and is offered nothing that would be refused."""
    viewer = Principal(name="vic", teams=("payments",), roles={"payments": TeamRole.VIEWER})
    history.alert("search")
    page = await browser.page()
    await page.open(f"{served}/#code={dependencies.signin.new(viewer, int(time.time()))}")
    await opened(page, "search is wrong")
    assert (
        await page.evaluate("document.querySelectorAll('[data-do=acknowledge], #panel .buttons').length") == 0
    )
    assert await page.evaluate(says("You may read this alert"))


async def test_the_bell(page: Page, history: History) -> None:
    """What teams were told is counted as it comes; the newest is listed, leads to its alert, and is read then."""
    history.alert("search")
    told(history, int(time.time() * 1000))
    await page.until("document.getElementById('unread').innerText === '1'")
    await page.press("n")
    await page.until("document.querySelector('#told li.unread')")
    await page.evaluate("document.querySelector('#told a').click()")
    await page.until("document.getElementById('unread').hidden && document.getElementById('told').hidden")
    await page.until(says("What happened"))
