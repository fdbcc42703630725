#!/usr/bin/env python3
"""The figures of a drill's report, computed from a Signalbox journal without Signalbox.

usage: report_figures.py JOURNAL.jsonl NAME

Written from the journal's format (src/journal/mod.rs) and the targets' meaning, not from the program's report.
Checks the chain of hashes on the way. Seconds are by the boot clock within one boot and by the wall clock over two; where
the clocks contradict each other they are null. Prints JSON: rto and rpo by tier (seconds, null where not known), the share
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


def span(text):
    """An ISO 8601 duration as the journal spells it, in seconds: PT1H2M3.5S."""
    sign, hours, minutes, rest = re.fullmatch(r"(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", text).groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(rest or 0)
    return -whole if sign else whole


class Clocks:
    """How long lies between two lines, by clocks that are set and machines that restart."""

    def __init__(self):
        self.lines, self.last, self.set = [], {}, set()

    def take(self, entry):
        """A line's number here."""
        wall, boot = seconds(entry["at"]["wall"]), span(entry["at"]["mono"])
        number, name = len(self.lines), entry["boot"]
        if name in self.last:
            before_wall, before_boot = self.last[name]
            if abs((wall - before_wall) - (boot - before_boot)) > 2:
                self.set.add(number)
        self.last[name] = (wall, boot)
        self.lines.append((name, wall, boot))
        return number

    def between(self, start, since, end):
        """Seconds from `since`, which line `start` tells of, to line `end`; None where nobody can tell."""
        (a, a_wall, a_boot), (b, b_wall, b_boot) = self.lines[start], self.lines[end]
        before = a_wall - since
        if before < -5 or (start in self.set and before > 2):
            return None
        took = (b_boot - a_boot if a == b else b_wall - a_wall) + max(before, 0)
        if a != b and any(start < n <= end for n in self.set):
            return None
        return None if took < -5 and start < end else max(took, 0)


def main(path, name):
    inside, lines, pair, clocks, first = False, 0, None, Clocks(), None
    since, planned, done, back, figures, moved, late = None, None, {}, {}, None, False, None
    who = {"asked": [], "approved": [], "second_key": []}
    for entry in entries(path):
        lines += 1
        record, at = entry["record"], clocks.take(entry)
        kind = record["kind"]
        if kind == "session_started" and record["name"] == name:
            inside, pair = True, record["pair"]
            since, planned, done, back, figures, moved, late = None, None, {}, {}, None, False, None
            who = {"asked": [], "approved": [], "second_key": []}
        if not inside:
            continue
        if kind == "began" and since is None:
            first, since, planned = at, seconds(record["since"]), record["planned"]
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
            took = clocks.between(first, since, back[tier]) if tier in back else None
            rto[tier] = [target, took, None if took is None else took <= target]
            most = clocks.between(first, since, late) if late is not None and tier not in back else None
            if most is not None and most <= target:
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
