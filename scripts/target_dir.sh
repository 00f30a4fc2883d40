#!/usr/bin/env bash
# Prints the folder that builds of this checkout go to. It lies outside, so that it outlives the checkout; and each checkout
# has its own, because cargo takes what another one built for up to date where the sources here are older than that build.
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
echo "${CARGO_TARGET_DIR:-$HOME/.cache/florin/target${checkout//\//-}}"
