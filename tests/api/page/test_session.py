"""Who is let in and out, two people at once, and a page that never takes what is old for new."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from api.dependencies import Dependencies
from api.pages.surface.layout import NAVIGATION
from api.routes.page import STATIC
from tests.api.browser import Browser, Page
from tests.api.conftest import MEMBER, Broker, History, Respond
from tests.api.page.harness import AWAY, LIVE, SAID, opened, says, sign_out

EVIL = "<img src=x onerror=alert(1)>"


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
    await sign_out(page)
    assert (await page.call("Network.getCookies"))["cookies"] == []


async def test_a_used_link_over_a_good_session(page: Page, served: str, history: History) -> None:
    """Whoever is signed in stays so, sees the alerts, and is told that the link did not work."""
    history.alert("search")
    await page.open(f"{served}/#code=used")
    await page.until(f"{LIVE} && {says('search is wrong')}")
    assert await page.evaluate("document.getElementById('signin').hidden")
    await page.until(f"/^You are still signed in. The link did not work: /.test({SAID})")
    await page.click("Acknowledge")
    await page.until(says("ada@example.com has it"))


SLOW = """(() => {
  const real = window.fetch;
  window.fetch = async (path, options) => {
    const answer = await real(path, options);
    if (!/^.v1.alerts([?].*|.*acknowledge)$/.test(path)) return answer;
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
    await sign_out(page)
    await page.evaluate("void window.release()")
    await page.until("window.heard")
    assert await page.evaluate("document.getElementById('alerts').children.length") == 0
    assert await page.evaluate("document.getElementById('count').textContent") == "signed out"
    assert (await page.evaluate(SAID), page.errors) == ("", [])


async def test_filters_that_change_during_the_first_look(page: Page, served: str, history: History) -> None:
    """The stream is followed from what is shown, not from its beginning."""
    history.alert("search")
    early = "fetch = ((real) => (path, options) => (String(path).startsWith('/v1/alerts?') && !window.held &&"
    early += " (window.held = document.getElementById('filters')) && (window.held.elements.q.value = 'x'),"
    early += " real(path, options)))(fetch)"
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=early)
    page.asked.clear()
    await page.open(f"{served}/")
    await page.until("/live/.test(document.getElementById('count').textContent)")
    asked = [url for url in page.asked if "/v1/alerts?" in url or "/v1/stream" in url]
    assert [url for url in asked if url.endswith("/v1/stream?after=0")] == []
    assert len([url for url in asked if "/v1/alerts?" in url]) == 2


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
    other = await browser.page()
    await other.open(f"{served}/#code={dependencies.signin.new(MEMBER, int(time.time()))}")
    for reader in (page, other):
        await opened(reader, "search is wrong")
        await reader.click("Resolve…")
        await reader.until("document.activeElement.tagName === 'TEXTAREA'")
    await page.write("half a sen")
    await other.write(EVIL)
    await other.click("Resolve")
    await page.until(says("resolved by mo@example.com"))
    assert await page.evaluate("document.activeElement.value") == "half a sen"
    assert await page.evaluate("document.querySelectorAll('#alerts img, #panel img').length") == 0
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


async def test_a_broker_that_hangs(page: Page, history: History, broker: Broker) -> None:
    """The API answers, and nothing new can come: the page says so instead of "live", and not that it is cut off."""
    history.alert("search")
    broker.hangs = True
    await page.until("/not live/.test(document.getElementById('count').textContent)", 60)
    assert await page.evaluate(says("the broker has not answered"))
    assert not await page.evaluate(AWAY)
    broker.hangs = False
    await page.until(f"!/not live/.test(document.getElementById('count').textContent) && {LIVE}", 60)


async def test_another_tab_has_signed_in(page: Page, history: History, dependencies: Dependencies) -> None:
    """The cookie of a new session serves the older tab too: what is clicked there is done."""
    history.alert("search")
    code = dependencies.signin.new(MEMBER, int(time.time()))
    how = "method: 'POST', headers: {'Content-Type': 'application/json'}"
    await page.evaluate(f"fetch('/v1/session', {{{how}, body: '{{\"code\": \"{code}\"}}'}}).then(() => 1)")
    await page.click("Acknowledge")
    await page.until("/mo@example.com has it/.test(document.body.innerText)")


def test_the_page_leads_to_all_others() -> None:
    """Its file has the links that the pages drawn by the server have, in their order."""
    file = (STATIC / "index.html").read_text().partition('<nav class="pages"')[2].partition("</nav>")[0]
    links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', file)
    assert links == [(item.path, item.name) for item in NAVIGATION]
