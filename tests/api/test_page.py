"""The page in a real browser: what a person sees, clicks and reads; skipped where there is no Chromium."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.dependencies import Dependencies
from api.http.serve import clock
from tests.api.browser import PROGRAM, Browser, Page, called, chromium
from tests.api.conftest import ADMIN, MEMBER, NOW, History, Respond

pytestmark = pytest.mark.skipif(not PROGRAM, reason="no `chromium` on the path: the page was not looked at")
SAID = "document.getElementById('said').textContent"
AWAY = "!document.getElementById('away').hidden"
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def dependencies(dependencies: Dependencies) -> Dependencies:
    """A browser's cookies end by the real clock."""
    return replace(dependencies, now=clock)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One browser for all tests of this file."""
    with chromium(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
async def browser(address: str) -> AsyncIterator[Browser]:
    """Its pages of this test."""
    async with called(address) as opened:
        yield opened


@pytest.fixture
async def page(browser: Browser, served: str, dependencies: Dependencies) -> Page:
    """A page on which an administrator has signed in with a link."""
    opened = await browser.page()
    await opened.open(f"{served}/#code={dependencies.signin.new(ADMIN, int(time.time()))}")
    await opened.until("/live/.test(document.getElementById('count').textContent)")
    return opened


async def test_acknowledged_by_a_click(page: Page, history: History, respond: Respond) -> None:
    """An alert appears by itself and is taken by a click; nothing is in the address, the console or a query string."""
    history.alert("search", groups=("g",))
    await page.until("/search is wrong/.test(document.body.innerText)")
    await page.click("Acknowledge")
    await page.until("/ada@example.com has it/.test(document.body.innerText)")
    assert await page.evaluate(SAID) == "You have it: search is wrong"
    assert [one.action.do for one in respond.sent] == ["acknowledge"]
    assert (await page.evaluate("location.hash + document.cookie"), page.errors) == ("", [])
    assert not [url for url in page.asked if "code=" in url.partition("#")[0] or "token" in url]


async def test_link_is_good_once(
    page: Page, browser: Browser, served: str, dependencies: Dependencies
) -> None:
    """A link that was used, and a page without a session, say how to get in; signing out forgets the cookie."""
    other = await browser.page()
    await other.open(f"{served}/")
    await other.until("/You are not signed in/.test(document.body.innerText)")
    await other.open(f"{served}/#code=used")
    await other.until("/used or older than ten minutes/.test(document.body.innerText)")
    await page.click("Sign out")
    await page.until("/You have signed out/.test(document.body.innerText)")
    assert (await page.call("Network.getCookies"))["cookies"] == []


SLOW = """(() => {
  const real = window.fetch;
  window.fetch = async (path, options) => {
    const answer = await real(path, options);
    if (!String(path).startsWith('/v1/alerts')) return answer;
    window.held = (window.held || 0) + 1;
    await new Promise((done) => (window.release = done));
    setTimeout(() => (window.heard = true), 0);
    return answer;
  };
})()"""  # the answers to questions about alerts wait for `release`


@pytest.mark.parametrize("look", ["Acknowledge", "Show"], ids=["what was clicked", "the list"])
async def test_who_has_signed_out_is_shown_nothing(page: Page, history: History, look: str) -> None:
    """What was asked before and is answered after it paints no alert under the sign-in form."""
    history.alert("search")
    await page.until("/search is wrong/.test(document.body.innerText)")
    await page.evaluate(SLOW)
    if look == "Acknowledge":
        await page.click(look)
    else:
        await page.evaluate("void document.getElementById('filters').dispatchEvent(new Event('input'))")
    await page.until("window.held === 1")
    await page.click("Sign out")
    await page.until("/You have signed out/.test(document.body.innerText)")
    await page.evaluate("void window.release()")
    await page.until("window.heard")
    assert await page.evaluate("document.getElementById('alerts').children.length") == 0
    assert await page.evaluate("document.getElementById('count').textContent") == "signed out"
    assert (await page.evaluate(SAID), page.errors) == ("", [])


async def test_filters_that_change_during_the_first_look(page: Page, served: str, history: History) -> None:
    """The stream is followed from what is shown, not from its beginning."""
    history.alert("search")
    early = "fetch = ((real) => (path, options) => (String(path).startsWith('/v1/alerts') && !window.held &&"
    early += " (window.held = document.getElementById('filters')) && (window.held.elements.q.value = 'x'),"
    early += " real(path, options)))(fetch)"
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=early)
    page.asked.clear()
    await page.open(f"{served}/")
    await page.until("/live/.test(document.getElementById('count').textContent)")
    asked = [url for url in page.asked if "/v1/alerts" in url or "/v1/stream" in url]
    assert [url for url in asked if url.endswith("/v1/stream?after=0")] == []
    assert len([url for url in asked if "/v1/alerts" in url]) == 2


async def test_a_click_on_what_has_gone(page: Page, history: History) -> None:
    """The alert leaves the list under the reader's hand: a sentence says so."""
    history.alert("search")
    await page.until("window.late = document.querySelector('[data-do=acknowledge]')")
    history.alert("search", "resolved", status="resolved", version=2)
    await page.until("/No alert is open/.test(document.body.innerText)")
    await page.evaluate("void window.late.click()")
    await page.until(f"{SAID} === 'This alert is no longer in the list.'")


