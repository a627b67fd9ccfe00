"""Where the settings keep what processes share: in files, or in the topic, followed from the first question on."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from sources.shared.part import SharedLog, SharedPart
from streams import connection, keys
from streams.settings import Settings

PATIENCE = 30.0  # seconds that somebody waits for what is shared to be read at first


def part(settings: Settings, type_: str, patience: float = PATIENCE) -> SharedPart | None:
    """Entries of a type; None where the settings keep them in files."""
    return SharedPart(_opened(settings, patience), type_) if settings.shared == "topic" else None


@cache
def _opened(settings: Settings, patience: float) -> SharedLog:
    """The topic, followed from now on; one for each settings of a process."""
    from sources.shared.topic import SharedTopic  # late: others start quicker without it

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it meets is told in one line of ours
    topic = SharedTopic(connection.client(settings), keys.system(settings, Path.read_text), patience)
    topic.open()
    return topic
