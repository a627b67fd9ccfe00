"""The Microsoft Teams channel: one card a notification. A workflow tells nothing that an edit would need."""

from __future__ import annotations

from sinks.channels.message_link import message_link
from sinks.channels.resources import Resources
from sinks.channels.teams.payload import content
from sinks.http.client import Request, Response
from sinks.http.json_object import foreign, is_page, json_object
from sinks.http.status import answer_of
from sinks.outcome import Answer, Delivered, Rejected
from streams.channels.teams import TeamsEndpoint
from streams.messages.attempt import Attempt
from streams.outcome_code import OutcomeCode

CHECK = "the endpoint's `url`, and whether the workflow is switched on and its owner still there"


class Teams:
    """Posts cards. Workflows know no repeats, so an outcome that is unknown may mean a second card."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects, and makes links to us."""
        self._unsealer, self._http, self._links = resources.unsealer, resources.http, resources.links

    async def send(self, attempt: Attempt) -> Answer:
        """Hand the card to the workflow, which takes it before it posts."""
        endpoint = self._unsealer.document(TeamsEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        request = Request(
            attempt.notification.to,
            endpoint.url,
            content(attempt, endpoint.bare_card, message_link(attempt, self._links)),
            {"content-type": "application/json"},
            allow_private=endpoint.allow_private,
        )
        response = await self._http.exchange(request)
        if not isinstance(response, Response):
            return response
        answer = answer_of(response, self._http.now(), CHECK, "url")
        if isinstance(answer, Delivered):
            if is_page(response):
                return foreign(response, "url")
            if "error" in json_object(response):
                return Rejected(f"{answer.reason}, with an error; check {CHECK}", OutcomeCode.REFUSED)
            words = f"the workflow at {response.place} took it (HTTP {response.status})"
            return Delivered(words, OutcomeCode.ACCEPTED)
        return answer
