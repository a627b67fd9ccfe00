"""What a person types works on a bare machine, and is quick when there is nothing to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a fresh clone as the set-up reads, with a lock that pins nothing."""
    (tmp_path / "deploy").mkdir()
    for file in ("deploy/setup.sh", "deploy/install.py", "deploy/tocsin"):
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "deploy/run.lock").write_text("# nothing\n")
    (tmp_path / "requirements.lock").write_text("# other\n")
    return tmp_path


@pytest.fixture
def begun(clone: Path) -> Path:
    """A clone whose environment exists already, and borrows pip, which takes ten seconds less."""
    environment = [
        sys.executable,
        "-m",
        "venv",
        "--without-pip",
        "--system-site-packages",
        str(clone / ".venv"),
    ]
    subprocess.run(environment, check=True)
    return clone


def set_up(
    clone: Path, lock: str = "deploy/run.lock", python: str = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Run the script as the Makefile does."""
    return subprocess.run(
        ["sh", "deploy/setup.sh", python, lock], cwd=clone, capture_output=True, text=True, check=False
    )


def test_it_makes_an_environment_and_is_quick_the_second_time(clone: Path) -> None:
    """The stamp is a copy of the lock, written last."""
    first, second = set_up(clone), set_up(clone)
    assert first.returncode == second.returncode == 0, first.stderr
    assert "Installing" in first.stdout
    assert second.stdout == ""
    assert (clone / ".venv/.holds-run.lock").read_text() == "# nothing\n"
    assert os.access(clone / ".venv/bin/tocsin", os.X_OK)


def test_a_changed_lock_is_installed(begun: Path) -> None:
    """Whoever pulls a new version need not know that its dependencies changed."""
    set_up(begun)
    (begun / "deploy/run.lock").write_text("# changed\n")
    assert "Installing" in set_up(begun).stdout


def test_a_broken_off_set_up_leaves_no_stamp(begun: Path) -> None:
    """The next run tries again."""
    (begun / "deploy/run.lock").write_text("no-sums-here==0\n")
    assert set_up(begun).returncode != 0
    assert not (begun / ".venv/.holds-run.lock").exists()


def test_a_python_that_is_too_old_is_named(clone: Path) -> None:
    """With the way to name another one."""
    old = clone / "old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = set_up(clone, python=str(old))
    assert done.returncode == 78
    assert "make PYTHON=" in done.stderr


def test_make_alone_prints_its_verbs() -> None:
    """Each with one line that says what it is for."""
    said = subprocess.run(
        ["make", "-s"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.splitlines()
    assert [line.split()[1] for line in said] == (
        [
            "help",
            "setup",
            "check",
            "test",
            "world",
            "cluster",
            "bench",
            "bench-anomaly",
            "chaos",
            "happenings",
            "soak",
            "up",
            "demo",
            "docs",
            "lock",
        ]
    )
