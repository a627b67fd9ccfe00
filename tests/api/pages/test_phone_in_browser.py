"""On a phone of 390 points: a rule is written, tried, made and enabled; what it finds shows, and is reported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.browser import Page
from tests.api.conftest import NOW, History, Respond

FLASH = "document.getElementById('flash').textContent"
AT_REST = "!document.querySelector('.htmx-request, .htmx-settling, .htmx-added')"
FITS = "document.documentElement.scrollWidth <= 390"
RULE = "rules:\n- name: errors\n  team: platform\n  last: errors\n  above: 5%\n  for: 1m\n  shadow: yes\n"


@pytest.fixture
async def phone(page: Page) -> Page:
    """A page of 390 points."""
    await page.call(
        "Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True
    )
    return page


async def test_a_rule(phone: Page, served: str, history: History, respond: Respond) -> None:
    """Written, tried with what fires and who is told, made, put out of shadow; when it fires, its page shows it."""
    await phone.open(f"{served}/rules/new")
    await phone.evaluate("void (document.querySelector('[name=text]').value = '')")
    await phone.evaluate("void document.querySelector('[name=text]').focus()")
    await phone.write(RULE)
    await phone.until("/It can be read/.test(document.getElementById('checked').innerText)")
    await phone.evaluate(
        "void (document.querySelector('[name=waves]').value = 'errors: 0 x8, 0.2 x20, 0 x20')"
    )
    await phone.click("Try")
    await phone.until("/20% is above 5%/.test(document.getElementById('tried').innerText)", 60)
    assert await phone.evaluate(FITS)
    await phone.click("Create")
    await phone.until(
        f"{FLASH} === 'Created.' && /^.rules.[0-9a-f-]{{36}}$/.test(location.pathname) && {AT_REST}"
    )
    await phone.click("Tell people")
    await phone.until("/People are told/.test(document.getElementById('flash').textContent)")
    bodies: list[Any] = [command.action.body for command in respond.sent]  # type: ignore[union-attr]
    assert [body["shadow"] for body in bodies] == [True, False]
    rule = (await phone.evaluate("location.pathname")).rpartition("/")[2]
    history.alert("a", rule_id=rule, rule="errors", message="errors are 20%", team="platform")
    await phone.open(f"{served}/rules/{rule}")
    await phone.until(f"/errors are 20%/.test(document.getElementById('main').innerText) && {AT_REST}")
    assert (await phone.evaluate(FITS), phone.errors) == (True, [])


async def test_a_report(phone: Page, served: str, history: History) -> None:
    """The history of a month is narrowed, and its report can be had, within the width of the screen."""
    history.alert("a", severity="critical", triggered_at=NOW)
    await phone.open(f"{served}/history?from=2025-11-20&to=2025-11-30&severity=critical")
    await phone.until(f"/1 in all/.test(document.querySelector('#past caption').innerText) && {AT_REST}")
    seen = "[...document.querySelectorAll('a[download]')].filter((link) => link.offsetParent)"
    assert {"CSV", "PDF"} <= set(await phone.evaluate(f"{seen}.map(({{ innerText }}) => innerText)"))
    assert (await phone.evaluate(FITS), phone.errors) == (True, [])
