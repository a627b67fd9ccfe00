"""The life of the whole system with silences, windows, inhibitions and snoozes in it, under crashes."""

from __future__ import annotations

import pytest

from tables.respond.machine import Respond
from tables.respond.suppression import cover
from tests.tables.mutants import poisoned
from tests.tables.torture import faults, logs, plain


@pytest.mark.parametrize("chunk", [1, 1_000])
@pytest.mark.parametrize("seed", range(4))
def test_torture_of_suppression(seed: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often respond dies, what is suppressed and released is so once, and rows are those of a whole life."""
    monkeypatch.setattr(cover, "CHUNK", chunk)
    log = logs(seed, 120, muted=True)["respond"]
    undisturbed = plain(kind := poisoned(Respond), log)
    said = b"".join(output.raw for output in undisturbed[0])
    assert said.count(b'"what":"suppressed"') > 20
    assert said.count(b'"what":"released"') > 5
    assert faults(kind, log, seed, undisturbed=undisturbed) == []
