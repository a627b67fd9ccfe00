"""Which topics there are is asked until a broker answers."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.errors import NodeNotReadyError, TopicAuthorizationFailedError

from sinks.runtime import kafka


class Admin:
    """Answers in this order; an error is raised."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    async def list_topics(self) -> Any:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_broker_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several brokers the one that is asked may be away; another one is asked, and topics are still waited for."""
    monkeypatch.setattr(kafka, "_AGAIN", 0.0)
    admin: Any = Admin(NodeNotReadyError(), ["changes"], NodeNotReadyError(), ["changes", "notify"])
    await kafka.wait_for_topics(admin, ["changes", "notify"])
    assert admin._answers == []


async def test_a_broker_that_refuses_us() -> None:
    """What no other broker would answer differently is raised."""
    admin: Any = Admin(TopicAuthorizationFailedError())
    with pytest.raises(TopicAuthorizationFailedError):
        await kafka.wait_for_topics(admin, ["changes"])
