"""Calls are counted by what came of them, and told where the settings say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from deploy.ports import free_port
from sinks.metrics import CountedChannel, SinkMetrics
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.errors import Misconfigured
from streams.messages.attempt import Attempt
from streams.settings import Settings


class Answering:
    """A channel that answers as a test says."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def send(self, attempt: Attempt) -> Answer:
        return self.answers.pop(0)


async def test_calls_are_counted(attempt: Any) -> None:
    """Each by its channel, what came of it and its code; the answer is the channel's own."""
    metrics, answers = SinkMetrics(), (Delivered("ok"), Delivered("ok"), Retry(None, "busy"), Rejected("no"))
    channel = CountedChannel("webhook", Answering(*answers), metrics)
    assert [await channel.send(attempt()) for _ in answers] == list(answers)
    counted = {
        (sample.labels["result"], sample.labels["code"]): sample.value
        for family in metrics.calls.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
    codes = [answer.code.value for answer in answers]
    assert counted == {("delivered", codes[0]): 2, ("retry", codes[2]): 1, ("rejected", codes[3]): 1}
    timed = metrics.registry.get_sample_value("tocsin_sink_call_seconds_count", {"channel": "webhook"})
    assert timed == len(answers)


def test_where_it_is_asked() -> None:
    """At the address of the settings; one that is taken is the operator's to change."""
    settings = Settings(metrics=("127.0.0.1", free_port()))
    SinkMetrics().listen(Settings())
    SinkMetrics().listen(settings)
    assert "process_" in httpx.get("http://{}:{}/metrics".format(*settings.metrics or ())).text
    with pytest.raises(Misconfigured, match="TOCSIN_METRICS_LISTEN"):
        SinkMetrics().listen(settings)
