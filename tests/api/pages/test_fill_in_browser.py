"""Forms beside the YAML in a real browser: filled in by people who never look at the text."""

from __future__ import annotations

import pytest

from tests.api.browser import Page
from tests.api.conftest import Respond

FLASH = "document.getElementById('flash').textContent"
TEXT = "document.getElementById('text').value"
AT_REST = "!document.querySelector('.htmx-request, .htmx-settling, .htmx-added')"
SET = (
    "void (([node, value]) => { node.value = value; node.dispatchEvent(new Event('change', { bubbles: true })); })"
    "([document.getElementById('f-%s'), '%s'])"
)


async def fill(page: Page, name: str, value: str, becomes: str) -> None:
    """A field of the form, filled in and left; the text says so a moment later."""
    await page.evaluate(SET % (name, value))
    await page.until(f"/{becomes}/.test({TEXT}) && {AT_REST}")


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_rule_by_form(page: Page, served: str, respond: Respond, width: int) -> None:
    """What the form says stands in the text, with what is wrong with it; the text is what is created."""
    await page.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False
    )
    await page.open(f"{served}/rules/new")
    await fill(page, "name", "queue-long", "name: queue-long")
    await fill(page, "kind", "avg", "avg: errors")
    await page.until("/over/.test(document.getElementById('checked').innerText)")  # it needs one
    await fill(page, "over", "5m", "over: 5m")
    await fill(page, "critical", "20%", "(warning: 5%|critical: 20%)\\s+(warning: 5%|critical: 20%)")
    await page.until("/It can be read/.test(document.getElementById('checked').innerText)")
    await page.click("Create")
    await page.until(f"{FLASH} === 'Created.'")
    body = respond.sent[-1].action.body  # type: ignore[union-attr]
    assert (body["name"], body["condition"]["avg"], body["condition"]["over"]) == (
        "queue-long",
        "errors",
        "5m",
    )
    assert page.errors == []


async def test_an_endpoint_by_form(page: Page, served: str, respond: Respond) -> None:
    """Another channel shows the fields of that one; what is written into the text shows in the form."""
    await page.open(f"{served}/documents/endpoints/new")
    await fill(page, "channel", "ntfy", "channel: ntfy")
    await page.until("document.getElementById('f-topic') && !document.getElementById('f-url')")
    await page.evaluate(
        f"void ({TEXT.replace('.value', '')}.value = 'endpoints:\\n- name: log\\n  channel: log\\n')"
    )
    await page.evaluate(
        "void document.getElementById('text').dispatchEvent(new Event('input', { bubbles: true }))"
    )
    await page.until(
        "document.getElementById('f-name').value === 'log' && !document.getElementById('f-topic')"
    )
    await page.click("Create")
    await page.until(f"{FLASH} === 'Created.'")
    assert respond.sent[-1].action.body["channel"] == "log"  # type: ignore[union-attr]
    assert page.errors == []
