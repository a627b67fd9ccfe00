"""Teams' own: the size of a card, marks that are live there, retired addresses, the link."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from sinks.channels.teams.payload import LARGEST, content, escape
from streams.documents.registry import read

LINK = "https://tocsin.example.com/a/x.y"


def alerts(count: int, size: int) -> list[dict[str, Any]]:
    """So many alerts with messages of so many characters."""
    line = {"alert_id": "a", "status": "firing", "severity": "critical", "message": "é" * size, "since": 0}
    return [line | {"alert_id": f"a{n}", "labels": {"upstream": f"u{n}"}} for n in range(count)]


def test_as_many_alerts_as_fit(attempt: Any) -> None:
    """What is too large loses alerts from the end and says how many there are; what fits loses none."""
    small, large = (attempt(count=20, alerts=alerts(20, size)) for size in (10, 1_000))
    whole, cut = (orjson.loads(content(one))["attachments"][0]["content"]["body"] for one in (small, large))
    assert sum(block["type"] == "FactSet" for block in whole) == 20
    shown = sum(block["type"] == "FactSet" for block in cut)
    assert 0 < shown < 20
    assert f"20 alerts, the first {shown} of them here" in cut[1]["text"]
    assert len(content(large)) <= LARGEST


@pytest.mark.parametrize(
    ("words", "shown"), [("a_b*c", r"a\_b\*c"), ("[x](y)", r"\[x\](y)"), ("\\*", r"\\\*")]
)
def test_no_mark_is_live(words: str, shown: str) -> None:
    """Emphasis, links and escapes of others stand as they are."""
    assert escape(words) == shown


def test_bare_and_linked(attempt: Any) -> None:
    """A workflow of one's own gets the card alone; a link becomes a button that opens it."""
    card = orjson.loads(content(attempt(), bare=True, link=LINK))
    assert card["type"] == "AdaptiveCard"
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Acknowledge", "url": LINK}]


def test_retired_addresses() -> None:
    """An address of a connector is refused with what to make instead, and is not repeated."""
    url = "https://contoso.webhook.office.com/webhookb2/geheim"
    ((field, says),) = read("endpoint", {"name": "t", "channel": "teams", "url": url}).flaws()  # type: ignore[attr-defined]
    assert (field, "make a workflow" in says, "geheim" in says) == ("url", True, False)


def test_words_of_ones_own_stand_for_all(attempt: Any) -> None:
    """Where the endpoint words it, no alert is listed, and none is said to be."""
    worded = attempt({"text_template": "{{ title }} is broken"}, count=5, alerts=alerts(2, 10))
    body = orjson.loads(content(worded, bare=True))["body"]
    assert body[1]["text"] == "5 alerts, team payments"
    assert body[2]["text"] == "tool-errors is broken"
