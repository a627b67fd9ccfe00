"""`python -m api` and the command `tocsin`: the one place where the API's room reads the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from api.cli.run import run


def main() -> None:
    """Run one verb and end with its exit code: 0 done, 1 refused or failed, 2 wrong usage."""
    sys.exit(run(sys.argv[1:], os.environ, lambda path: Path(path).read_text()))


if __name__ == "__main__":
    main()
