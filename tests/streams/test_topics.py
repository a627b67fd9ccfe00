"""Topics: what is kept, how long, and whose clock it carries."""

from __future__ import annotations

from streams.topics import CHANNELS, STAGES, TOPICS, changelog, send


def test_machine_inputs_carry_the_brokers_clock() -> None:
    """A stage's input is never compacted, and its records carry the broker's time, save in a scenario."""
    inputs = [topic for topic in TOPICS if topic.name in STAGES.values()]
    assert len(inputs) == len(STAGES)
    for topic in inputs:
        assert topic.config()["message.timestamp.type"] == "LogAppendTime"
        assert topic.config()["cleanup.policy"] == "delete"
        assert "message.timestamp.type" not in topic.config(scenario=True)


def test_state_is_compacted() -> None:
    """Of rows and documents only the newest revision matters."""
    kept = {topic.name: topic.config() for topic in TOPICS}
    for name in ("config", *map(changelog, STAGES)):
        assert kept[name]["cleanup.policy"] == "compact"
        assert "retention.ms" not in kept[name]


def test_what_outsiders_can_make_grow_is_bounded() -> None:
    """What was refused everywhere, telemetry on one machine: all else is small, and must be there when read."""
    bounded = {topic.name: topic.config(embedded=True).get("retention.bytes") for topic in TOPICS}
    assert {name: most for name, most in bounded.items() if most} == {
        "telemetry": str(2 << 30),
        "dead-letter": str(1 << 30),
    }
    assert [topic.name for topic in TOPICS if "retention.bytes" in topic.config()] == ["dead-letter"]


def test_critical_attempts_never_queue_behind_others() -> None:
    """Each channel has a topic of its own for them."""
    names = {topic.name for topic in TOPICS}
    assert {send(channel, critical) for channel in CHANNELS for critical in (False, True)} <= names
    assert len(names) == len(TOPICS)
