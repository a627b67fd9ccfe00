"""The picture of an anomaly in a real browser: what is drawn, and what its figures say."""

from __future__ import annotations

import pytest

from tests.api.browser import Page
from tests.api.conftest import NOW, History


async def test_an_anomaly_shows_its_series(page: Page, history: History) -> None:
    """A link opens one alert; its picture has a line, a band, what was unusual, and times."""
    points = [
        (NOW + 60_000 * n, 50.0 if n < 9 else 5.0, 40.0, 60.0, 0.1 if n < 9 else 0.99) for n in range(10)
    ]
    said = {
        "at": NOW,
        "value": 5.0,
        "expected": 50.0,
        "low": 40.0,
        "high": 60.0,
        "score": 0.99,
        "part": "drift",
    }
    history.alert("odd", anomaly=said | {"since": NOW + 500_000, "recent_points": points})
    await page.evaluate("void (location.hash = '#alert=odd')")
    await page.until("document.querySelectorAll('.plot .line').length === 1")
    drawn = "[...document.querySelectorAll('.plot > *')].map((one) => one.getAttribute('class')).join(' ')"
    assert await page.evaluate(drawn) == "band begin line odd"
    assert await page.evaluate("document.querySelectorAll('figure time').length") == 3
    assert page.errors == []


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (0.000234, 0.0001, 0.00021, "0.000234, where 0.0001 to 0.00021 is usual"),
        (7.0000001, 7.0, 7.0, "7.0000001, where 7 to 7 is usual"),
        (1.0, -0.0, 0.0, "1, where 0 to 0 is usual"),
        (0.0, -1.2e28, 1.2e28, "0, within the usual -1.2E28 to 1.2E28"),
        (1234567.0, 40.4, 60.6, "1,230,000, where 40.4 to 60.6 is usual"),
    ],
)
async def test_the_value_of_an_anomaly_can_be_read(
    page: Page, history: History, value: float, low: float, high: float, shown: str
) -> None:
    """However small or large it is, the value is told from the band, and whether it lies within."""
    points = [(NOW + 60_000 * n, value, low, high, 0.99) for n in range(3)]
    said = {
        "at": NOW,
        "value": value,
        "expected": low,
        "low": low,
        "high": high,
        "score": 0.99,
        "part": "drift",
    }
    history.alert("odd", anomaly=said | {"since": NOW, "recent_points": points})
    await page.evaluate("void (location.hash = '#alert=odd')")
    await page.until("document.querySelectorAll('.plot .line').length === 1")
    assert shown in await page.evaluate("document.querySelector('figcaption').innerText")
