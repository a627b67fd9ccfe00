"""The source as which what rules record is told: nobody else's messages may bear its name.

Its silence says no more than that of what the rules read, so a producer that took the name would fall silent unheard.
"""

from __future__ import annotations

from typing import Any

RECORDING = "recording"  # or `recording/ORIGIN`


def is_recording(source: Any) -> bool:
    """Whether a source, as a message names it, is rules of ours."""
    return isinstance(source, str) and source.partition("/")[0] == RECORDING
