"""The Slack channel: a webhook adds a message; a bot posts one message a group, edits it, and answers in its thread."""

from __future__ import annotations

from typing import Any

import orjson

from sinks.channels.message import Message, group_key
from sinks.channels.resources import Resources
from sinks.channels.slack.answers import of_api, of_webhook
from sinks.channels.slack.payload import content, reply
from sinks.channels.words import message_of
from sinks.http.client import Request, Response, bounded
from sinks.http.json_object import json_object
from sinks.outcome import Answer, Delivered, Rejected, Retry
from streams.channels.slack import SlackEndpoint
from streams.channels.way_back.group_key import ANSWERS
from streams.messages.attempt import OVER, Attempt

_LOST = frozenset({"message_not_found", "thread_not_found"})  # somebody has deleted it: post anew
_FIXED = frozenset({"cant_update_message", "edit_window_closed"})  # it stays as it is: answer in its thread
_JSON = {"content-type": "application/json; charset=utf-8"}


class Slack:
    """Posts and edits messages. What it must know of earlier ones comes with the attempt."""

    def __init__(self, resources: Resources) -> None:
        """`resources`: what opens endpoints and connects."""
        self._unsealer, self._http = resources.unsealer, resources.http

    async def send(self, attempt: Attempt) -> Answer:
        """Tell the conversation."""
        endpoint = self._unsealer.document(SlackEndpoint, attempt.endpoint)
        if isinstance(endpoint, Rejected):
            return endpoint
        message = message_of(attempt)
        if endpoint.url:
            return await self._hook(attempt, endpoint, content_of(attempt, endpoint, message))
        conversation, _, stamp = attempt.reference.partition(":")
        if conversation and stamp:
            following = self._follow(attempt, endpoint, message, conversation, stamp)
            return await bounded(endpoint.base, following)
        return await self._post(attempt, endpoint, message)

    async def _hook(self, attempt: Attempt, endpoint: SlackEndpoint, body: dict[str, Any]) -> Answer:
        response = await self._call(attempt, endpoint, endpoint.url, {}, body)
        return of_webhook(response, self._http.now()) if isinstance(response, Response) else response

    async def _post(self, attempt: Attempt, endpoint: SlackEndpoint, message: Message) -> Answer:
        """A new message; its reference is where it stands, for the group's next attempt."""
        body = {
            "channel": endpoint.conversation,
            **content_of(attempt, endpoint, message),
            "unfurl_links": False,
        }
        response = await self._method(attempt, endpoint, "chat.postMessage", body)
        if not isinstance(response, Response):
            return response
        answer = of_api(response, self._http.now())
        if isinstance(answer, Delivered):
            posted = json_object(response)
            place = f"{posted.get('channel', '')}:{posted.get('ts', '')}"
            return Delivered(answer.reason, answer.code, OVER if message.over else place)
        return answer

    async def _follow(
        self, attempt: Attempt, endpoint: SlackEndpoint, message: Message, conversation: str, stamp: str
    ) -> Answer:
        """Edit the group's message, which can be repeated, then say in its thread that something has changed."""
        body = {"channel": conversation, "ts": stamp, **content_of(attempt, endpoint, message)}
        edited = await self._method(attempt, endpoint, "chat.update", body)
        if not isinstance(edited, Response):
            return edited
        error = json_object(edited).get("error")
        if error in _LOST:
            return await self._post(attempt, endpoint, message)
        answer = of_api(edited, self._http.now())
        if not isinstance(answer, Delivered) and error not in _FIXED:
            return answer
        body = {
            "channel": conversation,
            "thread_ts": stamp,
            **reply(message),
            "reply_broadcast": _loud(message),
        }
        response = await self._method(attempt, endpoint, "chat.postMessage", body)
        if not isinstance(response, Response):
            return response
        answer = of_api(response, self._http.now())
        if isinstance(answer, Delivered):
            return Delivered(answer.reason, answer.code, OVER if message.over else f"{conversation}:{stamp}")
        return answer

    async def _method(
        self, attempt: Attempt, endpoint: SlackEndpoint, name: str, body: dict[str, Any]
    ) -> Response | Retry | Rejected:
        key = {"authorization": f"Bearer {endpoint.token}"}
        return await self._call(attempt, endpoint, f"{endpoint.base}/{name}", key, body)

    async def _call(
        self, attempt: Attempt, endpoint: SlackEndpoint, url: str, key: dict[str, str], body: dict[str, Any]
    ) -> Response | Retry | Rejected:
        return await self._http.exchange(
            Request(
                attempt.notification.to,
                url,
                orjson.dumps(body),
                key | _JSON,
                allow_private=endpoint.allow_private,
                needs_body=True,
            )
        )


def content_of(attempt: Attempt, endpoint: SlackEndpoint, message: Message) -> dict[str, Any]:
    """The message, with buttons where the app's signing secret lets us believe who pressed them."""
    several = attempt.notification.group.startswith(ANSWERS)  # which nobody can answer any more
    return content(message, group_key(attempt) if endpoint.signing_secret and not several else "")


def _loud(message: Message) -> bool:
    """Whether an answer in a thread is shown in the conversation too: an edit alone wakes nobody."""
    return message.severity == "critical" and not message.over and message.state != "ACKNOWLEDGED"
