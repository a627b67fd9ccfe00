"""Values that were pushed, on their way into frames: which gateway and source each belongs to, and at which instant.

A frame is what one source says at one instant. Who pushes may cut it anywhere and send the pieces in several requests;
so where nobody can know whether all have come, its pieces are marked as such (`samples.open_frame`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.intake.metrics.pushed_sources import MOST, PushedSources, PushOrigin
from streams.canary.names import not_reserved
from streams.codes import RefusalCode
from streams.errors import Refused
from streams.messages.envelope import NAME
from streams.telemetry import samples

VALUES = 200_000  # of one request
FRAMES = 4_000  # of one request
LONGEST = 200  # characters of the name of a gateway or a source
LATE = 540_000  # ms; what is older would count as of its arrival, ten minutes being what machines believe


def named(text: str) -> str:
    """A text of somebody else's as a part of the name of a gateway or a source."""
    return "".join("/" if sign == "|" or sign < " " else sign for sign in text)[:LONGEST]


def gateway_name(text: str) -> str:
    """The name of a gateway as it was given; Refused where it cannot be one."""
    if text and not (NAME.fullmatch(text) and len(text) <= LONGEST):
        raise Refused(f"`gateway` must be 1 to {LONGEST} characters without `|`, not {text!r:.60}")
    return str(not_reserved(text))


@dataclass
class PushedFrames:
    """The values of one request by frame. `now`: ms UTC; `sources`: those that were heard before.

    `old`: how many came too late; `surplus`: were of too many sources; `gaps`: said nothing.
    """

    now: int
    sources: PushedSources
    old: int = 0
    surplus: int = 0
    gaps: int = 0
    count: int = 0
    frames: dict[tuple[PushOrigin, int], dict[str, float]] = field(default_factory=dict)

    def add(self, origin: PushOrigin, at: int, series: str, value: float) -> None:
        """One value, `at` in ms UTC; NaN is a gap. Refused where there are too many in one request."""
        self.count += 1
        if self.count > VALUES:
            raise Refused(
                f"a request holds at most {VALUES} values: send less at once", RefusalCode.TOO_LARGE
            )
        if at < self.now - LATE:
            self.old += 1
            return
        frame = self.frames.get((origin, at))
        if frame is None and not self.sources.admit(origin, self.now):
            self.surplus += 1
            return
        if frame is None:
            if len(self.frames) >= FRAMES:
                raise Refused(
                    f"a request holds at most {FRAMES} frames: send less at once", RefusalCode.TOO_LARGE
                )
            frame = self.frames[origin, at] = {}
        if math.isnan(value):
            self.gaps += 1
        else:
            frame[series] = math.copysign(sys.float_info.max, value) if math.isinf(value) else value

    def left_out(self) -> str:
        """What of it was not taken for when, or where, it comes from, and why; "" where that is nothing."""
        if self.old:
            return f"{self.old} values are older than {LATE // 60_000} minutes"
        if self.surplus:
            return f"{self.surplus} values are of more than {MOST} sources of one gateway: send those that rules read"
        return ""

    def messages(self, whole: bool) -> Iterator[tuple[str, bytes]]:
        """Gateway and message, oldest first. `whole`: each frame is all that its source says at that instant."""
        filled = [(origin, at, values) for (origin, at), values in self.frames.items() if values]
        for origin, at, values in sorted(filled, key=lambda frame: frame[1]):
            columns = list(values), list(values.values())
            if whole:
                raws = samples.frame(origin.gateway, origin.source, at, *columns)
            else:
                raws = (raw for _, raw in samples.open_frame(origin.gateway, origin.source, at, *columns))
            yield from ((origin.gateway, raw) for raw in raws)
