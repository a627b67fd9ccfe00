"""The thirty happenings in the order of the facts, and the order in which they are made to happen."""

from __future__ import annotations

from tests.happenings import access, reachability, traffic
from tests.happenings.happening import Happening, Kind

EDGE = Kind.EDGE
HAPPENINGS = (
    Happening(1, "upstream unreachable", "upstream-down", reachability.dies),
    Happening(2, "upstream back", "upstream-down", reachability.comes_back, ends=True),
    Happening(3, "upstream flaps", "upstream-flapping", reachability.flaps),
    Happening(4, "registration of an upstream failed", "registration-refused", reachability.is_refused),
    Happening(5, "upstream added, changed, deleted", "upstreams-changed", reachability.is_deleted, EDGE),
    Happening(6, "tool calls fail", "tool-errors", traffic.tools_fail),
    Happening(7, "tool calls time out", "tools-slow", traffic.tools_are_late),
    Happening(
        8, "cause of an upstream's failure",
        blind="lastError is empty in 1.0.7; from 1.1.0 on the alert upstream-down repeats it",
    ),
    Happening(9, "requests end in 5xx", "server-errors", traffic.requests_fail),
    Happening(10, "logins fail", "password-spraying", access.logins_fail),
    Happening(11, "account locked", "accounts-locked", access.account_is_locked),
    Happening(12, "passwords reset", "password-resets", access.passwords_are_reset),
    Happening(13, "invalid or expired token", "rejected-tokens", access.tokens_are_bad),
    Happening(14, "revoked token", "dead-token-used", access.dead_token_is_used, EDGE),
    Happening(15, "successful authentication", blind="nothing is wrong: it is filtered out on purpose"),
    Happening(16, "rate limit exceeded", "rate-limit-exceeded", traffic.limit_is_exceeded, EDGE),
    Happening(17, "locked out by the limiter", "locked-out", traffic.client_is_locked_out, EDGE),
    Happening(18, "limit nearly reached", "rate-limit-near", traffic.limit_is_near),
    Happening(19, "plugin blocks calls", "plugin-violation", traffic.calls_are_blocked, EDGE),
    Happening(20, "permission denied", "requests-forbidden", access.permission_is_denied),
    Happening(21, "security event", "locked-out", traffic.client_is_locked_out, EDGE),
    Happening(22, "audit event", "deleted-in-the-gateway", reachability.is_deleted, EDGE),
    Happening(23, "content refused", "content-too-large", traffic.content_is_too_large),
    Happening(24, "OAuth token fails", "oauth-failures", access.token_of_identity_provider_fails),
    Happening(25, "single sign-on fails", "sso-failures", access.single_sign_on_fails),
    Happening(
        26, "API token ends",
        blind="every /v1/tokens answers 403 to an API token; a refused one is telemetry-lost",
    ),
    Happening(27, "LLM provider unhealthy", blind="the gateway only says it to who asks it to test one"),
    Happening(28, "circuit breaker open", blind="the plugin is not in the package; circuit-open reads its counter"),
    Happening(29, "certificate ends", "certificate-ends", reachability.certificate_ends),
    Happening(30, "gateway down", "gateway-down", traffic.gateway_dies, last=True),
)  # fmt: skip
# Quick ones first, so that what they hold back has passed when the slow ones are over; the gateway dies last.
ORDER = (29, 18, 10, 11, 12, 13, 14, 16, 17, 21, 19, 20, 4, 5, 22, 23, 24, 25, 6, 9, 1, 2, 3, 7, 30)


def chosen(numbers: frozenset[int]) -> list[Happening]:
    """Those with these numbers, all where there are none, in the order in which they are made."""
    by_number = {happening.number: happening for happening in HAPPENINGS}
    return [by_number[number] for number in ORDER if not numbers or number in numbers]
