#!/usr/bin/env bash
# One whole change against the five cluster endpoints given: propose, approve with a throw-away key, flip. Prints how
# long the flip itself took, cold: a new process, nothing connected. For side-by-side measuring with other clients:
#   flip_bench.py --client-cmd signalbox='benches/flip.sh {endpoints}' --modes hang --bad 0,4
# SIGNALBOX names the binary [default: target/release/signalbox].
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
signalbox=${SIGNALBOX:-$here/target/release/signalbox}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
regions=(us-east-1 us-west-2 eu-west-1 ap-northeast-1 ap-southeast-2)
for who in alice bob; do ssh-keygen -q -t ed25519 -N '' -C "$who" -f "$work/$who"; done

panel=arn:aws:route53-recovery-control::111122223333:controlpanel/cp
{
  echo 'name = "bench"'
  echo 'account = "111122223333"'
  echo '[cluster]'
  echo 'arn = "arn:aws:route53-recovery-control::111122223333:cluster/bench"'
  echo 'endpoints = ['
  i=0
  for url in "$@"; do
    echo "  { region = \"${regions[$i]}\", url = \"$url/v1\" },"
    i=$((i + 1))
  done
  echo ']'
  cat <<EOF
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
EOF
} >"$work/estate.toml"

export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench AWS_EC2_METADATA_DISABLED=true
at() { "$signalbox" "$@" --estate "$work/estate.toml" --state "$work/state"; }
at propose --as alice --set rc1=On --reason "benchmark" --quick -o "$work/change.json" >/dev/null
code=$(sed -n 's/.*"words": *"\([^"]*\)".*/\1/p' "$work/change.json")
"$signalbox" approve "$work/change.json" --key "$work/bob" --code "$code" >/dev/null
start=$(date +%s%N)
at flip "$work/change.json" --approval "$work/change.json.sig" --to us-east-1 --as alice
end=$(date +%s%N)
echo "cold flip: $(((end - start) / 1000000)) ms"
