"""Becomes another program, after asking the kernel to end it when its starter dies.

Run as a script: `leash.py SIGNAL STARTER PROGRAM ARGUMENTS…`. A supervisor that is killed outright cannot stop its
children; on Linux the kernel can (PR_SET_PDEATHSIG, prctl(2)). The child has to make that wish itself, and Python's
`preexec_fn` may deadlock in a program with threads (its documentation says so); so this file is a program of its own,
which then turns into the wanted one under the same process id. Elsewhere it only does the latter.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(signal: str, starter: str, *program: str) -> None:
    """Set the leash, see that the starter did not die meanwhile, and become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
        if os.getppid() != int(starter):
            sys.exit("the starter died before its child began")
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(*sys.argv[1:])
