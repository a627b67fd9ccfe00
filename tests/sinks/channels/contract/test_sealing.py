"""What an endpoint document holds that grants access or leads to a person: sealed by the API, opened for the call."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from cryptography.fernet import Fernet

from api.documents.seal import HIDDEN, Sealer
from sinks.channels.unseal import Unsealer
from sinks.outcome import Delivered, Rejected
from streams.channels.registry import CHANNELS
from streams.documents.registry import read
from streams.errors import Refused
from streams.outcome_code import OutcomeCode
from tests.sinks.channels.cases import CASES
from tests.sinks.harness import closing, resources

KEY, OTHER = (Fernet.generate_key().decode() for _ in range(2))


@pytest.mark.parametrize("name", list(CASES))
async def test_sealed_masked_and_opened(name: str, attempt: Any) -> None:
    """No secret stands in what enters a topic or leaves in an answer, and the receiver gets what was meant."""
    case, sealer = CASES[name], Sealer([KEY])
    async with case.place() as place, closing(resources([KEY])) as shared:
        document = read("endpoint", place.endpoint())
        sealed = sealer.sealed("endpoint", document.body(), None)
        shown = sealer.masked("endpoint", sealed)
        for secret in case.secrets:
            assert secret in str(document.body())
            assert secret not in orjson.dumps(sealed).decode()
            assert secret not in str(shown)
        assert read("endpoint", sealed).body() == sealed  # what respond validates without a key
        answer = await place.channel(shared).send(attempt(sealed))

    assert isinstance(answer, Delivered), answer
    assert Unsealer([KEY]).document(CHANNELS[name.split(maxsplit=1)[0]], sealed) == document
    assert [field for field, value in shown.items() if HIDDEN in str(value)] or name == "log"


@pytest.mark.parametrize("name", [name for name in CASES if name != "log"])
async def test_sealed_with_another_key(name: str, attempt: Any) -> None:
    """Where no key opens it, the setting is named and nobody is called."""
    async with CASES[name].place() as place, closing(resources([OTHER])) as shared:
        document = read("endpoint", place.endpoint())
        sealed = Sealer([KEY]).sealed("endpoint", document.body(), None)
        answer = await place.channel(shared).send(attempt(sealed))
        called = place.messages()

    assert isinstance(answer, Rejected)
    assert (answer.code, called) == (OutcomeCode.SEALED, [])
    assert "TOCSIN_SEAL_KEYS" in answer.reason


@pytest.mark.parametrize("name", list(CASES))
async def test_a_newer_document(name: str, attempt: Any) -> None:
    """A field that this version does not know is left alone: the API may be updated before the sinks."""
    async with CASES[name].place() as place, closing(resources()) as shared:
        answer = await place.channel(shared).send(attempt(place.endpoint() | {"of_tomorrow": 1}))

    assert isinstance(answer, Delivered)


@pytest.mark.parametrize("value", [["geheim"], {"geheim": 1}, 5_550_123, "geheim" * 4_000, None])
@pytest.mark.parametrize("name", list(CASES))
async def test_no_refusal_repeats_a_secret(name: str, value: Any) -> None:
    """A secret field that holds something else is refused by its name, never with what stands there."""
    async with CASES[name].place() as place:
        good = place.endpoint()
    for field in CHANNELS[name.split(maxsplit=1)[0]].secret_fields():
        if field not in good or (field == "to" and value == ["geheim"]):
            continue  # several addresses may stand there as a list
        with pytest.raises(Refused, match=f"`{field}`") as refusal:
            read("endpoint", good | {field: value})
        assert "geheim" not in str(refusal.value)
        assert "5550123" not in str(refusal.value)
