"""The levels of deliver, upstream first."""

from __future__ import annotations

import msgspec

from tables.deliver import intent, thread
from tables.deliver.attempt import state as attempt
from tables.deliver.dispatch import state as dispatch
from tables.kernel.configuration import CONFIG
from tables.kernel.level import Level
from tables.kernel.machine import ALARM, HEAD


class Recipient(msgspec.Struct, frozen=True):
    """The entry row of a recipient."""


RECIPIENT = Level("recipient", Recipient)
THREAD = Level("thread", thread.Thread, thread.deadline)
INTENT = Level("intent", intent.Intent, intent.deadline)
DISPATCH = Level("dispatch", dispatch.Dispatch, dispatch.deadline, dispatch.index, emits=True)
ATTEMPT = Level("attempt", attempt.Attempted, attempt.deadline)
LEVELS = (HEAD, CONFIG, RECIPIENT, THREAD, INTENT, DISPATCH, ATTEMPT, ALARM)
