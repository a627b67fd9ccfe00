"""Who says an event of a gateway, and which setting or permission brings it: types in, sentences out."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

_LOGINS = "The bridge says logins where its token has admin.user_management."
_EXPORT = "Security and audit events come by the gateway's SIEM export (docs/emit.md)."
_PLUGIN = "It comes from the plugin in the gateway (docs/gateway.md)."
_ORIGINS = (
    (("login", "ACCOUNT_*", "PASSWORD_RESET_*", "password_change", "registration"), _LOGINS),
    (
        (
            "authentication_*", "authorization_failure", "rate_limit_exceeded", "brute_force_attempt", "audit_*",
            "suspicious_activity", "token_manipulation", "data_exfiltration", "privilege_escalation",
            "injection_attempt", "anomalous_behavior",
        ),
        _EXPORT,
    ),
    (("plugin_violation", "request_refused", "heartbeat", "gateway_*"), _PLUGIN),
)  # fmt: skip


def missing_event(types: Iterable[str]) -> str:
    """What brings events of these types, as far as that is known of a gateway; "" where it is somebody else's."""
    wanted = list(types)
    return " ".join(
        says
        for patterns, says in _ORIGINS
        if any(fnmatchcase(type_, pattern) for type_ in wanted for pattern in patterns)
    )
