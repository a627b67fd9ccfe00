"""What tests of the page look at, and what they do again and again."""

from __future__ import annotations

import json

from tests.api.browser import Page

LIVE = "/live/.test(document.getElementById('count').textContent)"
SAID = "document.getElementById('said').textContent"
AWAY = "!document.getElementById('away').hidden"
ROWS = "document.querySelectorAll('.alert').length"
FORM = "document.getElementById('form').open"


def says(text: str) -> str:
    """An expression that is true where the page can be read to say that."""
    return f"document.body.innerText.includes({json.dumps(text)})"


async def opened(page: Page, message: str) -> None:
    """Open the alert with this message, and wait until all of it is there."""
    await page.until(says(message))
    await page.click(message)
    await page.until("document.querySelector('#panel .timeline, #panel .faint')")
    await page.until(says("What happened"))


async def sign_out(page: Page) -> None:
    """By the menu, as a person does."""
    await page.click("ada@example.com")
    await page.click("Sign out")
    await page.until(says("You have signed out"))
