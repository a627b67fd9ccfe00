"""What was changed, in a real browser: looked up, taken back, brought back."""

from __future__ import annotations

import httpx

from tests.api.browser import Page
from tests.api.conftest import Respond
from tests.api.pages.harness import EVIL, put

FLASH = "document.getElementById('flash').textContent"
MAIN = "document.getElementById('main').innerText"
OPEN = "document.querySelectorAll('details').forEach((node) => node.open = true)"


async def test_an_edit_is_taken_back(
    page: Page, served: str, admin: httpx.AsyncClient, respond: Respond
) -> None:
    """Below a rule stands what it was, field by field; a click puts it back, as a revision of its own."""
    rule = await put(admin, "rules", "errors", "platform")
    await admin.put(f"/v1/rules/{rule['id']}", json=rule | {"severity": "info", "description": EVIL})
    await page.open(f"{served}/rules/{rule['id']}")
    await page.until(f"/Revision 2, as it is/.test({MAIN})")
    await page.evaluate(f"void {OPEN}")
    await page.until(f"/severity\\s+critical\\s+info/.test({MAIN})")
    await page.evaluate("void (window.confirm = () => true)")
    await page.click("Restore revision 1")
    await page.until(f"{FLASH} === 'It is as it was at revision 1.' && /Revision 3, as it is/.test({MAIN})")
    assert respond.sent[-1].action.body["severity"] == "critical"  # type: ignore[union-attr]
    assert page.errors == []


async def test_what_was_deleted_is_brought_back(
    page: Page, served: str, admin: httpx.AsyncClient, respond: Respond
) -> None:
    """The audit has it, says that its chain holds, and one click makes the document anew."""
    rule = await put(admin, "rules", "errors", "platform", description=EVIL)
    assert (await admin.delete(f"/v1/rules/{rule['id']}")).status_code == 204
    await page.open(f"{served}/audit")
    await page.click("Does it hold?")
    await page.until(f"/Team platform: 2 changes hold/.test({MAIN})")
    await page.evaluate(f"void {OPEN}")
    await page.evaluate("void (window.confirm = () => true)")
    await page.click("Bring it back")
    await page.until(
        f"{FLASH} === 'It is as it was at revision 1.' && location.pathname === '/rules/{rule['id']}'"
    )
    assert respond.sent[-1].action.body["name"] == "errors"  # type: ignore[union-attr]
    assert page.errors == []
