"""Logs of earlier starts are kept for a while."""

from __future__ import annotations

from pathlib import Path

from deploy.supervisor.logfile import KEPT, bound, rotate, tail


def test_the_newest_file_tells_the_newest_story(tmp_path: Path) -> None:
    """Older stories move up one by one, and the oldest go."""
    log = tmp_path / "detect-0.log"
    for start in range(KEPT + 3):
        rotate(log)
        log.write_text(f"{start}")
    assert [each.read_text() for each in sorted(tmp_path.iterdir())] == ["6", "5", "4", "3", "2"]


def test_a_log_is_bounded_while_it_is_written(tmp_path: Path) -> None:
    """Its writer goes on in the same file, which begins anew; older files are few."""
    log = tmp_path / "x.log"
    with log.open("ab", buffering=0) as writer:
        for line in range(KEPT + 3):
            writer.write(b"%d" % line * 10)
            bound(log, largest=9)
        writer.write(b"last")
        bound(log, largest=9)
    assert log.read_text() == "last"
    assert [log.with_name(f"x.log.{k}").read_text()[0] for k in range(1, KEPT + 1)] == ["6", "5", "4", "3"]
    assert len(list(tmp_path.iterdir())) == KEPT + 1


def test_the_last_words_are_a_reason(tmp_path: Path) -> None:
    """Stack traces and empty lines are passed over."""
    log = tmp_path / "x.log"
    assert tail(log) == "nothing"
    log.write_text("one\nConfigException: the reason\n\tat kafka.Kafka\n\n")
    assert tail(log) == "ConfigException: the reason"
