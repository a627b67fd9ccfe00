"""What a gateway's answer means; no reason repeats a number."""

from __future__ import annotations

from sinks.channels.twilio import without_secrets
from sinks.http.client import Response
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected
from streams.channels.sms import SmsEndpoint
from streams.outcome_code import OutcomeCode


def of_gateway(response: Response, endpoint: SmsEndpoint, now: int) -> Answer:
    """The answer that a gateway's response gives, by its status and by the words that a success has to hold."""
    answer = answer_of(response, now, "the endpoint's `url`, `content` and `authorization`", "url")
    if not isinstance(answer, Delivered):
        return answer
    words = response.body.decode(errors="replace")
    if endpoint.expect and endpoint.expect not in words:
        shown = f"{answer.reason}, but its words are not those of `expect`: {words}"
        keys = endpoint.authorization.split()  # it may repeat the key without the scheme
        return Rejected(without_secrets(shown, endpoint, *keys), OutcomeCode.REFUSED)
    return Delivered(answer.reason, OutcomeCode.ACCEPTED)
