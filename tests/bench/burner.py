"""`python -m tests.bench.burner SHARE`: keeps this machine's processors busy to a share, itself included; not counted.

A regulated load: latency depends on how much is idle, so both systems are measured at the same.
"""

from __future__ import annotations

import sys
import time

from tests.bench.account import CORES, busy

PERIOD, LOOK, GAIN = 0.01, 0.5, 0.5  # seconds, seconds, share of an error that is corrected at a look


def main(share: float) -> None:
    """Spin for a part of each period, for ever."""
    duty, then, (before, _) = 0.0, time.monotonic(), busy()
    while True:
        began = time.monotonic()
        while time.monotonic() < began + duty * PERIOD:
            pass
        time.sleep(max(0.0, began + PERIOD - time.monotonic()))
        if began - then >= LOOK:
            now, _ = busy()
            error = share * CORES - (now - before) / (began - then)
            duty, then, before = min(0.98, max(0.0, duty + GAIN * error)), began, now


if __name__ == "__main__":
    main(float(sys.argv[1]))
