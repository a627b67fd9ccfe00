"""Views of the list: kept for a team under a name, found in the menu, chosen with one tap; and a sign-in by a token."""

from __future__ import annotations

import time
from typing import Any

import httpx

from api.dependencies import Dependencies
from tests.api.browser import Browser, Page
from tests.api.conftest import MEMBER, History, Respond
from tests.api.page.harness import FORM, LIVE, ROWS, says

CHOOSE = (
    "void ((menu) => { menu.value = [...menu.options].find(({ text }) => text.startsWith('%s')).value;"
    " menu.dispatchEvent(new Event('change', { bubbles: true })) })(document.getElementById('view'))"
)
SHOWN = "document.getElementById('view').selectedOptions[0].text"
OFFERED = "[...document.getElementById('view').options].map(({ text }) => text).join()"


async def test_kept_and_chosen(page: Page, served: str, history: History, respond: Respond) -> None:
    """What the list is narrowed by is kept; it takes the place of other filters, and is known again by its address."""
    history.alert("one", severity="critical", gateway="prod")
    history.alert("two", gateway="prod")
    await page.until(f"{ROWS} === 2")
    await page.evaluate("document.getElementById('severity-critical').click()")
    await page.until(f"{ROWS} === 1 && location.search === '?severity=critical'")
    await page.evaluate(CHOOSE % "Keep")
    await page.until(FORM)
    await page.evaluate("void (document.querySelector('#form [name=name]').value = 'worst')")
    await page.click("Keep")
    await page.until(f"!{FORM} && {SHOWN} === 'worst (platform)'")
    body: Any = respond.sent[-1].action
    assert (body.type, body.body["shows"], body.body["team"]) == ("view", "severity=critical", "platform")
    await page.evaluate("document.getElementById('severity-critical').click()")
    await page.evaluate("document.getElementById('severity-warning').click()")
    await page.until(f"{ROWS} === 1 && {SHOWN} === 'Views…'")
    await page.evaluate(CHOOSE % "worst")
    await page.until(f"location.search === '?severity=critical' && {says('one is wrong')}")
    await page.open(f"{served}/?severity=critical")
    await page.until(f"{LIVE} && {SHOWN} === 'worst (platform)'")
    assert page.errors == []


async def test_of_ones_teams(
    browser: Browser, served: str, admin: httpx.AsyncClient, dependencies: Dependencies
) -> None:
    """A member who comes by a token sees the own team's views, and keeps some; the token stands nowhere."""
    for team in ("payments", "search"):
        made = await admin.post(
            "/v1/views", json={"name": f"of-{team}", "team": team, "shows": f"team={team}"}
        )
        assert made.status_code == 201, made.text
    page = await browser.page()
    await page.open(f"{served}/")
    await page.until(says("You are not signed in"))
    field = "document.querySelector('#signin-token [name=token]')"
    for token, outcome in (("nonsense", says("not one of ours")), (_token(dependencies), LIVE)):
        await page.evaluate(f"void ({field}.value = {token!r})")
        await page.evaluate("void document.querySelector('#signin-token button').click()")
        await page.until(outcome)
        assert await page.evaluate(f"{field}.value") == ""
    await page.until(f"{OFFERED} === 'Views…,of-payments (payments),Keep this view…'")
    assert (
        await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie")
        == "{}"
    )


def _token(dependencies: Dependencies) -> str:
    return dependencies.tokens.issue(MEMBER, int(time.time()), 600)


async def test_in_the_api(member: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    """A view is a document; what the list could not be narrowed by is refused by the field."""
    wrong = await member.post("/v1/views", json={"name": "v", "team": "payments", "shows": "severity=severe"})
    assert (wrong.status_code, "`shows`" in wrong.text, "none of" in wrong.text) == (422, True, True)
    made = await member.post("/v1/views", json={"name": "v", "team": "payments", "shows": "?q=disk%20full"})
    assert (made.status_code, made.json()["shows"]) == (201, "q=disk%20full")
    assert "shows: q=disk%20full" in (await admin.get("/v1/export?section=views")).text
