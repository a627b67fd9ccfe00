"""What Pushover says of a message that sounds, where it is asked by its receipt: whether somebody acknowledged. Pure.

{"status": 1, "acknowledged": 1, "acknowledged_at": 1795000000, "acknowledged_by_device": "iphone", "expired": 0}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sources.intake.answers import ProviderAnswer, instant, person


def answer(body: Mapping[str, Any], key: str, receipt: str) -> ProviderAnswer | None:
    """That somebody acknowledged the group of this key; None where nobody has. Whose device it was is all it tells."""
    if body.get("acknowledged") != 1:
        return None
    who = person(body.get("acknowledged_by_device"), "Pushover")
    return ProviderAnswer(
        "acknowledge", key, who, f"acknowledge/{receipt}", instant(body.get("acknowledged_at"))
    )


def is_over(body: Mapping[str, Any]) -> bool:
    """Whether nobody can acknowledge it any more: it has sounded for its time, or fell silent."""
    return body.get("acknowledged") == 1 or body.get("expired") == 1
