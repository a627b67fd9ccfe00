"""Names of OpenTelemetry as ours: `http.server.duration` in seconds is `http_server_duration_seconds`. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_ODD = re.compile(r"[^a-zA-Z0-9_]+")
_UNITS = {
    "s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "min": "minutes", "h": "hours",
    "d": "days", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes", "Cel": "celsius",
    "Hz": "hertz", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams", "m": "meters",
    "%": "percent",
}  # fmt: skip


@lru_cache(maxsize=4_096)
def metric_name(name: str, unit: str, monotonic: bool, gauge: bool) -> str:
    """The name of a metric as Prometheus' own translation has it: underscores, its unit, `_total` for counters."""
    words = _plain(name)
    suffix = _UNITS.get(unit, "ratio" if unit == "1" and gauge else "")
    if suffix and suffix not in words.split("_"):
        words = f"{words.removesuffix('_total')}_{suffix}"
    return f"{words.removesuffix('_total')}_total" if monotonic else words


@lru_cache(maxsize=4_096)
def label_name(name: str) -> str:
    """The name of an attribute as that of a label."""
    return _plain(name)


def _plain(name: str) -> str:
    words = _ODD.sub("_", name).strip("_")
    return f"_{words}" if not words or words[0].isdigit() else words
