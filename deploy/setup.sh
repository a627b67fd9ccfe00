#!/bin/sh
# setup.sh PYTHON LOCK: a virtual environment in .venv that holds exactly what LOCK pins, and a Kafka that is ready to start.
# Quick when the lock has not changed. Broken off, it goes on where it was: pip keeps what it has fetched, and the stamp
# that says "done" is written last. pip finds its index, proxy and certificates in its own configuration.
set -eu
cd "$(dirname "$0")/.."
python=$1 lock=$2
stamp=.venv/.holds-$(basename "$lock")

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Tocsin needs Python 3.11 or newer, and $python is older, or is not there: make PYTHON=python3.12 …" >&2
    exit 78
}
[ -x .venv/bin/python ] || {
    echo "Making an environment in .venv …"
    "$python" -m venv .venv
}

# All that is pinned for development includes all that is pinned to run, so either stamp of today's files will do.
if ! cmp -s "$lock" "$stamp" && ! cmp -s requirements.lock .venv/.holds-requirements.lock; then
    echo "Installing what $lock pins; every file is checked against its SHA-256 …"
    .venv/bin/python deploy/install.py "$lock"
    cp "$lock" "$stamp"
fi
if [ ! -x .venv/bin/tocsin ] || ! cmp -s deploy/tocsin .venv/bin/tocsin; then
    cp deploy/tocsin .venv/bin/tocsin
    chmod +x .venv/bin/tocsin
fi
# Compiled once here, and not by each of the processes that are begun at once; what cannot be compiled is told by who runs it.
.venv/bin/python -m compileall -qq -j 0 streams tables agents sinks sources api deploy || :
# `tocsin up` prepares Kafka itself, with its own progress; whoever develops wants it ready before the first test.
[ "$lock" != requirements.lock ] || exec .venv/bin/python -m deploy setup
