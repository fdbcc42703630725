#!/usr/bin/env bash
# Runs tests/wire/strict.py against four simulators: one that is well, one of several accounts, one that throttles, one that is
# unavailable.
# SIGNALBOX names the binary [default: target/debug/signalbox]; SIGNALBOX_PYTHON a Python with botocore and cbor2
# [default: python3]. Without those it says so, and ends well.
set -euo pipefail
cd "$(dirname "$0")"
signalbox=${SIGNALBOX:-../../target/debug/signalbox}
python=${SIGNALBOX_PYTHON:-python3}
if ! "$python" -c 'import botocore, cbor2' 2>/dev/null; then
  echo "tests/wire/strict.py is not run: $python has no botocore and cbor2"
  exit
fi
work=$(mktemp -d)
sim=
estate=
trap 'if [ -n "$sim" ]; then kill "$sim" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
export SIGNALBOX_ESTATE=$work/estate.toml

against() {
  : >"$work/sim.out"
  "$signalbox" sim --kind --scenario "$1" ${estate:+--estate "$estate"} --write-estate "$SIGNALBOX_ESTATE" >>"$work/sim.out" 2>&1 &
  sim=$!
  until grep -q '^# ready' "$work/sim.out"; do
    kill -0 "$sim" 2>/dev/null || { cat "$work/sim.out" >&2; exit 1; }
    sleep 0.05
  done
  "$python" strict.py "${@:2}"
  kill "$sim"
  wait "$sim" 2>/dev/null || true
  sim=
}

# The shipped estate in one account, where whoever signs in may do everything.
one=$work/one.toml
sed -e '/^monitoring = /d' -e '/^\[\[accounts\]\]$/,/^$/d' -e '/^\[route53\]$/,/^$/d' \
  -e '/^account = "[a-z]*"$/d' ../../assets/guiding-care.toml >"$one"

estate=$one
against calm
estate=../support/accounts.toml
against calm sts
estate=$one
against throttled.toml --failing
against unavailable.toml --failing
