"""What stands between a container and its process: signals go through, ends come back, two of them are kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.patience import PATIENCE

HOLD = str(Path(__file__).parents[2] / "deploy/hold")
HEARS = """
import signal, sys
signal.signal(signal.{name}, lambda *_: sys.exit(7))
print("up", flush=True)
while True: signal.pause()
"""


@contextmanager
def held(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process under `hold`, as a container has it; nothing of it is left."""
    env = os.environ | environment
    with subprocess.Popen(
        [HOLD, *command], env=env, stdout=PIPE, stderr=PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("code", [0, 1, 75])
def test_an_end_is_its_own(code: int) -> None:
    """The restart policy decides on it."""
    with held("sh", "-c", f"exit {code}") as process:
        assert process.wait(PATIENCE) == code


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1"])
def test_a_signal_goes_through(name: str) -> None:
    """A worker hands over as it does alone, and its exit code is told."""
    with held(sys.executable, "-c", HEARS.format(name=name)) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.Signals[name])
        assert process.wait(PATIENCE) == 7


@pytest.mark.parametrize("code", [78, 2])
def test_what_the_operator_must_mend_is_not_run_again(code: int, tmp_path: Path) -> None:
    """It waits with a word until it is stopped; its command ran once."""
    with held("sh", "-c", f"echo ran >> {tmp_path}/runs; exit {code}") as process:
        assert process.stderr
        assert f"ended with {code}: change what it says above" in process.stderr.readline()
        assert process.poll() is None
        process.terminate()
        assert process.wait(PATIENCE) == code
    assert (tmp_path / "runs").read_text() == "ran\n"


def test_what_is_frozen_is_ended(tmp_path: Path) -> None:
    """Four looks without a beat; before the first beat, however long a start takes, nothing is held against it."""
    pulse = tmp_path / "pulse"
    pulse.touch()  # of an earlier run
    late = f"sleep 1; touch {pulse}; exec sleep 60"
    with held("sh", "-c", late, TOCSIN_PULSE=str(pulse), HOLD_LOOK="0.1") as process:
        assert process.stderr
        assert "gives no sign of life" in process.stderr.readline()
        assert process.wait(PATIENCE) == 128 + signal.SIGKILL
    assert pulse.exists()


def test_what_beats_goes_on(tmp_path: Path) -> None:
    """As many looks as would end a frozen one, and more."""
    pulse = tmp_path / "pulse"
    beats = f"for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do touch {pulse}; sleep 0.1; done; exit 9"
    with held("sh", "-c", beats, TOCSIN_PULSE=str(pulse), HOLD_LOOK="0.2") as process:
        assert process.wait(PATIENCE) == 9
