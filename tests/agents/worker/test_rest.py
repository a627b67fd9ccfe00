"""Alerting that is switched off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("stage", ["detect", "respond", "deliver"])
def test_a_worker_rests(stage: str, tmp_path: Path) -> None:
    """It says why, owns nothing (there is neither key nor broker here), and ends well at SIGTERM."""
    environment = os.environ | {"MCPGATEWAY_ALERTING_ENABLED": "false", "TOCSIN_DATA": str(tmp_path)}
    words = [sys.executable, "-m", "agents", stage]
    with subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr
        assert "MCPGATEWAY_ALERTING_ENABLED" in worker.stderr.readline()
        assert worker.poll() is None
        worker.terminate()
        assert (worker.wait(PATIENCE), list(tmp_path.iterdir())) == (0, [])
