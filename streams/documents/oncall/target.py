"""Targets: whom a route, a step or a rule tells, as `kind/name`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from streams.text.fault import NAME

STEP_TARGET = rf"^(user|team|schedule|endpoint)/{NAME}$"
ROUTE_TARGET = rf"^(user|team|schedule|policy|endpoint)/{NAME}$"
StepTarget = Annotated[str, Field(pattern=STEP_TARGET)]
RouteTarget = Annotated[str, Field(pattern=ROUTE_TARGET)]
KINDS = {"user": "person", "team": "team", "schedule": "schedule", "policy": "policy", "endpoint": "endpoint"}


def document_kind(target: str) -> str:
    """The kind of document that a target names: a user is a person."""
    return KINDS[target.partition("/")[0]]
