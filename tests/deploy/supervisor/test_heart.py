"""Silence is what a supervisor that was looking has not heard."""

from __future__ import annotations

import socket
from pathlib import Path

from deploy.supervisor.heart import LAG, Heart, serving, touched


def test_silence_is_counted_look_by_look() -> None:
    """A sign that stays the same is silence; one that changes ends it."""
    heart = Heart()
    assert [heart.look(float(now), "same") for now in range(4)] == [0.0, 1.0, 2.0, 3.0]
    assert heart.look(4.0, "other") == 0.0


def test_no_sign_yet() -> None:
    """Before the first one there is silence, but no heart that has beaten."""
    heart = Heart()
    heart.look(0.0, None)
    assert (heart.look(1.0, None), heart.beats) == (1.0, False)
    heart.look(2.0, 7)
    assert heart.beats


def test_a_supervisor_that_slept_accuses_nobody() -> None:
    """After a pause of its own the count begins anew, however long everything stood still."""
    heart = Heart()
    for now in range(10):
        heart.look(float(now), "same")
    assert heart.look(9.0 + LAG + 0.1, "same") == 0.0
    assert heart.look(10.0 + LAG + 0.1, "same") == 1.0


def test_touched(tmp_path: Path) -> None:
    """A file's sign is when it was touched; while there is no file there is none."""
    look = touched(tmp_path / "pulse")
    assert look() is None
    (tmp_path / "pulse").touch()
    assert look() == look() is not None


def test_a_port_that_only_accepts_gives_no_sign() -> None:
    """The kernel accepts connections for a process that is stopped; only an answer is a sign."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        assert serving(deaf.getsockname()[1])() is None
