"""How far an installation is, from what pip says."""

from __future__ import annotations

from deploy.install import Progress, pinned

LOCK = """# a==1
aiokafka==0.14.0 \\
    --hash=sha256:00
uvloop==0.22 ; sys_platform == 'linux' \\
    --hash=sha256:11
pywin32==312 ; sys_platform == 'win32' \\
    --hash=sha256:22
"""
SAID = [
    "Ignoring pywin32: markers 'sys_platform == \"win32\"' don't match your environment\n",
    "Collecting aiokafka==0.14.0 (from -r run.lock (line 2))\n",
    "  Downloading aiokafka-0.14.0-cp311.whl (1.5 MB)\n",
    "Collecting uvloop==0.22\n",
    "  Using cached uvloop.whl (500 kB)\n",
    "something else\n",
    "Installing collected packages: aiokafka, uvloop\n",
]


def test_progress() -> None:
    """Packages for this machine and megabytes are counted, whether they come over the network or from pip's cache."""
    progress = Progress(pinned(LOCK))
    assert [progress.hear(line) for line in SAID] == [
        None,
        "1 of 2 packages, 0 MB",
        "1 of 2 packages, 2 MB",
        "2 of 2 packages, 2 MB",
        "2 of 2 packages, 2 MB",
        None,
        "all 2 packages are here (2 MB); unpacking them, silently, for up to a minute",
    ]
