"""Every channel by its name: what an endpoint document of it holds.

To add one: a file here with its document, a line in `CHANNELS`; a folder in `sinks/channels`, a line in its
registry. Topics, secret fields, permissions and processes follow from the name.

Why the document lies here and the sender there: respond and the API read endpoint documents, and topics and permissions
follow from these names; none of them may load what opens secrets and connects to the world, and nobody may import
`sinks`. A test holds the two registries, and the cases of the contract suite, to the same names in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from streams.channels.apprise import AppriseEndpoint
from streams.channels.email import EmailEndpoint
from streams.channels.log import LogEndpoint
from streams.channels.ntfy import NtfyEndpoint
from streams.channels.opsgenie import OpsgenieEndpoint
from streams.channels.pagerduty import PagerDutyEndpoint
from streams.channels.pushover import PushoverEndpoint
from streams.channels.slack import SlackEndpoint
from streams.channels.sms import SmsEndpoint
from streams.channels.teams import TeamsEndpoint
from streams.channels.voice import VoiceEndpoint
from streams.channels.webhook import WebhookEndpoint
from streams.documents.document import Owned
from streams.documents.endpoint import Endpoint, named_channel

CHANNELS: dict[str, type[Endpoint]] = {
    "webhook": WebhookEndpoint,
    "log": LogEndpoint,
    "email": EmailEndpoint,
    "slack": SlackEndpoint,
    "pagerduty": PagerDutyEndpoint,
    "opsgenie": OpsgenieEndpoint,
    "sms": SmsEndpoint,
    "teams": TeamsEndpoint,
    "ntfy": NtfyEndpoint,
    "pushover": PushoverEndpoint,
    "voice": VoiceEndpoint,
    "apprise": AppriseEndpoint,
}


def secret_fields(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of an endpoint document that are sealed; none where its channel does not exist."""
    model = _model(body)
    return model.secret_fields() if model else ()


def _model(body: Mapping[str, Any]) -> type[Endpoint] | None:
    channel = named_channel(body)
    return CHANNELS.get(channel) if isinstance(channel, str) else None


def _unknown(_: Any) -> str:
    raise PydanticCustomError("literal_error", "", {"expected": ", ".join(f"'{name}'" for name in CHANNELS)})


class AnyEndpoint(Endpoint):
    """Where notifications of one channel go. Each channel has fields of its own; those that seal are sealed."""

    model_config = ConfigDict(extra="ignore")  # of a channel that does not exist nothing else is said
    channel: Annotated[str, BeforeValidator(_unknown)] = "webhook"

    @classmethod
    def variant(cls, body: Mapping[str, Any]) -> type[Owned]:
        """The document class of the channel that `body` names; this one, which refuses it, where there is none."""
        return _model(body) or cls

    @classmethod
    def fields(cls) -> list[str]:
        """The names that stand in the document of any channel."""
        return list(dict.fromkeys(name for model in CHANNELS.values() for name in model.fields()))

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """One schema for all channels: what each takes stands in the branch of its name."""
        schemas = {name: model.model_json_schema(*args, **options) for name, model in CHANNELS.items()}
        shared: dict[str, Any] = {}
        for schema in schemas.values():
            for name, shape in schema["properties"].items():
                shared[name] = shape if shared.get(name, shape) == shape else {"title": shape["title"]}
        shared["channel"] = {"title": "Channel", "enum": list(CHANNELS), "default": "webhook"}
        return {
            "title": "Endpoint",
            "description": cls.__doc__,
            "type": "object",
            "additionalProperties": False,
            "properties": shared,
            "required": ["name"],
            "allOf": [_branch(name, schema) for name, schema in schemas.items()],
        }


def _branch(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: shape for key, shape in schema["properties"].items() if key not in Owned.model_fields}
    named = {"properties": {"channel": {"const": name}}}
    condition = named if name == named_channel({}) else named | {"required": ["channel"]}
    then = {
        "properties": own,
        "required": schema["required"],
        "propertyNames": {"enum": list(schema["properties"])},
    }
    return {"if": condition, "then": then}
