"""The endpoint documents of channels that show text: it may be worded by templates instead of by us."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from streams.documents.endpoint import Endpoint


def _checked(source: str) -> str:
    """A template that can be used, as it is."""
    if source:
        from streams.text.template import compiled  # late: few use templates, and Jinja2 takes long to load

        compiled(source)
    return source


WordTemplate = Annotated[str, Field(max_length=4_000), AfterValidator(_checked)]


class WordedEndpoint(Endpoint):
    """A place that shows text. Templates: docs/channels.md, Words of your own."""

    title_template: WordTemplate = ""  # instead of the title
    text_template: WordTemplate = ""  # instead of what is said of each alert
