#!/usr/bin/env python3
"""The figures of a drill's report, computed from a Signalbox journal without Signalbox.

usage: report_figures.py JOURNAL.jsonl NAME

Written from the journal's format (src/journal/mod.rs) and the targets' meaning, not from the program's report.
Checks the chain of hashes on the way. Prints JSON: rto and rpo by tier (seconds, null where not known), the share
of automatic steps, who asked, approved and turned the second key, and the number of lines.
"""

import datetime
import hashlib
import json
import re
import sys

# What only people can do: approve (3) and tell (7); deciding is a person's, too, where nothing had failed (1).
BY_HAND = {3, 7}


def seconds(text):
    """RFC 3339 with up to nine decimals, as seconds since the epoch."""
    whole, fraction = re.fullmatch(r"(.*T\d\d:\d\d:\d\d)(\.\d+)?Z", text).groups()
    base = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(base.timestamp()) + float(fraction or 0)


def entries(path):
    before = hashlib.sha256(b"").hexdigest()
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            # The hash is of exactly the bytes between `{"entry":` and `,"hash":`.
            body, mark, rest = line.rstrip(b"\n").rpartition(b',"hash":')
            assert body.startswith(b'{"entry":') and mark, f"line {number} is no journal line"
            entry = body[len(b'{"entry":'):]
            digest = json.loads(rest[:-1])
            assert hashlib.sha256(entry).hexdigest() == digest, f"line {number} was edited"
            entry = json.loads(entry)
            assert entry["seq"] == number and entry["prev"] == before, f"line {number} is not the next"
            before = digest
            yield entry


def fields_of(text):
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def main(path, name):
    inside, lines, pair = False, 0, None
    since, planned, done, back, figures, moved, late = None, None, {}, {}, None, False, None
    who = {"asked": [], "approved": [], "second_key": []}
    for entry in entries(path):
        lines += 1
        record, at = entry["record"], seconds(entry["at"]["wall"])
        kind = record["kind"]
        if kind == "session_started" and record["name"] == name:
            inside, pair = True, record["pair"]
            since, planned, done, back, figures, moved, late = None, None, {}, {}, None, False, None
            who = {"asked": [], "approved": [], "second_key": []}
        if not inside:
            continue
        if kind == "began" and since is None:
            since, planned = seconds(record["since"]), record["planned"]
        elif kind == "step" and record["done"] and record["pair"] == pair:
            done.setdefault(record["step"], at)
        elif kind == "tier_back":
            back.setdefault(record["tier"], at)
        elif kind == "figures":
            figures = record["figures"]
        elif kind == "proposed":
            who["asked"].append(fields_of(record["text"])["asked by"])
        elif kind == "approved":
            who["approved"].append([record["by"], record["key"]])
        elif kind == "intent":
            who["second_key"].append(record["by"])
        elif kind == "traffic_moved":
            moved = True
            done.setdefault(5, at)
            done.setdefault(6, at)
            late = at if record.get("late") and late is None else late
        elif kind == "session_ended" and record["pair"] == pair:
            inside = False
    rto, rpo = {}, {}
    if figures:
        for tier in figures["tiers"]:
            target = figures["targets"][tier]["rto"]
            took = back[tier] - since if tier in back else None
            rto[tier] = [target, took, None if took is None else took <= target]
            if took is None and late is not None and late - since <= target:
                rto[tier][2] = True
        for tier, target in figures["targets"].items():
            lags = [lag["seconds"] for lag in figures["lags"] if lag["tier"] == tier]
            if not lags:
                rpo[tier] = [target["rpo"], None, None]
                continue
            worst = max((lag for lag in lags if lag is not None), default=None)
            missed = worst is not None and worst > target["rpo"]
            achieved = worst if None not in lags or missed else None
            rpo[tier] = [target["rpo"], achieved, None if achieved is None else achieved <= target["rpo"]]
    by_hand = BY_HAND | ({1} if planned else set())
    share = len([s for s in done if s not in by_hand]) / len(done) if done else None
    said = {
        "rto": rto, "rpo": rpo, "automation_share": share, "moved": moved, "who": who, "lines": lines,
        "failed_checks": figures["failed"] if figures else [],
    }
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
