"""What a trouble is called, and which setting or permission of the gateway would end it."""

from __future__ import annotations

from typing import assert_never

from sources.bridge import frames
from sources.contextforge.answer import (
    Garbage,
    Limited,
    Partial,
    Trouble,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from sources.prober.gateway_certificates import UPSTREAMS as CERTIFICATES

ALIVE, METRICS, UPSTREAMS = "/health", "/metrics/prometheus", "/v1/gateways"
PERMISSION = {  # any user may read the metrics
    UPSTREAMS: "gateways.read",
    "/v1/teams/": "teams.read",
    "/v1/auth/email/admin/events": "admin.user_management",
}
# without them upstreams and metrics are all there
MAY_LACK = frozenset({"teams.read", "admin.user_management"})
_ENABLE = "Set ENABLE_METRICS=true on the gateway and restart it."
ABOUT_GATEWAY = (
    "gateway_up",
    "gateway_ready",
    "gateway_telemetry_up",
    "health_checker_silent_seconds",
    "rate_limit_used_ratio",
    "gateway_trouble",
)
ABOUT_UPSTREAMS = ("upstream_up", "upstreams_")
ABOUT_CERTIFICATES = "certificate_"
ABOUT_TOOLS = ("tool_calls_total", "tool_call_duration_seconds")
PLUGIN = "plugin"
_SIGNED = "give the certificates that sign its own (--ca of `tocsin connect`)"
_NO_TLS = f"{_SIGNED}, or say http:// if it speaks no TLS"
_TLS = (  # by what OpenSSL says
    ("expired", "its certificate has expired: renew it, at the gateway or the proxy before it"),
    ("not yet valid", "its certificate is not valid yet: compare the clocks"),
    ("hostname mismatch", "its certificate names another host: connect it by the name that stands there"),
    (
        "ip address mismatch",
        "its certificate names no such address: connect it by the name that stands there",
    ),
    ("self-signed", _SIGNED),
    ("self signed", _SIGNED),
    ("local issuer", _SIGNED),
    ("wrong version", "it speaks no TLS there: say http://, or check the port"),
)
HIDDEN = (
    "Nobody hears of their outages: use an API token of an administrator, made with POST /v1/tokens without team and "
    "scopes, which shows those of all teams. What another user keeps private no token shows: give it to a team."
)
_LIMITED = (
    "The gateway's limiter refuses our address: poll less often, or raise its RATE_LIMIT_MEDIUM_RPM (for the list of "
    "upstreams) and RATE_LIMIT_LOW_RPM."
)
_FAILS = "The gateway or a proxy before it fails: look at its log."
_CAUSES = {
    "dns": "its name cannot be resolved: check the address",
    "refused": "nobody listens there: start the gateway, or check host and port",
    "timeout": "it did not answer in time: look at its load and at firewalls between us",
    "reset": "it broke the connection off: is it restarting, or does it speak https where we speak http?",
    "protocol": "what listens there does not speak HTTP as asked: check scheme and port",
    "network": "the network failed between us",
}


def is_chosen(path: str, status: str) -> bool:
    """Whether a trouble of a path is a permission that a token may lack on purpose, and nothing else is lost by it."""
    return status.startswith("403") and PERMISSION.get(path) in MAY_LACK


def source(metric: str) -> str:
    """Which source sends a metric, by its name (docs/names.md)."""
    if metric.startswith(ABOUT_TOOLS):
        return PLUGIN
    if metric in ABOUT_GATEWAY:
        return frames.HEALTH
    if metric.startswith(ABOUT_CERTIFICATES):
        return CERTIFICATES
    return frames.UPSTREAMS if metric.startswith(ABOUT_UPSTREAMS) else frames.METRICS


def missing_metric(metric: str) -> str:
    """What to change where nobody sends a metric; a sentence."""
    return {
        PLUGIN: "The plugin for the gateway sends it: docs/gateway.md says how it is put there.",
        frames.HEALTH: "The bridge sends it for every gateway that is watched: see `tocsin gateways list`.",
        frames.UPSTREAMS: f"It needs an enabled upstream, and {PERMISSION[UPSTREAMS]} among the token's permissions.",
        CERTIFICATES: "It needs https:// at a gateway or an enabled upstream, or a document in `probes`.",
        frames.METRICS: f"{_ENABLE} Where it is on: a counter with labels only appears with its first event.",
    }[source(metric)]


def status(trouble: Trouble) -> str:
    """The trouble in a few words: `401 User not found in database`, `refused`, `limited for 900 s`."""
    match trouble:
        case Unauthorised(0, detail):
            return detail
        case Unauthorised(number, detail) | Unavailable(number, detail):
            return f"{number} {detail}".rstrip()
        case Limited(after, _):
            return f"429, limited for {after:.0f} s"
        case Unreachable(cause, detail):
            return f"{cause} ({detail})"
        case Garbage(what):
            return what
        case Partial(hidden, total):
            return f"{hidden} of {total} upstreams are hidden from this token"
    assert_never(trouble)


def fix(trouble: Trouble, path: str) -> str:
    """What its operator can change so that `path` answers next time; a sentence."""
    match trouble:
        case Unauthorised():
            return _token(trouble, path)
        case Limited():
            return _LIMITED
        case Unavailable(number, _):
            return _ENABLE if (number, path) == (503, METRICS) else _FAILS
        case Unreachable(cause, detail):
            return f"Nothing answers: {_CAUSES[cause]}." if cause != "tls" else _encrypted(detail)
        case Garbage():
            return "Check that the address is a ContextForge gateway's, without a path of its own."
        case Partial():
            return HIDDEN
    assert_never(trouble)


def _encrypted(detail: str) -> str:
    return f"TLS fails: {next((fix for word, fix in _TLS if word in detail.lower()), _NO_TLS)}."


def _token(refusal: Unauthorised, path: str) -> str:
    if path == ALIVE:
        return "A gateway's /health asks for no token: check the address, and what stands before the gateway."
    if not refusal.status:
        return "Put the gateway's API token into that file."
    if refusal.status == 403:
        return f"Give the token's user the permission {PERMISSION.get(path, f'to read {path}')}."
    if "not found" in refusal.detail.lower():
        return (
            "The token names no existing user: make an API token with POST /v1/tokens, as a user who exists."
        )
    return "The token is wrong, expired or revoked: make a new one with POST /v1/tokens and replace the token file."
