#!/bin/sh
# lock.sh: resolve all dependencies anew, for every Python from 3.11 and every system: names, versions and sums only.
# pip-compile knows one Python and one system at a time; uv's resolver knows all, and writes the same format for pip.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml "$@" >/dev/null
}
compile --extra embedded --extra dev --output-file requirements.lock
compile --extra embedded --constraint requirements.lock --output-file deploy/run.lock
compile --constraint deploy/run.lock --output-file deploy/image.lock  # an image never runs the embedded broker
.venv/bin/python -m pip install --quiet --no-input --require-hashes --requirement requirements.lock
.venv/bin/python -m deploy lock-jars >deploy/jars.lock.new
mv deploy/jars.lock.new deploy/jars.lock
.venv/bin/python -m deploy licences >LICENSES.md
