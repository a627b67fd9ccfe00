"""The form of an endpoint: its channel, and the fields that this channel has."""

from __future__ import annotations

from api.pages.surface.fill.form_field import Body, FormField, Given, choices, in_order, plain, put
from streams.channels.registry import CHANNELS
from streams.documents.document import Owned
from streams.documents.endpoint import named_channel

SHARED = ("name", "team", "description")


def fields(body: Body) -> list[FormField]:
    """What the form shows of an endpoint's fields: those of its channel, lists and tables but those of the text."""
    channel = str(named_channel(body))
    shared, own = ([plain(body, name) for name in names] for names in (SHARED, _own(channel, body)))
    return [*shared, FormField("channel", "Channel", channel, choices=choices(CHANNELS)), *own]


def _own(channel: str, body: Body) -> list[str]:
    """The fields of a channel that are one text; what is a table stays in the YAML."""
    model = CHANNELS.get(channel)
    names = (
        [name for name in model.fields() if name not in Owned.model_fields and name != "channel"]
        if model
        else []
    )
    return [name for name in names if not isinstance(body.get(name), dict)]


def written(body: Body, given: Given) -> Body:
    """The fields of the endpoint as the form says them; of another channel, what that does not have goes."""
    channel = given.get("channel", "webhook")
    own, before = _own(channel, body), _own(str(named_channel(body)), body)
    made = {name: value for name, value in body.items() if name not in before or name in own}
    for name in (*SHARED, *(name for name in own if name in before)):
        put(made, name, given.get(name))
    made["channel"] = channel
    return in_order(made, (*SHARED, "channel", *own))
