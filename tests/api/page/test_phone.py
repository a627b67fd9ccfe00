"""On a phone of 390 points: from a link to an alert, and from there to a silence of what is like it."""

from __future__ import annotations

from streams.messages.command import PutDocument
from tests.api.browser import Page
from tests.api.conftest import History, Respond
from tests.api.page.harness import FORM, SAID, says

FITS = "document.documentElement.scrollWidth <= 390"


async def test_a_silence_from_an_alert(page: Page, served: str, history: History, respond: Respond) -> None:
    """The form fits the screen, says what it covers, and one reason later it is a document."""
    history.alert("search", labels={"upstream": "u"}, severity="critical")
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    await page.call("Emulation.setDeviceMetricsOverride", **metrics)
    await page.open(f"{served}/#alert=search")
    await page.until("document.querySelector('#panel .buttons')")
    await page.click("Silence…")
    await page.until(f"{FORM} && {says('Covers 1 open alert')}")
    assert await page.evaluate(FITS)
    await page.evaluate("document.querySelector('[name=reason]').focus()")
    await page.write("vendor ticket")
    await page.click("Silence")
    await page.until(f"/^Silenced/.test({SAID}) && !{FORM}")
    assert [command.action.type for command in respond.sent if isinstance(command.action, PutDocument)] == [
        "silence"
    ]
    assert (await page.evaluate(FITS), page.errors) == (True, [])
