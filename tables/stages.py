"""The three machines by the name of their stage."""

from __future__ import annotations

from tables.deliver.machine import Deliver
from tables.detect.machine import Detect
from tables.kernel.configuration import Configured
from tables.respond.machine import Respond

STAGES: dict[str, type[Configured]] = {kind.stage: kind for kind in (Detect, Respond, Deliver)}
