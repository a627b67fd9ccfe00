"""Pages in a real browser: read, filled in and pressed as people do it, on a phone and in the dark as well."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.pages import site
from tests.api.browser import Page
from tests.api.conftest import History, Respond
from tests.api.pages.harness import EVIL, furnished, put

FLASH = "document.getElementById('flash').textContent"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNNAMED = (
    "[...document.querySelectorAll('input:not([type=hidden]),select,textarea,button,a,summary')].filter((node) =>"
    " !(node.labels?.[0]?.textContent || node.textContent || node.getAttribute('aria-label') || '').trim())"
    ".map((node) => node.outerHTML)"
)
RULE = "rules:\n- name: errors\n  team: platform\n  last: errors\n  above: 5%\n  for: 1m\n"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_every_page(
    page: Page, served: str, admin: httpx.AsyncClient, history: History, width: int, dark: bool
) -> None:
    """None complains, none is wider than the screen, all that can be used has a name, and nothing hostile runs."""
    own = await furnished(admin, history)
    await page.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False
    )
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    await page.call("Emulation.setEmulatedMedia", features=scheme)
    for path in sorted({*site.PATHS, *own.values()} - {"/documents"}):
        page.errors.clear()
        await page.open(f"{served}{path}")
        await page.until("document.querySelector('h2') && !document.querySelector('.htmx-request')")
        assert await page.evaluate(WIDER) <= 0, path
        assert await page.evaluate(UNNAMED) == [], path
        assert await page.evaluate("document.querySelectorAll('main img').length") == 0, path
        assert page.errors == [], (path, await page.refusals())


async def test_a_rule_is_made_tried_and_enabled(page: Page, served: str, respond: Respond) -> None:
    """Written in the page, checked line by line, tried on values, made, and switched."""
    await page.open(f"{served}/rules/new")
    await written(page, "rules:\n- name: errors\n  lats: errors\n")
    await page.until("/Line 3: there is no field/.test(document.getElementById('checked').innerText)")
    await written(page, RULE)
    await page.until("/It can be read/.test(document.getElementById('checked').innerText)")
    await page.evaluate(
        "void (document.querySelector('[name=waves]').value = 'errors: 0 x8, 0.2 x20, 0 x20')"
    )
    await page.click("Try")
    await page.until("/20% is above 5%/.test(document.getElementById('tried').innerText)")
    assert await page.evaluate("document.querySelectorAll('#tried svg .fired').length") == 1
    assert respond.sent == []
    await page.click("Create")
    await page.until(f"{FLASH} === 'Created.' && /^.rules.[0-9a-f-]{{36}}$/.test(location.pathname)")
    await page.until(
        "!document.querySelector('.htmx-request, .htmx-settling, .htmx-added')"
    )  # all of it is there
    await page.click("Put in shadow")
    await page.until("/nobody is told/.test(document.querySelector('.head').innerText)")
    bodies: list[Any] = [command.action.body for command in respond.sent]  # type: ignore[union-attr]
    assert [body["shadow"] for body in bodies] == [False, True]
    assert page.errors == []


async def written(page: Page, text: str) -> None:
    """A text typed into the editor in place of what stands there."""
    await page.evaluate("void (document.querySelector('[name=text]').value = '')")
    await page.evaluate("void document.querySelector('[name=text]').focus()")
    await page.write(text)


async def test_silenced_with_a_look_at_what_it_covers(
    page: Page, served: str, history: History, respond: Respond
) -> None:
    """What would be quiet is shown while the matchers are written; then it is silenced, and ends with a click."""
    history.alert("a", message=EVIL)
    await page.open(f"{served}/silences?covers=gateway%3Dprod&team=platform")
    await page.until("/1 of 1 open alert would be quiet/.test(document.getElementById('covered').innerText)")
    await page.evaluate("void document.querySelector('[name=reason]').focus()")
    await page.write("patches")
    await page.click("Create silence")
    await page.until(f"{FLASH} === 'Silenced.'")
    await page.until("/1 open alert now/.test(document.getElementById('main').innerText)")
    await page.evaluate("void (window.confirm = () => true)")
    await page.click("End now")
    await page.until("!/End now/.test(document.getElementById('main').innerText)")
    assert [command.action.do for command in respond.sent] == ["put", "put"]
    assert page.errors == []


async def test_a_failure_stands_beside_its_button(page: Page, served: str, respond: Respond) -> None:
    """What is refused says why where it was asked for, and what was written stays."""
    await page.open(f"{served}/documents/routes/new")
    await written(page, "routes:\n- {name: x, to: endpoint/none}\n")
    await page.click("Create")
    words = "document.querySelector('#edit .problem:not(:empty)')?.innerText"
    await page.until(f"/there is no endpoint `none`/.test({words})")
    assert "endpoint/none" in await page.evaluate("document.querySelector('[name=text]').value")
    assert respond.sent == []


async def test_while_tocsin_does_not_answer(page: Page, served: str) -> None:
    """A click says that nothing was heard, and that it may not have been done."""
    await page.open(f"{served}/routing")
    line: dict[str, Any] = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    await page.call("Network.emulateNetworkConditions", offline=True, **line)
    await page.click("Try")
    await page.until(f"/Tocsin does not answer/.test({FLASH})")
    await page.call("Network.emulateNetworkConditions", offline=False, **line)


async def test_times_are_the_readers(page: Page, served: str, admin: httpx.AsyncClient) -> None:
    """The browser says where its reader is; times are shown as clocks there do, the instant is in the title."""
    await put(
        admin, "silences", "known", "platform", starts="2031-06-01T10:00:00Z", ends="2031-07-01T10:00:00Z"
    )
    await page.call("Emulation.setTimezoneOverride", timezoneId="America/New_York")
    await page.open(f"{served}/silences")
    await page.until("document.body.dataset.zone === 'America/New_York'")
    shown = await page.evaluate(
        "((node) => [node.innerText, node.title])(document.querySelector('time[datetime^=\"2031-07\"]'))"
    )
    assert shown == ["2031-07-01 06:00", "2031-07-01T10:00:00.000Z"]


async def test_filters_go_into_the_address(page: Page, served: str, admin: httpx.AsyncClient) -> None:
    """What is filtered for can be linked to, and the way back leads to what was shown before."""
    await put(admin, "rules", "errors", "platform")
    await put(admin, "rules", "other", "platform", enabled=False)
    await page.open(f"{served}/rules")
    await page.until("/^2 rules$/.test(document.querySelector('caption')?.innerText)")
    chosen = (
        "((node) => { node.value = 'disabled'; node.dispatchEvent(new Event('change', {bubbles: true})) })"
    )
    await page.evaluate(f"void {chosen}(document.querySelector('[name=state]'))")
    await page.until("/state=disabled/.test(location.search)")
    await page.until("/^1 rule$/.test(document.querySelector('caption').innerText)")
    await page.open(await page.evaluate("location.href"))
    await page.until("document.querySelector('[name=state]').value === 'disabled'")
    assert "errors" not in await page.evaluate("document.getElementById('rules').innerText")


async def test_signed_out(page: Page, served: str) -> None:
    """Whoever signs out is led to the sign-in, and every page is closed."""
    await page.open(f"{served}/rules")
    await page.click("Sign out")
    await page.until("location.pathname === '/'")
    await page.open(f"{served}/rules")
    await page.until("/You are not signed in/.test(document.body.innerText)")


async def test_by_keyboard(page: Page, served: str) -> None:
    """The first stop skips to the page; every stop can be seen."""
    await page.open(f"{served}/maintenance")
    await page.press("Tab", 9)
    assert await page.evaluate("document.activeElement.innerText") == "Skip to the page"
    outlines = []
    for _ in range(12):
        await page.press("Tab", 9)
        outlines.append(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert set(outlines) == {"solid"}, json.dumps(outlines)
