#!/usr/bin/env bash
# Pin every package with the hashes of all its files into requirements.txt and requirements-dev.txt.
# The results name no package index: each installation uses the one that its own pip is configured for.
# Versions already pinned stay unless a bound in pyproject.toml excludes them; UPGRADE=1 takes the newest allowed.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:?usage: tools/requirements.sh PYTHON}

flags=(--quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header
       --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
       --build-deps-for editable)
[ -z "${UPGRADE:-}" ] || flags+=(--upgrade)

compile() {
    local target=$1 pins=$1.new
    shift
    # Start from the present pins, so that nothing moves unasked.
    cp "$target" "$pins" 2>/dev/null || : >"$pins"
    "$python" -m piptools compile "${flags[@]}" "$@" --output-file "$pins" pyproject.toml
    mv "$pins" "$target"
}

compile requirements.txt
compile requirements-dev.txt --extra dev --constraint requirements.txt
if grep -nE 'https?://|file:/|^--(extra-)?index|^--find-links' requirements.txt requirements-dev.txt; then
    echo "an address of a package index got into the requirements" >&2
    exit 1
fi
