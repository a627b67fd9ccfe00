"""What Slack's answers mean, of its API (HTTP 200 with `ok: false` is the normal error) and of incoming webhooks."""

from __future__ import annotations

from sinks.channels.text import cut, line
from sinks.http.client import Response
from sinks.http.json_object import foreign, is_page, json_object
from sinks.http.retry_after import wish
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.outcome_code import OutcomeCode

_MEANINGS = {
    "invalid_auth": OutcomeCode.CREDENTIALS,
    "not_authed": OutcomeCode.CREDENTIALS,
    "account_inactive": OutcomeCode.CREDENTIALS,
    "token_revoked": OutcomeCode.CREDENTIALS,
    "token_expired": OutcomeCode.CREDENTIALS,
    "missing_scope": OutcomeCode.CREDENTIALS,
    "no_permission": OutcomeCode.CREDENTIALS,
    "restricted_action": OutcomeCode.CREDENTIALS,
    "org_login_required": OutcomeCode.CREDENTIALS,
    "invalid_token": OutcomeCode.CREDENTIALS,
    "action_prohibited": OutcomeCode.CREDENTIALS,
    "channel_not_found": OutcomeCode.RECIPIENT,
    "not_in_channel": OutcomeCode.RECIPIENT,
    "is_archived": OutcomeCode.RECIPIENT,
    "user_not_found": OutcomeCode.RECIPIENT,
    "no_service": OutcomeCode.GONE,
    "channel_is_archived": OutcomeCode.GONE,
    "team_disabled": OutcomeCode.GONE,
    "ratelimited": OutcomeCode.BUSY,
    "rate_limited": OutcomeCode.BUSY,
    "internal_error": OutcomeCode.UNAVAILABLE,
    "service_unavailable": OutcomeCode.UNAVAILABLE,
    "request_timeout": OutcomeCode.UNAVAILABLE,
    "rollup_error": OutcomeCode.UNAVAILABLE,
    "fatal_error": OutcomeCode.UNKNOWN,  # "some aspect of the operation may have succeeded"
}
_PASSING = frozenset({OutcomeCode.BUSY, OutcomeCode.UNAVAILABLE, OutcomeCode.UNKNOWN})
_CHECK = {
    OutcomeCode.CREDENTIALS: "check the endpoint's `token`, its scopes (chat:write) and its app",
    OutcomeCode.RECIPIENT: "check `conversation`, and invite the bot to it",
    OutcomeCode.GONE: "make a new webhook, and set `url`",
    OutcomeCode.REFUSED: "it will refuse this again",
}


def of_api(response: Response, now: int) -> Answer:
    """The answer of an API method, by its `ok` and `error`; by its status where it has no body of ours."""
    body = json_object(response)
    if response.status != 200 or not body:
        answer = answer_of(response, now, "the endpoint's `token` and `api_url`")
        if isinstance(answer, Delivered):
            return Retry(None, f"{response.place} answered nothing that can be read", OutcomeCode.UNKNOWN)
        return answer
    if body.get("ok") is True:
        return Delivered(f"{response.place} took it")
    return _error(str(body.get("error", "")), response, now)


def of_webhook(response: Response, now: int) -> Answer:
    """The answer of an incoming webhook: `ok`, or an error's name as plain text."""
    words = response.body.decode(errors="replace").strip()
    if 200 <= response.status < 300:
        body = json_object(response)
        if body.get("ok") is False:  # a service that is like Slack, and speaks like its API
            return _error(str(body.get("error", "")), response, now)
        if is_page(response):
            return foreign(response, "url")
        return Delivered(f"{response.place} took it")
    if response.status in (400, 403, 404, 410) and words:
        return _error(words, response, now)
    return answer_of(response, now, "the endpoint's `url`", "url")


def _error(error: str, response: Response, now: int) -> Answer:
    words = f"{response.place} said {cut(line(error), 60) or 'no'}"
    code = _MEANINGS.get(error, OutcomeCode.REFUSED)
    if code in _PASSING:
        return Retry(wish(response.headers.get("retry-after"), now), words, code)
    if response.status in (404, 410):  # of a webhook, whose conversation nobody can change
        code = OutcomeCode.GONE
    return Rejected(f"{words}: {_CHECK[code]}", code)
