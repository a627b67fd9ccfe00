"""Where the demonstration stands, in a small file: a failure under way outlives a restart, as a real one would.

What is over is not taken up again: then a start begins a new demonstration.
"""

from __future__ import annotations

from pathlib import Path

import orjson
import structlog

from sources.demonstration.fake_gateway import FakeGateway

FILE = "demonstration.json"
log = structlog.get_logger()


class Phase:
    """`started` and `healed` of the newest demonstration."""

    def __init__(self, data: str | Path) -> None:
        """`data`: the folder of all state."""
        self._file = Path(data) / FILE

    def resumed(self, now: int) -> FakeGateway:
        """The demonstration that fails at this instant, ms UTC, else a new one that starts now."""
        known = self._kept()
        return known if known is not None and known.failing(now) else FakeGateway(now)

    def keep(self, gateway: FakeGateway) -> None:
        """Remember it; where the disk does not let us, a restart begins anew, and nothing worse."""
        state = orjson.dumps({"started": gateway.started, "healed": gateway.healed})
        beside = self._file.with_suffix(".new")
        try:
            beside.write_bytes(state)
            beside.replace(self._file)
        except OSError as why:
            log.warning(
                "where the demonstration stands could not be kept", file=str(self._file), why=str(why)
            )

    def _kept(self) -> FakeGateway | None:
        try:
            state = orjson.loads(self._file.read_bytes())
            healed = state["healed"]
            return FakeGateway(int(state["started"]), None if healed is None else int(healed))
        except (OSError, ValueError, KeyError, TypeError):
            return None
