"""Many series at once give what each would give alone."""

from __future__ import annotations

import numpy as np
import pytest

from tables.anomaly.bank.bank import Bank
from tables.anomaly.bank.exchange import give, take
from tables.anomaly.codec import decode, encode
from tables.anomaly.detector import AnomalyDetector
from tables.anomaly.kind import Kind
from tables.anomaly.options import Options, Seasonality
from tests.tables.anomaly.signals import START, STEP, daily, noise

SIZE = 6


def frames(rows: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Six unlike series, row by row: calm, seasonal, shifted, spiky, constant, wandering."""
    spiky = noise(rows, seed=3)
    spiky[rows // 2 :: 97] = [500.0] * len(spiky[rows // 2 :: 97])
    shifted = [*noise(rows // 2, seed=4), *noise(rows - rows // 2, seed=5, level=300.0)]
    wandering = np.cumsum(noise(rows, seed=6, level=0.0)).tolist()
    return np.array([noise(rows), daily(rows), shifted, spiky, [7.0] * rows, wandering]).T


@pytest.mark.parametrize("kind", list(Kind))
def test_a_bank_gives_the_scores_of_its_series(kind: Kind) -> None:
    """Score by score, whatever the kind."""
    bank, alone = Bank(SIZE, Options(kind=kind)), [AnomalyDetector(Options(kind=kind)) for _ in range(SIZE)]
    for row, values in enumerate(frames(320)):
        at = START + row * STEP
        expected = [
            detector.step(at, value).score for detector, value in zip(alone, values.tolist(), strict=True)
        ]
        assert bank.step(at, values) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seasonality", list(Seasonality))
def test_a_bank_knows_every_seasonality(seasonality: Seasonality) -> None:
    """Over more than a week, in hours."""
    options = Options(seasonality=seasonality)
    bank, alone = Bank(SIZE, options), [AnomalyDetector(options) for _ in range(SIZE)]
    for row, values in enumerate(frames(9 * 24)):
        at = START + row * 3_600_000
        expected = [
            detector.step(at, value).score for detector, value in zip(alone, values.tolist(), strict=True)
        ]
        assert bank.step(at, values) == pytest.approx(expected, abs=1e-9)


def test_a_series_moves_between_bank_and_detector() -> None:
    """Taken out half-way, saved, restored and put back into another place, it goes on as before."""
    values = frames(400)
    first, second = Bank(SIZE), Bank(SIZE)
    for row in range(200):
        first.step(START + row * STEP, values[row])
    for series in range(SIZE):
        take(second, SIZE - 1 - series, decode(encode(give(first, series))))
    for row in range(200, 400):
        at = START + row * STEP
        assert second.step(at, values[row][::-1])[::-1] == pytest.approx(
            first.step(at, values[row]), abs=1e-9
        )


def test_series_that_are_absent_learn_nothing() -> None:
    """A frame may hold some of the series, and some of its values may be gaps."""
    bank, alone = Bank(SIZE), AnomalyDetector()
    for row, values in enumerate(frames(150)):
        at = START + row * STEP
        which = np.array([2, 0, 3]) if row % 2 else np.arange(SIZE)
        told = values[which].copy()
        told[which == 0] = np.nan if row % 5 == 0 else told[which == 0]
        score = bank.step(at, told, which=which)[which == 0]
        assert score == pytest.approx([alone.step(at, float(told[which == 0][0])).score], abs=1e-9)


def test_feedback_reaches_a_bank() -> None:
    """A series that was taken over with feedback keeps its higher bar."""
    told = AnomalyDetector()
    told.bar.heighten(START)
    bank = Bank(2)
    take(bank, 1, told)
    for row, value in enumerate([*noise(100), 300.0]):
        scores = bank.step(START + row * STEP, np.array([value, value]))
    assert scores[1] < scores[0]
    assert give(bank, 1).bar.dismissals == told.bar.dismissals
