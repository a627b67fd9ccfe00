"""The list: what narrows it, what may move, several at once, and a storm of which the page shows a page."""

from __future__ import annotations

import pytest

from streams.codes import SuppressionReason
from streams.messages.alert import Suppression
from tests.api.browser import Page
from tests.api.conftest import NOW, History, Respond
from tests.api.page.harness import FORM, LIVE, ROWS, SAID, says

STORM = 5_000  # new alerts, on top of four times as many
TITLES = "[...document.querySelectorAll('.alert .title')].map((title) => title.innerText).join()"


async def test_facets_narrow_and_stay_in_the_address(page: Page, served: str, history: History) -> None:
    """Each choice says how many it would show; what is chosen stands in the address, and a reload brings it back."""
    history.alert("one", severity="critical", gateway="prod-eu")
    history.alert("two", gateway="prod-eu")
    history.alert("three", gateway="prod-us", team="search")
    await page.until(f"{ROWS} === 3")
    await page.until("document.querySelector('#severity-critical + label b').textContent === '1'")
    await page.until("document.querySelector('[name=gateway] [value=prod-eu]').textContent === 'prod-eu (2)'")
    await page.evaluate("document.getElementById('severity-warning').click()")
    await page.until(f"{ROWS} === 2")
    choose = "((select) => { select.value = 'prod-eu'; select.dispatchEvent(new Event('input', {bubbles: true})) })"
    await page.evaluate(f"{choose}(document.querySelector('[name=gateway]'))")
    await page.until(f"{TITLES} === 'two is wrong'")
    assert await page.evaluate("location.search") == "?severity=warning&gateway=prod-eu"
    await page.open(f"{served}/?severity=warning&gateway=prod-eu")
    await page.until(f"{LIVE} && {TITLES} === 'two is wrong'")
    await page.click("Clear filters")
    await page.until(f"{ROWS} === 3 && location.search === ''")


async def test_what_comes_waits_while_somebody_selects(page: Page, history: History) -> None:
    """While alerts are selected no row moves: what is new or over is counted above, and shown when asked for."""
    history.alert("old")
    history.alert("gone", triggered_at=NOW - 1)
    await page.until(f"{ROWS} === 2")
    await page.evaluate("document.querySelector('#alert-old .pick').click()")
    history.alert("gone", "resolved", status="resolved", version=2, triggered_at=NOW - 1)
    history.alert("bad", severity="critical")
    await page.until("document.getElementById('fresh').innerText === '↑ 1 new, 1 no longer in this list'")
    assert await page.evaluate(TITLES) == "old is wrong,gone is wrong"
    await page.click("↑ 1 new")
    await page.until(f"{TITLES} === 'bad is wrong,old is wrong'")
    assert await page.evaluate("document.querySelector('#alert-old .pick').checked")


async def test_several_at_once(page: Page, history: History, respond: Respond) -> None:
    """What is selected is acknowledged one by one; the sentence says how many, and what could not be done and why."""
    for number in range(3):
        history.alert(f"n{number}", groups=(f"g{number}",))
    await page.until(f"{ROWS} === 3")
    await page.press("j")
    await page.press("x")
    await page.until(says("1 alert selected"))
    await page.click("Select all shown")
    await page.until(says("3 alerts selected"))
    await page.evaluate("document.querySelector('#bulk .main').click()")
    await page.until(f"{SAID} === 'You have: 3 alerts.'")
    assert sorted(command.action.do for command in respond.sent) == ["acknowledge"] * 3
    assert await page.evaluate("document.querySelectorAll('.alert.acknowledged').length") == 3


async def test_a_snooze_of_several_is_taken_back(page: Page, history: History, respond: Respond) -> None:
    """Snoozed with a length and a reason; "Undo" wakes each of them."""
    for number in range(2):
        history.alert(f"n{number}", groups=(f"g{number}",))
    await page.until(f"{ROWS} === 2")
    await page.evaluate("document.querySelectorAll('.pick').forEach((box) => box.click())")
    await page.click("Snooze…")
    await page.until(FORM)
    await page.click("4 h")
    await page.evaluate("document.querySelector('#form textarea').focus()")
    await page.write("deploying")
    await page.click("Snooze")
    await page.until(f"{SAID} === 'Snoozed: 2 alerts.'")
    assert {(one.action.do, getattr(one.action, "notes", "")) for one in respond.sent} == {
        ("snooze", "deploying")
    }
    respond.sent.clear()
    await page.click("Undo")
    await page.until(f"{SAID} === 'Awake again: 2 alerts'")
    assert [one.action.do for one in respond.sent] == ["unsnooze", "unsnooze"]


async def test_what_is_suppressed_says_by_what(page: Page, history: History) -> None:
    """Until when, by whom and why nobody is told; the list can be narrowed to it."""
    why = Suppression(
        kind=SuppressionReason.SILENCE, by="silence/payments/v", until=NOW * 2, reason="vendor ticket"
    )
    history.alert("quiet", "suppressed", suppression=why, suppressed_since=NOW)
    history.alert("loud")
    await page.until(f"{says('nobody is told until')} && {says('vendor ticket')}")
    await page.until("document.querySelector('[name=suppressed] [value=yes]')")
    choose = (
        "((select) => { select.value = 'yes'; select.dispatchEvent(new Event('input', {bubbles: true})) })"
    )
    await page.evaluate(f"{choose}(document.querySelector('[name=suppressed]'))")
    await page.until(f"{TITLES} === 'quiet is wrong'")


async def test_two_taps_on_a_phone(page: Page, served: str, history: History, respond: Respond) -> None:
    """At 390 px an alert is acknowledged by one tap in the list, or one on its own page; nothing is wider than that."""
    history.alert("search", groups=("g",))
    history.alert("find", groups=("h",))
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    await page.call("Emulation.setDeviceMetricsOverride", **metrics)
    await page.until(f"{ROWS} === 2")
    await page.click("Acknowledge")
    await page.until(f"/^You have it: /.test({SAID})")
    await page.open(f"{served}/#alert=search")
    await page.until("document.querySelector('#panel .buttons')")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.click("Acknowledge")
    await page.until("document.querySelector('#panel .taken')")
    assert [one.action.do for one in respond.sent] == ["acknowledge", "acknowledge"]


@pytest.mark.parametrize("held", [4 * STORM])
async def test_a_storm_changes_counts_alone(page: Page, history: History, held: int) -> None:
    """At 20 000 open alerts 5 000 new ones leave as many rows as before, and cost a few looks, not thousands."""
    storm(history, held, "old")
    await page.until(f"{says(f'of {held:,}')}", 60)
    page.asked.clear()
    for part in range(10):
        storm(history, STORM // 10, f"new{part}-")
    await page.until(f"{says(f'of {held + STORM:,}')}", 60)
    assert await page.evaluate(ROWS) == 50
    looks = [url for url in page.asked if "/v1/alerts?" in url]
    assert len(looks) < 60, len(looks)  # one a second at most, however slow the machine is
    assert page.errors == []


def storm(history: History, count: int, name: str) -> None:
    """So many new alerts in one transaction."""
    history.write(
        *(history.change(f"{name}{number}", groups=(f"{name}{number}",)) for number in range(count))
    )
