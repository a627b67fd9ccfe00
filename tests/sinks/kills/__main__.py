"""`python -m tests.sinks.kills`: kill sinks, broker, respond and deliver during a stream of alerts over all channels.

Prints one JSON object, and ends with 1 where anything was lost, repeated without a reason, or bore another id.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.sinks.kills.storm import storm


def main(words: list[str]) -> int:
    """Run it as `words` say; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.sinks.kills", description="Prints one JSON object."
    )
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="of logs and data; by default a temporary one")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as temporary:
        found = asyncio.run(storm(given.folder or Path(temporary), given.kills, given.seed))
    print(json.dumps(found, indent=1))
    return int(found["faults"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
