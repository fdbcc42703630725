#!/usr/bin/env python3
"""Breaks the two-person rule on purpose, one rule at a time, and looks whether its test sees it.

    tests/mutate.py [NAME ...]        all, or the breaks whose test's name holds NAME

Works on a copy in a temporary folder; CARGO_TARGET_DIR may name a warm target folder. Ends with 1 when a break was
not seen, or when a break no longer fits the code.
"""
import os, pathlib, subprocess, sys, tempfile

GATE, LIFE, APPROVAL, TEXT = "src/change/gate.rs", "src/change/life.rs", "src/change/approval.rs", "src/change/text.rs"
LIFECYCLE, LAUNCH, DRS = "src/model/lifecycle.rs", "src/change/gate/launch.rs", "src/model/drs.rs"

# The test that must see it; then the places to break: file, what stands there, what is put there.
BREAKS = [
    ("must_hold_the_requesters_key_never_counts", [
        (APPROVAL, "if owners.iter().any(|p| same_person", "if false && owners.iter().any(|p| same_person"),
        (GATE, "if approver && new && !same_person", "if approver && new && true || !same_person")]),
    ("must_hold_one_person_with_two_keys", [
        (APPROVAL, "let Some(start) = estate.person(a) else", "let Some(start) = estate.person(a).filter(|_| false) else")]),
    ("must_hold_without_the_approver_role", [
        (APPROVAL, "match owners.iter().find(|p| p.is(Role::Approver))", "match owners.first()"),
        (GATE, "if approver && new", "if (approver || true) && new")]),
    ("must_hold_two_approvals_by_one_person", [
        (GATE, "None if change.approvals.iter().any(", "None if false && change.approvals.iter().any("),
        (GATE, "let new = !people", "let new = true || !people"),
        (LIFE, "if c.approvals.iter().any(|(who, _, _)| same_person(estate, who, by)) {", "if false {")]),
    ("must_hold_an_approval_is_for_exactly_one_change", [
        (APPROVAL, "&sig).map_err(|_| ApprovalError::OtherText)?;", "&sig).map_err(|_| ApprovalError::OtherText).ok();")]),
    ("must_hold_no_approval_and_no_run_after_expiry", [
        (GATE, "passed >= -OUT_OF_ORDER && passed <= window", "passed >= -OUT_OF_ORDER && (passed <= window || true)")]),
    ("must_hold_a_used_rejected_withdrawn", [
        (GATE, "(!change.state.is_open()).then", "(false).then"),
        (LIFE, "Record::Approved { by, key, .. } if c.state.is_open()", "Record::Approved { by, key, .. } if true"),
        (LIFE, "Record::Intent { .. } if c.state.is_open()", "Record::Intent { .. } if true")]),
    ("must_hold_a_forgotten_change_stays_dead", [
        (LIFE, "self.gone.insert(change.digest);", ""),
        (LIFE, "if kept.record.is_an_end() {", "if false {")]),
    ("must_hold_the_from_states_are_still_true", [
        (GATE, "Some(now) if *now == flip.from => {}", "Some(_) if true => {}"),
        (GATE, "(!moved.is_empty()).then_some", "(false).then_some")]),
    ("must_hold_a_wrong_clock_widens_no_window", [
        (GATE, "!within(w.at.since(change.proposed), w", "!within(w.at.wall.duration_since(change.proposed.wall), w")]),
    ("must_hold_the_intent_is_on_disk", [
        (LIFECYCLE, "self.effect(pending, |id| Effect::Record(id, record));",
         "self.effect(pending, |id| Effect::Record(id, record)); let id = EffectId(self.next_effect - 1); self.recorded(id);")]),
    ("must_hold_refusals_are_kept", [
        (LIFECYCLE, "if let Record::SecondKeyRefused { why, .. } = &record {\n                    self.refuse(Some(by.name()), why.clone());",
         "if let Record::SecondKeyRefused { why, .. } = &record {\n                    self.refuse(Some(by.name()), why.clone());\n                    return;")]),
    ("must_hold_only_the_requester_turns", [
        (GATE, "if *by != change.text.by {\n        return refuse", "if false {\n        return refuse")]),
    ("must_hold_only_the_requester_turns", [
        (GATE, "if typed.trim() != change.text.receiving.as_str()", "if typed.trim().is_empty()")]),
    ("must_hold_observers_and_read_only", [
        (LIFECYCLE, "if let Some(why) = self.read_only.clone() {", "if let Some(why) = self.read_only.clone().filter(|_| false) {")]),
    ("must_hold_another_estates_change", [
        (LIFE, "if ours && new", "if (ours || true) && new")]),
    ("must_hold_a_failing_check_stops", [
        (LIFECYCLE, "let stops = self.stops(&draft);", "let stops: Vec<String> = Vec::new();")]),
    ("must_hold_nothing_is_launched_by_one_person", [
        (GATE, "if change.state == State::Proposed && expired(w, change).is_none() {", "if false {"),
        (GATE, "if there < needed {", "if false {")]),
    ("must_hold_nothing_is_launched_by_one_person", [
        (GATE, "if typed.trim() != change.text.receiving.as_str()", "if typed.trim().is_empty()")]),
    ("must_hold_only_known_idle_servers", [
        (LAUNCH, "let busy = |j: &&crate::event::DrsJob| j.status", "let busy = |j: &&crate::event::DrsJob| false && j.status")]),
    ("must_hold_servers_that_became_busy", [
        (LAUNCH, "        idle(&now, &wanted.id, &wanted.name)?;", "")]),
    ("a_completed_job_with_a_failed_server", [
        (DRS, "let well = |id: &str| job.servers.iter().any(|(s, status)| s == id && status == \"LAUNCHED\");",
         "let well = |_: &str| job.status == \"COMPLETED\";")]),
    ("a_launch_that_nobody_confirmed", [
        (DRS, "_ => j.change == Some(change.digest),", "_ => true,")]),
    ("must_hold_a_launch_stands_in_no_flips_way", [
        (LIFE, "self.all.iter().find(|c| c.state.is_running() && c.text.launch().is_none())", "self.all.iter().find(|c| c.state.is_running())")]),
    ("must_hold_what_is_signed_says_drill", [
        (TEXT, "let field = if launch.drill { DRILL } else { RECOVERY };", "let field = DRILL;")]),
    ("must_hold_what_is_overridden_and_why", [
        (TEXT, "lines.push(format!(\"despite that because: {}\", one_line(&despite.reason)));", "")]),
    ("must_hold_what_is_signed_holds_nothing_hidden", [
        (TEXT, "if let Some(c) = line.chars().find(|c| crate::hygiene::is_hidden(*c)) {", "if let Some(c) = line.chars().find(|_| false) {"),
        ("src/hygiene.rs", "if is_plain(text) || text.chars().all(|c| cell.takes(c)) {", "if true || text.chars().all(|c| cell.takes(c)) {")]),
]


