"""What the first view weighs, on a phone with little of a network: all that a browser without anything asks for."""

from __future__ import annotations

from tests.api.browser import Page
from tests.api.conftest import NOW, History
from tests.api.page.harness import LIVE, ROWS

MOST = 250_000  # bytes
WEIGHED = (
    "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    ".filter(({ name }) => !name.includes('/stream'))"
)


async def test_first_view(page: Page, served: str, history: History) -> None:
    """A list of fifty alerts, with all scripts and styles, and with how everything stands."""
    for number in range(60):
        labels = {"upstream": f"payments-{number}", "tool": f"transfer-{number}", "region": "eu-central"}
        message = f"errors of tool calls are 12.3 % for upstream payments-{number}, above 5 % for 2 minutes"
        history.alert(f"a{number}", message=message, labels=labels, triggered_at=NOW - number)
    await page.call("Network.setCacheDisabled", cacheDisabled=True)
    await page.open(f"{served}/")
    await page.until(f"{LIVE} && {ROWS} === 50")
    weights = await page.evaluate(f"{WEIGHED}.map(({{ name, transferSize }}) => [name, transferSize])")
    assert len(weights) > 15
    assert all(size > 0 for _, size in weights), weights
    assert sum(size for _, size in weights) < MOST, weights
