"""One record of the gateway's log of logins: who tried what, from where, and whether it worked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LONGEST = 200  # characters of what a gateway says about somebody


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """`id`: rises with time; `at`: ms UTC; `type`: as the gateway spells it, such as `login` and `ACCOUNT_LOCKED`."""

    id: int
    at: int
    type: str
    user: str
    ip: str
    success: bool
    reason: str

    def labels(self) -> dict[str, str]:
        """What rules may ask for; what is not known is left out."""
        told = {"user": self.user, "ip": self.ip, "failure_reason": self.reason}
        return {"success": str(self.success).lower()} | {name: text for name, text in told.items() if text}


def read(entry: Any) -> AuthEvent:
    """One entry of GET /v1/auth/email/admin/events; KeyError, TypeError or ValueError where it is none."""
    at = datetime.fromisoformat(str(entry["timestamp"]))
    at = at if at.tzinfo else at.replace(tzinfo=UTC)  # the gateway's times are UTC and do not say so
    return AuthEvent(
        id=int(entry["id"]),
        at=int(at.timestamp() * 1000),
        type=str(entry["event_type"])[:LONGEST],
        user=_text(entry.get("user_email")),
        ip=_text(entry.get("ip_address")),
        success=bool(entry.get("success")),
        reason=_text(entry.get("failure_reason")),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:LONGEST]
