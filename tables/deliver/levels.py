"""The levels of deliver, upstream first."""

from __future__ import annotations

from tables.deliver import intent, thread
from tables.deliver.attempt import state as attempt
from tables.deliver.circuit import state as circuit
from tables.deliver.dispatch import state as dispatch
from tables.deliver.politeness import bundle, delay
from tables.deliver.recipient import Recipient
from tables.kernel.configuration import CONFIG
from tables.kernel.level import Level
from tables.kernel.machine import ALARM, HEAD

RECIPIENT = Level("recipient", Recipient)
CIRCUIT = Level("circuit", circuit.Circuit, circuit.deadline, wall=True)
DELAY = Level("delay", delay.Delay, delay.deadline)
THREAD = Level("thread", thread.Thread, thread.deadline)
INTENT = Level("intent", intent.Intent, intent.deadline, intent.index)
DISPATCH = Level("dispatch", dispatch.Dispatch, dispatch.deadline, dispatch.index, emits=True)
QUEUE = Level("queue", bundle.HeldQueue, bundle.deadline, emits=True, wall=True)
BUNDLE = Level("bundle", dispatch.Dispatch, dispatch.deadline, dispatch.index, emits=True)
ATTEMPT = Level("attempt", attempt.Attempted, attempt.deadline)
LEVELS = (
    HEAD, CONFIG, RECIPIENT, CIRCUIT, DELAY, THREAD, INTENT, DISPATCH, QUEUE, BUNDLE, ATTEMPT, ALARM,
)  # fmt: skip