def main():
    home = pathlib.Path(__file__).resolve().parent.parent
    wanted = [b for b in BREAKS if not sys.argv[1:] or any(n in b[0] for n in sys.argv[1:])]
    env = dict(os.environ, CARGO_TARGET_DIR=os.environ.get("CARGO_TARGET_DIR", str(home / "target")))
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "signal-box"
        subprocess.run(["git", "clone", "-q", str(home), str(copy)], check=True)
        for test, places in wanted:
            kept = {}
            try:
                for file, old, new in places:
                    text = (copy / file).read_text()
                    kept.setdefault(file, text)
                    if old not in text:
                        raise LookupError(f"{file} no longer has `{old.splitlines()[0]}`")
                    (copy / file).write_text(text.replace(old, new, 1))
                done = subprocess.run(["cargo", "test", "-q", "--locked", "--test", "two_person", "--test", "gating", "--test", "launch", test], cwd=copy, env=env,
                                      capture_output=True, text=True)
                said = done.stdout + done.stderr
                verdict = "NOT SEEN" if done.returncode == 0 else "seen" if "test result: FAILED" in said else "DOES NOT BUILD"
                if verdict == "DOES NOT BUILD":
                    verdict += "\n" + "\n".join(l for l in said.splitlines() if l.startswith("error"))
            except LookupError as why:
                verdict = f"DOES NOT FIT: {why}"
            bad += verdict != "seen"
            print(f"{test:52} {verdict}", flush=True)
            for file, text in kept.items():
                (copy / file).write_text(text)
    print(f"{len(wanted) - bad} of {len(wanted)} breaks were seen")
    return 1 if bad else 0


sys.exit(main())
