"""A page that complains can be asked what it was answered: else nobody knows afterwards why it did."""

from __future__ import annotations

from tests.api.browser import Page


async def test_the_words_of_an_answer(page: Page, served: str) -> None:
    """Of what was refused there are status, address and sentence."""
    await page.open(f"{served}/rules/none")
    told = [each for each in await page.refusals() if each.startswith(f"404 {served}/rules/none: ")]
    assert ["rule none" in each for each in told] == [True]
