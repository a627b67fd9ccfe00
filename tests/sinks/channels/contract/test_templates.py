"""The words of users in every channel that shows text, and ours where theirs fail; what else a message says."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import pytest

from sinks.channels.words import TemplateReporting
from sinks.outcome import Delivered
from streams.channels.registry import CHANNELS
from streams.channels.shared.words import WordedEndpoint
from streams.outcome_code import OutcomeCode
from tests.sinks.channels.cases import CASES
from tests.sinks.harness import closing, resources
from tests.sinks.receiver import Request

OWN = {
    "title_template": "Ours: {{ title }}",
    "text_template": "Call {{ alerts[0].labels.upstream }} <b>now</b>",
}
ENDLESS = {"text_template": "{% for a in alerts %}" * 4 + "{% endfor %}" * 4}
LIGHT = [name for name in CASES if issubclass(CHANNELS[name.split()[0]], WordedEndpoint)]


def shown(message: Any) -> str:
    """All that a receiver got, without what its medium needs around it."""
    raw = message.body.decode() if isinstance(message, Request) else getattr(message, "content", message)
    text = raw.decode() if isinstance(raw, bytes) else str(raw)
    return " ".join(unquote_plus(text).replace("\\", "").split())


async def told(name: str, attempt: Any, **more: Any) -> tuple[Any, list[str]]:
    """What came of an attempt, and what its receiver shows."""
    fields = more.pop("endpoint", {})
    async with CASES[name].place() as place, closing(resources()) as shared:
        answer = await TemplateReporting(place.channel(shared)).send(
            attempt(place.endpoint() | fields, **more)
        )
        for message in place.messages():
            CASES[name].oracle(message)
        return answer, [shown(message) for message in place.messages()]


@pytest.mark.parametrize("name", [name for name in LIGHT if "opsgenie" not in name])
async def test_in_the_endpoints_own_words(name: str, attempt: Any) -> None:
    """Title and text are theirs, and stay text: nothing in them comes alive."""
    answer, messages = await told(name, attempt, endpoint=OWN, labels={"upstream": "search"})
    assert isinstance(answer, Delivered)
    assert answer.code is not OutcomeCode.TEMPLATE
    assert "Ours: tool-errors" in messages[0]
    assert "Call search" in messages[0]
    ours = "80 % fail" in messages[0].replace("=20", " ")
    assert ours == (name == "pagerduty")  # whose details are facts, beside the words


@pytest.mark.parametrize("name", LIGHT)
async def test_in_our_words_where_theirs_fail(name: str, attempt: Any) -> None:
    """It arrives all the same, and the outcome says with a code why it reads otherwise."""
    answer, messages = await told(name, attempt, endpoint=ENDLESS, lines=20)
    assert isinstance(answer, Delivered)
    assert answer.code is OutcomeCode.TEMPLATE
    assert "`text_template`: it takes more than" in answer.reason
    assert "tool-errors" in messages[0].replace("tool errors", "tool-errors")


@pytest.mark.parametrize("name", LIGHT)
async def test_a_code_is_never_worded(name: str, attempt: Any) -> None:
    """What somebody has to send back arrives whatever the template makes of a title."""
    answer, messages = await told(
        name, attempt, endpoint={"title_template": "Hello"}, what="code", title="code 123456"
    )
    assert isinstance(answer, Delivered)
    assert "123456" in messages[0].replace(" ", "")


SAYS = {
    "others": ["ben", "carla/sms"], "more_others": 3, "next": "step", "next_to": ["schedule/payments/second"],
    "next_at": 1_764_000_600_000,
}  # fmt: skip
LONG = ("email", "slack", "slack (bot)", "teams", "ntfy", "pushover", "pagerduty", "webhook")


@pytest.mark.parametrize("name", LONG)
async def test_who_else_was_told_and_what_comes_next(name: str, attempt: Any) -> None:
    """Wherever there is room for it: in words, or in the fields of those who read fields."""
    _, messages = await told(name, attempt, **SAYS)
    text = messages[0].replace("=\n", "")
    assert "carla/sms" in text
    assert "second" in text
    assert "16:10:00" in text
