#!/usr/bin/env bash
# How long a flip takes, cold: a new process, nothing connected. Each is one whole change: propose, approve with a
# throw-away key, flip.
#
#   benches/flip.sh                       against simulators whose endpoints fail in turn: a table
#   benches/flip.sh --runs 1              the same, once each: what CI does, which looks at the verdicts only
#   benches/flip.sh URL URL URL URL URL   one change against these five endpoints, for side-by-side measuring:
#     flip_bench.py --client-cmd signalbox='benches/flip.sh {endpoints}' --modes hang --bad 0,4
#
# SIGNALBOX names the binary [default: target/release/signalbox]. A flip that is not verified ends it, with the flip's exit code.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
signalbox=${SIGNALBOX:-$here/target/release/signalbox}
runs=9
if [ "${1:-}" = --runs ]; then runs=$2; shift 2; fi
work=$(mktemp -d)
sim=
finish() {
  local code=$?
  if [ -n "$sim" ]; then kill "$sim" 2>/dev/null || true; fi
  if [ $code != 0 ] && [ -e "$work/said" ]; then cat "$work/said" >&2; fi
  rm -rf "$work"
}
trap finish EXIT
regions=(us-east-1 us-west-2 eu-west-1 ap-northeast-1 ap-southeast-2)
for who in alice bob; do ssh-keygen -q -t ed25519 -N '' -C "$who" -f "$work/$who"; done
export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench AWS_EC2_METADATA_DISABLED=true

# An estate with these five endpoints, and nothing that could fail a check.
estate() {
  local panel=arn:aws:route53-recovery-control::111122223333:controlpanel/cp i=0 url
  echo 'name = "bench"'
  echo 'account = "111122223333"'
  echo '[cluster]'
  echo 'arn = "arn:aws:route53-recovery-control::111122223333:cluster/bench"'
  echo 'endpoints = ['
  for url in "$@"; do
    echo "  { region = \"${regions[$i]}\", url = \"$url\" },"
    i=$((i + 1))
  done
  echo ']'
  cat <<END
[[regions]]
name = "us-east-1"
title = "N. Virginia"
[[regions]]
name = "us-east-2"
title = "Ohio"
[[pairs]]
name = "bench"
active = "us-east-1"
standby = "us-east-2"
control_panel = "$panel"
[[services]]
name = "bench"
pair = "bench"
tier = "critical"
controls = [
  { arn = "$panel/routingcontrol/rc1", name = "rc1", region = "us-east-1" },
  { arn = "$panel/routingcontrol/rc2", name = "rc2", region = "us-east-2" },
]
[[people]]
name = "alice"
roles = ["operator"]
keys = ["$(cat "$work/alice.pub")"]
[[people]]
name = "bob"
roles = ["approver"]
keys = ["$(cat "$work/bob.pub")"]
END
}

# How alice says who she is, to `propose` and to `flip`.
alice=(--as alice --key "$work/alice")

# One whole change against the estate: `change CONTROL=STATE… REGION`, the region that receives the traffic.
# Prints what `flip` says and how long it took.
change() {
  local to=${*: -1} code start end
  rm -rf "$work/change.json" "$work/change.json.sig"
  at() { "$signalbox" "$@" --estate "$work/estate.toml" --state "$work/state"; }
  at propose "${alice[@]}" --set "${@:1:$#-1}" --reason benchmark --despite 'a benchmark' --quick \
    -o "$work/change.json" >/dev/null
  code=$(sed -n 's/.*"words": *"\([^"]*\)".*/\1/p' "$work/change.json")
  "$signalbox" approve "$work/change.json" --key "$work/bob" --code "$code" >/dev/null
  start=$(date +%s%N)
  at flip "$work/change.json" "${alice[@]}" --approval "$work/change.json.sig" --to "$to" --quick
  end=$(date +%s%N)
  echo "cold flip: $(((end - start) / 1000000)) ms"
}

if [ $# -gt 0 ]; then
  estate "${@/%//v1}" >"$work/estate.toml"
  change rc1=On us-east-1
  exit
fi

# `against NAME ANSWER`: the first four endpoints answer so; `closed` means that nobody listens there.
against() {
  local name=$1 answer=$2 urls=() times=() n
  {
    printf 'title = "bench"\nabout = "benches/flip.sh"\nseed = 1\n'
    if [ "$answer" != closed ] && [ "$answer" != well ]; then
      printf '[[happening]]\nat = "0 s"\nsay = "four endpoints"\nwhat = "endpoints"\n'
      printf 'endpoints = ["1", "2", "3", "4"]\nanswer = "%s"\n' "$answer"
    fi
  } >"$work/scenario.toml"
  estate https://e{1,2,3,4,5}.example.com/v1 >"$work/simulated.toml"
  rm -rf "$work/state" "$work/box"
  : >"$work/sim.out"
  "$signalbox" sim --kind --estate "$work/simulated.toml" --scenario "$work/scenario.toml" --folder "$work/box" \
    >>"$work/sim.out" 2>&1 &
  sim=$!
  until grep -q '^# ready' "$work/sim.out"; do
    kill -0 "$sim" 2>/dev/null || { cat "$work/sim.out" >&2; exit 1; }
    sleep 0.05
  done
  for n in 1 2 3 4 5; do
    urls+=("$(sed -n "s/^export SIGNALBOX_CLUSTER_$n='\(.*\)'/\1/p" "$work/sim.out")")
  done
  # Port 1 of this machine: nobody listens there.
  if [ "$answer" = closed ]; then urls=(http://127.0.0.1:1/v1 http://127.0.0.1:1/v1 http://127.0.0.1:1/v1 http://127.0.0.1:1/v1 "${urls[4]}"); fi
  estate "${urls[@]}" >"$work/estate.toml"
  for ((n = 1; n <= runs; n++)); do
    # An endpoint takes three changes a second.
    if ((n > 1)); then sleep 0.4; fi
    local to=(rc1=Off rc2=On us-east-2)
    if ((n % 2 == 0)); then to=(rc1=On rc2=Off us-east-1); fi
    change "${to[@]}" >"$work/said"
    times+=("$(sed -n 's/^cold flip: \(.*\) ms$/\1/p' "$work/said")")
  done
  kill "$sim"
  wait "$sim" 2>/dev/null || true
  sim=
  mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
  printf '%-28s %6d ms %6d ms\n' "$name" "${times[$((runs / 2))]}" "${times[$((runs - 1))]}"
}

printf '%-28s %9s %9s\n' 'the first four endpoints' median worst
against 'answer' well
against 'refuse connections' closed
against 'answer 503' unavailable
against 'close without a word' refuse
against 'hang' hang
