"""Teams: who belongs to them, and who leads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from streams.documents.document import Name, Owned, Several


class TeamDocument(Owned):
    """Its members are told by `team/NAME`; its leads hear where nobody else can be told."""

    type = "team"
    members: Annotated[list[Name], Several] = Field(min_length=1, max_length=100)
    leads: Annotated[list[Name], Several] = Field(default=[], max_length=20)
