"""What stands in an answer that says that all is well: the provider's own object, or something that is none of its."""

from __future__ import annotations

from typing import Any

import orjson

from sinks.http.client import Response
from sinks.outcome import Retry
from streams.outcome_code import OutcomeCode


def json_object(response: Response) -> dict[str, Any]:
    """The object of a body; empty where it is none."""
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def is_page(response: Response) -> bool:
    """Whether the body is a page for people, as of a proxy, a portal or another service at the same address."""
    return response.body.lstrip().startswith(b"<")


def foreign(response: Response, check: str = "api_url") -> Retry:
    """The answer where a 2xx is none of the provider's: it may be in maintenance, and it may have taken the message."""
    words = f"{response.place} answered HTTP {response.status}, but nothing that the provider would say"
    return Retry(None, f"{words}: check `{check}`, and what stands between you and it", OutcomeCode.UNKNOWN)
