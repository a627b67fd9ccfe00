"""What people do at night, from end to end, in a real browser on a phone: stand in, take a report, send back."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.browser import Page
from tests.api.conftest import NOW, History, Respond
from tests.api.letters import EVENT, Letters
from tests.api.pages.harness import put
from tests.patience import PATIENCE

FLASH = "document.getElementById('flash').textContent"
AT_REST = (
    "document.querySelector('h2') && !document.querySelector('.htmx-request, .htmx-settling, .htmx-added')"
)
FILL = (
    "void ((node) => { node.value = %r; node.dispatchEvent(new Event('change', {bubbles: true})) })"
    "(document.querySelector('[name=%s]'))"
)


@pytest.fixture
async def phone(page: Page) -> Page:
    """A page of 390 points."""
    await page.call(
        "Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True
    )
    return page


async def test_override_for_tonight(
    phone: Page, served: str, admin: httpx.AsyncClient, respond: Respond
) -> None:
    """Ben takes tonight from anna: a few fields, one button, and the page shows who stands in."""
    for name in ("anna", "ben"):
        await put(admin, "people", name, "platform")
    await put(admin, "schedules", "nights", "platform", people=["anna"])
    await phone.open(f"{served}/oncall")
    await phone.until(AT_REST)
    await phone.click("Stand in for a while")
    tonight = await phone.evaluate(
        "document.querySelector('[name=starts]').value"
    )  # now, by the reader's clocks
    morning = await phone.evaluate(
        "new Date(Date.now() + 36e6 - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 16)"
    )
    for name, value in (
        ("person", "ben"),
        ("starts", tonight),
        ("until", morning),
        ("reason", "ill"),
    ):
        await phone.evaluate(FILL % (value, name))
    await phone.evaluate("void document.querySelector('[name=reason]').focus()")
    await phone.press("Enter")
    await phone.until(f"{FLASH} === 'ben stands in.'")
    await phone.until(f"{AT_REST} && /stands in/.test(document.querySelector('.tag.good')?.innerText)")
    body: Any = respond.sent[-1].action
    assert (body.body["person"], body.body["schedule"], body.body["reason"]) == ("ben", "nights", "ill")
    assert await phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.errors == []


@pytest.mark.parametrize("kind", ["CSV", "PDF"])
async def test_a_report_is_downloaded_and_opened(
    page: Page, served: str, history: History, tmp_path: Path, kind: str
) -> None:
    """What the filters show comes as a file with a name, whole, and opens as what it says it is."""
    history.alert("a", severity="critical", message="=1+1 is no formula", triggered_at=NOW)
    history.alert("b", triggered_at=NOW)
    folder = tmp_path / "downloads"
    await page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    await page.open(f"{served}/history?from=2025-11-20&to=2025-11-30&severity=critical")
    await page.until(f"{AT_REST} && /1 in all/.test(document.querySelector('#past caption').innerText)")
    await page.click(kind)
    file = await downloaded(folder, f".{kind.lower()}")
    assert file.name == f"tocsin-2025-11-20-2025-11-30.{kind.lower()}"
    if kind == "CSV":
        (row,) = csv.DictReader(file.read_text("utf-8-sig").splitlines())
        assert row["message"] == "'=1+1 is no formula"
    else:
        content = file.read_bytes()
        assert (content[:5], b"%%EOF" in content[-32:]) == (b"%PDF-", True)
        await page.open(f"file://{file}")  # Chromium's own reader shows it
        assert await page.evaluate("document.contentType") == "application/pdf"
    assert page.errors == []


async def downloaded(folder: Path, suffix: str) -> Path:
    """The one file that came, once it is whole."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if files := await asyncio.to_thread(ending, folder, suffix):
                return files[0]
            await asyncio.sleep(0.05)


def ending(folder: Path, suffix: str) -> list[Path]:
    """The files of a folder, if it is there, whose name ends so."""
    return [file for file in folder.glob("*") if file.suffix == suffix]


async def test_a_dead_letter_goes_back(phone: Page, served: str, letters: Letters) -> None:
    """From the overview to the letter: what came, why, what to do; after the mend one button sends it back, once."""
    await phone.open(f"{served}/overview")
    await phone.click("Dead letters")
    await phone.until(f"{AT_REST} && /`type` is missing/.test(document.getElementById('letters').innerText)")
    assert await phone.evaluate("document.documentElement.scrollWidth") <= 390
    await phone.click("event of telemetry")
    await phone.until(f"{AT_REST} && /guard of gateway prod/.test(document.getElementById('main').innerText)")
    await phone.evaluate("void (window.confirm = () => true)")
    await phone.click("Send back")
    await phone.until(f"/^It was sent back/.test({FLASH})")
    await phone.until(f"{AT_REST} && /sent back already/.test(document.getElementById('letters').innerText)")
    assert [one.value for one in letters.back] == [EVENT]
    assert phone.errors == []


async def test_keys_and_copies(page: Page, served: str) -> None:
    """What a first step says can be copied by a click; keys show help and lead from page to page."""
    await page.open(f"{served}/overview")
    await page.until(f"{AT_REST} && document.querySelector('[data-copy]')")
    await page.click("Copy")
    await page.until(f"{FLASH} === 'Copied.'")
    await page.press("?")
    await page.until("document.getElementById('keys').open")
    await page.press("Escape", 27)
    await page.until("!document.getElementById('keys').open")
    await page.press("3")
    await page.until("location.pathname === '/rules'")
    assert page.errors == []