async def test_two_people(
    page: Page, browser: Browser, served: str, history: History, dependencies: Dependencies
) -> None:
    """What one resolves while another writes takes no word from her, and is seen by her at once."""
    history.alert("search")
    await page.click("search is wrong")
    await page.until("/What happened/.test(document.body.innerText)")
    other = await browser.page()
    await other.open(f"{served}/#code={dependencies.signin.new(MEMBER, int(time.time()))}")
    history.alert("search", "doubted", version=2)
    for one in (page, other):
        await one.click("Resolve…")
        await one.until("document.activeElement.tagName === 'TEXTAREA'")
    await page.write("half a sen")
    await other.write(EVIL)
    await other.press("Tab", 9)
    await other.press("Enter")
    await page.until("/resolved by mo@example.com/.test(document.body.innerText)")
    assert await page.evaluate("document.activeElement.value") == "half a sen"
    assert await page.evaluate("document.querySelectorAll('#alerts img').length") == 0
    assert EVIL in await page.text()


async def test_old_state_is_never_shown_as_new(page: Page, history: History) -> None:
    """While Tocsin cannot be reached the page says since when; it comes back by itself, with what it missed."""
    history.alert("search")
    await page.until("/search is wrong/.test(document.body.innerText)")
    line: dict[str, Any] = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    await page.call("Network.emulateNetworkConditions", offline=True, **line)
    await page.evaluate("void dispatchEvent(new Event('online'))")
    await page.until(AWAY)
    assert "this is how it stood then" in await page.text()
    history.alert("search", "resolved", status="resolved", version=2)
    await page.call("Network.emulateNetworkConditions", offline=False, **line)
    await page.until(f"!({AWAY}) && /No alert is open/.test(document.body.innerText)")


async def test_another_tab_has_signed_in(page: Page, history: History, dependencies: Dependencies) -> None:
    """The cookie of a new session serves the older tab too: what is clicked there is done."""
    history.alert("search")
    code = dependencies.signin.new(MEMBER, int(time.time()))
    how = "method: 'POST', headers: {'Content-Type': 'application/json'}"
    await page.evaluate(f"fetch('/v1/session', {{{how}, body: '{{\"code\": \"{code}\"}}'}}).then(() => 1)")
    await page.click("Acknowledge")
    await page.until("/mo@example.com has it/.test(document.body.innerText)")


async def test_an_anomaly_shows_its_series(page: Page, history: History) -> None:
    """A link opens one alert; its picture has a line, a band, what was unusual, and times."""
    points = [
        (NOW + 60_000 * n, 50.0 if n < 9 else 5.0, 40.0, 60.0, 0.1 if n < 9 else 0.99) for n in range(10)
    ]
    said = {
        "at": NOW,
        "value": 5.0,
        "expected": 50.0,
        "low": 40.0,
        "high": 60.0,
        "score": 0.99,
        "part": "drift",
    }
    history.alert("odd", anomaly=said | {"since": NOW + 500_000, "recent_points": points})
    await page.evaluate("void (location.hash = '#alert=odd')")
    await page.until("document.querySelectorAll('.plot .line').length === 1")
    drawn = "[...document.querySelectorAll('.plot > *')].map((one) => one.getAttribute('class')).join(' ')"
    assert await page.evaluate(drawn) == "band begin line odd"
    assert await page.evaluate("document.querySelectorAll('figure time').length") == 3
    assert page.errors == []


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (0.000234, 0.0001, 0.00021, "0.000234, where 0.0001 to 0.00021 is usual"),
        (7.0000001, 7.0, 7.0, "7.0000001, where 7 to 7 is usual"),
        (1.0, -0.0, 0.0, "1, where 0 to 0 is usual"),
        (0.0, -1.2e28, 1.2e28, "0, within the usual -1.2E28 to 1.2E28"),
        (1234567.0, 40.4, 60.6, "1,230,000, where 40.4 to 60.6 is usual"),
    ],
)
async def test_the_value_of_an_anomaly_can_be_read(
    page: Page, history: History, value: float, low: float, high: float, shown: str
) -> None:
    """However small or large it is, the value is told from the band, and whether it lies within."""
    points = [(NOW + 60_000 * n, value, low, high, 0.99) for n in range(3)]
    said = {
        "at": NOW,
        "value": value,
        "expected": low,
        "low": low,
        "high": high,
        "score": 0.99,
        "part": "drift",
    }
    history.alert("odd", anomaly=said | {"since": NOW, "recent_points": points})
    await page.evaluate("void (location.hash = '#alert=odd')")
    await page.until("document.querySelectorAll('.plot .line').length === 1")
    assert shown in await page.evaluate("document.querySelector('figcaption').innerText")
