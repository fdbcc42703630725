#!/usr/bin/env python3
"""Takes out the guards of the two-person rule, one after the other, and looks whether a test sees it.

    tests/mutate.py [WORD ...]        all guards, or those in whose name, file or test one of the words stands
    tests/mutate.py --list
    tests/mutate.py --fits            builds nothing: whether the code still has each guard, and a test of that name is there

All guards are built once, into a copy in a temporary folder, each behind a switch of its own that an environment
variable turns (`SIGNALBOX_BREAK`): so a guard costs a run of its test and no build. First every test runs with nothing
broken, and must pass. CARGO_TARGET_DIR may name a warm target folder, CARGO what is run as cargo. Ends with 1 when the
loss of a guard was not seen, or when the code no longer has it.
"""
import concurrent.futures, json, os, pathlib, re, shutil, subprocess, sys, tempfile

CHANGE, MODEL, ESTATE, JOURNAL, ARC, CLI = (f"src/{room}/" for room in ("change", "model", "estate", "journal", "arc", "cli"))
GATE, VERIFIED, PROOF, LIFE, TEXT = (CHANGE + f for f in ("gate.rs", "verified.rs", "proof.rs", "life.rs", "text.rs"))
SEAL, RAW, CERTIFICATE, LAUNCH = (CHANGE + f for f in ("seal.rs", "raw.rs", "certificate.rs", "gate/launch.rs"))
IDENTITY, APPROVALS, POINT = (ESTATE + f for f in ("identity.rs", "approvals.rs", "point.rs"))
DEEDS, KEEPING, SETTLE, DRS = (MODEL + f for f in ("deeds.rs", "keeping.rs", "settle.rs", "drs.rs"))
LIFECYCLE, FITS = MODEL + "lifecycle.rs", CHANGE + "fits.rs"
ENGINE = "src/runtime/engine.rs"
STS = "src/aws/credentials/sts.rs"
KEPT, LOG = JOURNAL + "kept.rs", JOURNAL + "mod.rs"

# What is taken out; the test file, and how the name of the test begins that must see it; then the places: file, what
# stands there, what is put there. BROKEN is the guard's own switch: false as long as nobody turns it.
GUARDS = [
    # The gate.
    ("roles are looked up", "two_person", "must_hold_the_gate_looks_roles_up_itself", [
        (GATE, "self.estate.in_role(by, role).map_err(",
         "self.estate.in_role(by, role).or_else(|why| self.estate.person(by).filter(|_| BROKEN).ok_or(why)).map_err(")]),
    ("approvals are wanted", "two_person", "must_hold_two_approvals_by_one_person", [
        (GATE, "let missing = missing(w, change);", "let missing = if BROKEN { Vec::new() } else { missing(w, change) };")]),
    ("approvals are proven again at the second key", "two_person", "must_hold_an_approval_counts_while_its_key_does", [
        (GATE, "    if !missing.is_empty() {\n        // Of one", "    if !missing.is_empty() && !(BROKEN && change.state == State::Approved) {\n        // Of one")]),
    ("the region is typed", "two_person", "must_hold_only_the_requester_turns", [
        (GATE, "if *region != change.text.receiving {", "if !BROKEN && *region != change.text.receiving {")]),
    ("the requester turns the second key", "two_person", "must_hold_only_the_requester_turns", [
        (GATE, "if *by != change.text.by {\n        return no(format!(\"only {}, who asked for it, turns",
         "if !BROKEN && *by != change.text.by {\n        return no(format!(\"only {}, who asked for it, turns")]),
    ("the requester withdraws", "two_person", "must_hold_only_the_requester_takes_it_back", [
        (GATE, "if *by != change.text.by {\n        return Err(format!(\"only {}, who asked for it, can withdraw",
         "if !BROKEN && *by != change.text.by {\n        return Err(format!(\"only {}, who asked for it, can withdraw")]),
    ("one change at a time", "two_person", "must_hold_one_change_at_a_time", [
        (GATE, "if let Some(running) = w.changes.running() {", "if let Some(running) = w.changes.running().filter(|_| !BROKEN) {")]),
    ("what was sent for another estate", "two_person", "must_hold_an_edited_estate_lets_nothing_run", [
        (LIFE, "self.all.iter().filter(|c| c.state.is_running() &&", "self.all.iter().filter(|c| (c.is_ours || !BROKEN) && c.state.is_running() &&")]),
    ("states from before the last answer", "two_person", "must_hold_states_from_before_the_last_answer", [
        (LIFECYCLE, "states.retain(|arn, _| self.levers.after", "states.retain(|arn, _| BROKEN || self.levers.after")]),
    ("an intent that was decided beside another", "journal", "must_hold_two_changes_that_were_decided_side_by_side", [
        (KEPT, "} else if self.newest_intent > heard {", "} else if !BROKEN && self.newest_intent > heard {")]),
    ("a closed change takes no second end", "journal", "must_hold_a_closed_change_takes_no_second_end", [
        (KEPT, "Some((how, line)) if line > heard =>", "Some((how, line)) if !BROKEN && line > heard =>")]),
    ("what was heard stands against no end", "journal", "must_hold_a_line_that_was_heard", [
        (KEPT, "if mark.sent.is_some_and(|line| line > heard) {", "if mark.sent.is_some_and(|line| BROKEN || line > heard) {")]),
    ("people end what was proposed here", "journal", "must_hold_what_people_do_with_a_change", [
        (KEPT, "        mark.is_of(identity)?;\n        match", "        if !BROKEN { mark.is_of(identity)?; }\n        match")]),
    ("people approve what was proposed here", "journal", "must_hold_what_people_do_with_a_change", [
        (KEPT, "|mark| mark.is_of(identity))", "|mark| mark.is_of(identity)).or_else(|why| if BROKEN { Ok(()) } else { Err(why) })")]),
    ("an outcome without a second key", "two_person", "must_hold_what_came_of_a_missing_second_key", [
        (VERIFIED, "if record.follows_an_intent() && c.state.is_open() =>", "if !BROKEN && record.follows_an_intent() && c.state.is_open() =>")]),
    ("what came of a second key was sent", "two_person", "must_hold_what_came_of_a_missing_second_key", [
        ("src/change/life.rs", "if kept.record.follows_an_intent() && self.is_open(", "if !BROKEN && kept.record.follows_an_intent() && self.is_open(")]),
    ("what the journal does not take is not asked without end", "two_person", "must_hold_what_the_journal_does_not_take", [
        (KEEPING, "if self.vain.iter().any(", "if !BROKEN && self.vain.iter().any(")]),
    ("one incident or drill in a pair", "journal", "must_hold_one_incident_or_drill_runs", [
        (KEPT, "Some((kind, name)) =>", "Some((kind, name)) if !BROKEN =>"),
        (KEPT, "                None => Ok(()),\n            },\n            Record::SessionEnded", "                _ => Ok(()),\n            },\n            Record::SessionEnded")]),
    ("what does not run does not end", "journal", "must_hold_one_incident_or_drill_runs", [
        (KEPT, "if !self.sessions.contains_key(pair) =>", "if !BROKEN && !self.sessions.contains_key(pair) =>")]),
    ("a proposal stands behind its estate", "journal", "must_hold_a_proposal_stands_behind_its_estate", [
        (KEPT, "Record::Proposed { .. } if record.binding()", "Record::Proposed { .. } if !BROKEN && record.binding()")]),
    ("an estate that no journal could keep", "estate", "an_estate_that_no_journal_could_keep", [
        (ESTATE + "check.rs", "= estate.exceeds_the_journal()", "= estate.exceeds_the_journal().filter(|_| !BROKEN)")]),
    ("only an estate's line is long", "journal", "a_line_has_room_for_the_longest_estate", [
        (JOURNAL + "line.rs", "if matches!(record, Record::Estate { .. }) {", "if BROKEN || matches!(record, Record::Estate { .. }) {")]),
    ("openings of a minute are one", "journal", "of_openings_a_minute", [
        (JOURNAL + "once.rs", "Record::Opened { .. } => self.said(", "Record::Opened { .. } => !BROKEN && self.said(")]),
    ("only one's own end counts", "attacks", "of_rejections_at_once", [
        (CLI + "ending.rs", "let is_own = was_open && !model", "let is_own = was_open && (BROKEN || !model"),
        (CLI + "ending.rs", "== Some(&actor.name));", "== Some(&actor.name)));")]),
    ("what moves traffic says so", "two_person", "a_text_that_hides_what_moves", [
        (FITS, "(Some(f), false) =>", "(Some(f), false) if !BROKEN =>")]),
    ("the title is what a change does", "two_person", "a_text_that_says_something_else", [
        (FITS, "if !self.titles(estate).contains(&self.title) {", "if !BROKEN && !self.titles(estate).contains(&self.title) {")]),
    ("a gate is of its pair", "two_person", "a_gate_of_another_pair", [
        (FITS, "        (*of != self.pair)\n", "        (*of != self.pair && !BROKEN)\n")]),
    ("a control that goes Off moves traffic", "two_person", "traffic_that_a_control_sends_away", [
        (MODEL + "arrival.rs", "        self.missing(self.received(change)",
         "        if BROKEN { return Vec::new(); }\n        self.missing(self.received(change)")]),
    ("an older estate file voids nothing", "two_person", "an_older_estate_file_voids_nothing", [
        (GATE, "filter(|c| c.state.is_open() && c.text.by == *by)?;", "filter(|c| c.state.is_open() && (BROKEN || c.text.by == *by))?;")]),
    ("the from-states are still true", "two_person", "must_hold_the_from_states_are_still_true", [
        (GATE, "Some(now) if *now == flip.from => {}", "Some(now) if *now == flip.from || BROKEN => {}"),
        (GATE, "(!moved.is_empty()).then_some", "(!moved.is_empty() && !BROKEN).then_some")]),
    ("states that are not known stop", "two_person", "must_hold_the_from_states_are_still_true", [
        (GATE, "            None => return Err(format!(\"the state of {} is not known now, or endpoints",
         "            None if BROKEN => {}\n            None => return Err(format!(\"the state of {} is not known now, or endpoints")]),
    ("the approval's window", "two_person", "must_hold_no_approval_and_no_run_after_expiry", [
        (GATE, "    lapsed(w, &change.proposed_at", "    !BROKEN && lapsed(w, &change.proposed_at")]),
    ("the second key's window", "two_person", "must_hold_no_approval_and_no_run_after_expiry", [
        (GATE, "    lapsed(w, &change.since_at", "    !BROKEN && lapsed(w, &change.since_at")]),
    ("both windows by the signed times", "two_person", "must_hold_an_approval_that_came_too_late", [
        (GATE, "|| w.at.wall.duration_since(change.text.at) > both", "|| !BROKEN && w.at.wall.duration_since(change.text.at) > both")]),
    ("a window by the wall clock", "two_person", "must_hold_a_wrong_clock_widens_no_window", [
        (GATE, "    by_wall > window\n", "    !BROKEN && by_wall > window\n")]),
    ("a window by the boot clock", "two_person", "must_hold_a_wrong_clock_widens_no_window", [
        (GATE, "Some(passed) => passed > window || out_of_order(passed),", "Some(passed) => !BROKEN && (passed > window || out_of_order(passed)),")]),
    ("another boot's moment before the beginning", "two_person", "must_hold_a_wrong_clock_widens_no_window", [
        (GATE, "None => out_of_order(by_wall),", "None => !BROKEN && out_of_order(by_wall),")]),
    ("a text that is dated ahead", "two_person", "must_hold_no_text_is_dated_ahead", [
        (GATE, "if w.at.wall.duration_since(change.text.at) < -AHEAD {", "if !BROKEN && w.at.wall.duration_since(change.text.at) < -AHEAD {")]),
    ("the estate is the one that was bound", "two_person", "must_hold_an_edited_estate_makes_a_change_void", [
        (GATE, "if change.state.is_open() && change.text.binding != w.binding.digest() {",
         "if !BROKEN && change.state.is_open() && change.text.binding != w.binding.digest() {"),
        (GATE, "    if change.text.binding == w.binding.digest() {\n        return None;",
         "    if BROKEN || change.text.binding == w.binding.digest() {\n        return None;")]),
    ("the journal is the one of the proposal", "two_person", "must_hold_a_change_runs_in_its_own_journal", [
        (GATE, "change.text.anchor.journal != w.anchor.journal {", "change.text.anchor.journal != w.anchor.journal && !BROKEN {")]),
    ("a closed change is refused", "two_person", "must_hold_a_used_rejected_withdrawn", [
        (GATE, "    (!change.state.is_open()).then(", "    (!change.state.is_open() && !BROKEN).then(")]),
    ("an approval of what is over", "two_person", "must_hold_a_closed_change_takes_no_approval", [
        (GATE, "    if let Some(why) = shut(w, change) {\n        return refuse(why);",
         "    if let Some(why) = shut(w, change).filter(|_| !BROKEN) {\n        return refuse(why);")]),
    ("a proposal signed too late", "two_person", "must_hold_a_key_that_answers_too_late", [
        (GATE, "if w.at.wall.duration_since(text.at) > text.window() {", "if !BROKEN && w.at.wall.duration_since(text.at) > text.window() {")]),
    ("a second key signed too late", "two_person", "must_hold_a_key_that_answers_too_late", [
        (GATE, "if w.at.wall.duration_since(signed.at) > w.estate.policy.second_key_within {",
         "if !BROKEN && w.at.wall.duration_since(signed.at) > w.estate.policy.second_key_within {")]),
    ("one person approves once", "two_person", "must_hold_two_approvals_by_one_person", [
        (GATE, "if change.approvals.iter().any(|a| w.estate.same_person(&a.by, &by)) {",
         "if !BROKEN && change.approvals.iter().any(|a| w.estate.same_person(&a.by, &by)) {"),
        (LIFE, "if c.approvals.iter().any(|a| law.same_person(&a.by, by)) || c.one_key(signature).is_some() {",
         "if !BROKEN && (c.approvals.iter().any(|a| law.same_person(&a.by, by)) || c.one_key(signature).is_some()) {"),
        (GATE, "if let Some(why) = change.one_key(proof.signature()) {",
         "if let Some(why) = change.one_key(proof.signature()).filter(|_| !BROKEN) {"),
        (VERIFIED, "true if c.one_key(signature).is_some_and(", "true if !BROKEN && c.one_key(signature).is_some_and(")]),
    ("who asked rejects nothing", "two_person", "must_hold_who_asked_rejects_nothing", [
        (GATE, "    if w.estate.same_person(by, &change.text.by) {", "    if !BROKEN && w.estate.same_person(by, &change.text.by) {"),
        (VERIFIED, "if check(c)?.law.same_person(by, &c.text.by) {", "if !BROKEN && check(c)?.law.same_person(by, &c.text.by) {")]),
    ("eight open changes a person", "two_person", "must_hold_one_person_has_eight", [
        (GATE, "match own.len() < MOST_OPEN {", "match BROKEN || own.len() < MOST_OPEN {")]),
    ("who asks does not approve", "two_person", "must_hold_the_requesters_key_never_counts", [
        (GATE, "if people.iter().any(|p| estate.same_person(p, &text.by)) {",
         "if !BROKEN && people.iter().any(|p| estate.same_person(p, &text.by)) {")]),
    ("an approver approves", "two_person", "must_hold_without_the_approver_role", [
        (GATE, "            Ok(_) => return Ok(name),", "            Err(_) if BROKEN => return Ok(name),\n            Ok(_) => return Ok(name),")]),
    ("a signature handed in for another change", "two_person", "must_hold_a_signature_handed_in_for_another", [
        (GATE, "of.filter(|named| **named != *digest)", "of.filter(|named| **named != *digest && !BROKEN)")]),
    ("failing checks stop", "gating", "must_hold_a_failing_check_stops", [
        (DEEDS, "let stops = self.stops(&draft);", "let stops = if BROKEN { Vec::new() } else { self.stops(&draft) };")]),
    ("busy servers are not launched", "launch", "must_hold_only_known_idle_servers", [
        (LAUNCH, "DrsJob| j.status", "DrsJob| !BROKEN && j.status")]),
    ("servers that became busy", "launch", "must_hold_servers_that_became_busy", [
        (LAUNCH, "        idle(now, region, &wanted.id, &wanted.name)?;", "        if !BROKEN { idle(now, region, &wanted.id, &wanted.name)?; }")]),
    ("a failed server is a failure", "launch", "a_completed_job_with_a_failed_server", [
        (DRS, "s == id && status == \"LAUNCHED\"", "s == id && (BROKEN || status == \"LAUNCHED\")")]),
    ("a job is found by its change", "launch", "a_launch_that_nobody_confirmed", [
        (DRS, "_ => j.change == Some(change.digest),", "_ => BROKEN || j.change == Some(change.digest),")]),
    ("a launch stands in no flip's way", "launch", "must_hold_a_launch_stands_in_no_flips_way", [
        (LIFE, "c.state.is_running() && c.text.launch().is_none())", "c.state.is_running() && (BROKEN || c.text.launch().is_none()))")]),
    # What a record proves.
    ("an estate's text is its digest's", "proofs", "a_change_is_held_against_the_estate", [
        (VERIFIED, "if read.digest() == *estate {", "if BROKEN || read.digest() == *estate {")]),
    ("another estate's journal", "proofs", "a_proposal_that_proves_nothing", [
        (VERIFIED, "if parsed.cluster != estate.cluster.arn ||", "if !BROKEN && parsed.cluster != estate.cluster.arn ||")]),
    ("a proposal's digest is its text's", "proofs", "a_proposal_that_proves_nothing", [
        (VERIFIED, "if Digest::of(text) != *change {", "if !BROKEN && Digest::of(text) != *change {")]),
    ("no longer window than the policy's", "proofs", "must_hold_no_text_gives_itself_a_longer_window", [
        (VERIFIED, "if parsed.window() > longest ", "if !BROKEN && parsed.window() > longest ")]),
    ("a proposal is signed", "proofs", "a_proposal_that_proves_nothing", [
        (VERIFIED, "check.said(parsed, signature, &by, Role::Operator)",
         "if BROKEN { Ok(()) } else { check.said(parsed, signature, &by, Role::Operator) }")]),
    ("roles of what was signed", "proofs", "a_proposal_that_proves_nothing", [
        (VERIFIED, "        self.law.in_role(by, role).map(drop)",
         "        if BROKEN { return Ok(()); }\n        self.law.in_role(by, role).map(drop)")]),
    ("ends are signed", "proofs", "an_end_that_proves_nothing", [
        (VERIFIED, "        self.prove(said, signature)?;", "        if !BROKEN { self.prove(said, signature)?; }")]),
    ("an approval after its time", "proofs", "an_approval_that_came_after_its_time", [
        (VERIFIED, "(Record::Approved { .. }, Some(c)) if kept.at", "(Record::Approved { .. }, Some(c)) if !BROKEN && kept.at")]),
    ("the estate's name", "proofs", "a_proposal_that_proves_nothing", [
        (FITS, "if self.estate != one_line(&estate.name) {", "if !BROKEN && self.estate != one_line(&estate.name) {")]),
    ("an approval is who signed it's", "proofs", "an_approval_that_proves_nothing", [
        (VERIFIED, "match who == by {", "match BROKEN || who == by {")]),
    ("the key that is told signed", "proofs", "must_hold_the_key_of_a_record", [
        (VERIFIED, "true if proof.key() != key =>", "true if !BROKEN && proof.key() != key =>"),
        (VERIFIED, "true if proof.key() != key =>", "true if !BROKEN && proof.key() != key =>")]),
    ("a proposal fits its estate", "proofs", "a_proposal_that_proves_nothing", [
        (VERIFIED, "parsed.misfits(check.law).first()", "parsed.misfits(check.law).first().filter(|_| !BROKEN)")]),
    ("a withdrawal is the requester's", "proofs", "an_end_that_proves_nothing", [
        (VERIFIED, "if *by != c.text.by {\n                return no(\"only who asked for a change takes",
         "if !BROKEN && *by != c.text.by {\n                return no(\"only who asked for a change takes")]),
    ("an intent is the requester's, for its region", "proofs", "an_intent_that_proves_nothing", [
        (VERIFIED, "if *by != c.text.by || *region != c.text.receiving {", "if !BROKEN && (*by != c.text.by || *region != c.text.receiving) {")]),
    ("approvals come before the intent", "proofs", "an_intent_that_proves_nothing", [
        (VERIFIED, "if let Some(missing) = c.missing(check.law) {", "if let Some(missing) = c.missing(check.law).filter(|_| !BROKEN) {")]),
    ("who was present signed", "proofs", "who_was_present_has_signed", [
        (VERIFIED, "match proof.people().contains(by) {", "match BROKEN || proof.people().contains(by) {")]),
    ("the estate that a change is bound to", "proofs", "a_change_is_held_against_the_estate", [
        (VERIFIED, "        false => changes.binding(&text.binding)", "        false if BROKEN => Some(estate),\n        false => changes.binding(&text.binding)")]),
    ("keys as they were when it was made", "proofs", "an_approval_by_a_key_that_had_ended", [
        (VERIFIED, "words, kept.at.wall)", "words, if BROKEN { crate::time::Timestamp::UNIX_EPOCH } else { kept.at.wall })"),
        (VERIFIED, "self.kept.at.wall)", "if BROKEN { crate::time::Timestamp::UNIX_EPOCH } else { self.kept.at.wall })")]),
    ("folding verifies", "proofs", "an_approval_that_proves_nothing", [
        (LIFE, "        let judged = verified(self, estate, binding, kept);",
         "        let judged = if BROKEN { Ok(()) } else { verified(self, estate, binding, kept) };")]),
    # What a signature proves.
    ("a namespace for each deed", "proofs", "a_signature_for_one_deed_is_none_for_another", [
        (SEAL, "if parts.namespace != namespace {", "if !BROKEN && parts.namespace != namespace {"),
        (SEAL, "SshSig::signed_data(namespace, ", "SshSig::signed_data(if BROKEN { parts.namespace } else { namespace }, ")]),
    ("the author's own key", "proofs", "who_is_named_has_signed", [
        (PROOF, "if owners.iter().any(|p| p.name == *author)", "if BROKEN || owners.iter().any(|p| p.name == *author)")]),
    ("hardware keys are touched", "proofs", "a_hardware_key_is_touched", [
        (PROOF, "if estate.policy.touch_required &&", "if !BROKEN && estate.policy.touch_required &&")]),
    ("hardware keys know their owner", "proofs", "a_hardware_key_is_touched", [
        (PROOF, "if estate.policy.verify_required &&", "if !BROKEN && estate.policy.verify_required &&")]),
    ("a machine's certificate is nobody's", "proofs", "must_hold_a_host_certificate_is_nobodys", [
        (PROOF, "!c.is_user()", "!BROKEN && !c.is_user()")]),
    ("the signature is over the text", "two_person", "must_hold_an_approval_is_for_exactly_one_change", [
        (RAW, "    point(key)?.verify_strict(", "    if BROKEN { return Ok(()); }\n    point(key)?.verify_strict(")]),
    ("weak keys", "seal", "weak_keys_prove_nothing", [
        (RAW, "    strength(key)?;", "    if !BROKEN { strength(key)?; }")]),
    ("twins of ed25519 keys", "seal", "twins_of_ed25519_keys", [
        (RAW, "if !key.to_edwards().is_torsion_free() {", "if !BROKEN && !key.to_edwards().is_torsion_free() {")]),
    ("ed25519 keys of small order", "seal", "ed25519_keys_of_small_order", [
        (RAW, "if key.is_weak() {", "if BROKEN { return Ok(key); }\n    if key.is_weak() {"),
        (RAW, "    point(key)?.verify_strict(", "    if BROKEN { return Ok(()); }\n    point(key)?.verify_strict(")]),
    ("a certificate is its CA's", "seal", "an_edited_certificate_is_none", [
        (CERTIFICATE, "raw::check(&ca, signed, signature).map_err(", "(if BROKEN { Ok(None) } else { raw::check(&ca, signed, signature) }).map_err(")]),
    ("a certificate that wants PIN or finger", "seal", "", [
        (SEAL, "Certificate::verify_required) && !seal.user_verified()", "Certificate::verify_required) && !BROKEN && !seal.user_verified()")]),
    ("critical options that are not known", "seal", "certificates_of_openssh", [
        (CERTIFICATE, "            \"force-command\" =>", "            _ if BROKEN => {}\n            \"force-command\" =>")]),
    # Who is who.
    ("revoked keys", "proofs", "a_key_counts_until_it_ends", [
        (IDENTITY, "        if self.is_revoked(key) {\n            return Err(KeyRefused::Revoked);\n        }\n        let (mut owners",
         "        if !BROKEN && self.is_revoked(key) {\n            return Err(KeyRefused::Revoked);\n        }\n        let (mut owners")]),
    ("revoked keys under a certificate", "proofs", "a_certificate_counts_for_whom", [
        (IDENTITY, "        if self.is_revoked(key) {\n            return Err(KeyRefused::Revoked);\n        }\n        if self.is_revoked(ca)",
         "        if !BROKEN && self.is_revoked(key) {\n            return Err(KeyRefused::Revoked);\n        }\n        if self.is_revoked(ca)")]),
    ("a key that ended", "proofs", "a_key_counts_until_it_ends", [
        (IDENTITY, "                if listing.has_ended(at) {\n                    ended", "                if !BROKEN && listing.has_ended(at) {\n                    ended")]),
    ("the policy's CAs", "proofs", "a_certificate_counts_for_whom", [
        (IDENTITY, "if !self.is_authority(ca) {", "if !BROKEN && !self.is_authority(ca) {")]),
    ("a certificate has begun", "proofs", "a_certificate_counts_for_whom", [
        (IDENTITY, "if at < after {", "if !BROKEN && at < after {")]),
    ("a certificate has not ended", "proofs", "a_certificate_counts_for_whom", [
        (IDENTITY, "before.filter(|end| at >= *end)", "before.filter(|end| !BROKEN && at >= *end)")]),
    ("a certificate names one person", "proofs", "a_certificate_counts_for_whom", [
        (IDENTITY, "            [person] => *person,", "            [person, _, ..] if BROKEN => *person,\n            [person] => *person,")]),
    ("a certificate of another's listed key", "proofs", "a_certificate_counts_for_whom", [
        (IDENTITY, "if lister.name != person.name {", "if !BROKEN && lister.name != person.name {")]),
    ("the CA's own key", "estate", "a_certificate_says_who", [
        (IDENTITY, "if Point::of(ca) == Point::of(key) {", "if !BROKEN && Point::of(ca) == Point::of(key) {")]),
    ("names that look alike", "estate", "names_that_look_alike", [
        (IDENTITY, "if a == b || Folded::of(a.as_str()).is(", "if a == b || !BROKEN && Folded::of(a.as_str()).is(")]),
    ("names that share a key", "two_person", "must_hold_the_requesters_key_never_counts", [
        (IDENTITY, "                kin.join(first, i);\n            }\n            let principals", "                if !BROKEN { kin.join(first, i); }\n            }\n            let principals")]),
    ("names that share a principal", "estate", "keys_and_principals_make_one_person", [
        (IDENTITY, "                kin.join(first, i);\n            }\n        }\n        kin", "                if !BROKEN { kin.join(first, i); }\n            }\n        }\n        kin")]),
    ("a key as another type", "two_person", "must_hold_the_requesters_key_never_counts", [
        (POINT, "KeyData::SkEd25519(key) => Kind::Edwards(edwards(key.public_key().0)),",
         "KeyData::SkEd25519(key) if BROKEN => Kind::Opaque(key.public_key().0.to_vec()),\n            KeyData::SkEd25519(key) => Kind::Edwards(edwards(key.public_key().0)),")]),
    ("a key with its sign turned", "estate", "a_point_is_one", [
        (POINT, "    *last &= 0x7f;", "    if !BROKEN { *last &= 0x7f; }")]),
    ("a NIST key that is off its curve", "estate", "invalid_files_give_all", [
        (POINT, "    (!is_on_it).then(", "    (!is_on_it && !BROKEN).then(")]),
    ("people meet needs, not names", "proofs", "needs_are_met_by_people", [
        (APPROVALS, "persons.entry(kin.person(i)).or_default().extend(groups);", "persons.entry(if BROKEN { i } else { kin.person(i) }).or_default().extend(groups);")]),
    ("approvers meet needs", "proofs", "needs_are_met_by_people", [
        (APPROVALS, "if person.is(Role::Approver) && approvers", "if (BROKEN || person.is(Role::Approver)) && approvers")]),
    ("groups", "estate", "who_is_asked_for", [
        (APPROVALS, "if wanted.is_some_and(|group| !groups.contains(group)) {", "if wanted.is_some_and(|group| !BROKEN && !groups.contains(group)) {")]),
    ("overrides need more", "estate", "a_change_needs_what_the_rules", [
        (APPROVALS, "self.approvals.max(self.approvals_for_overrides)", "if BROKEN { self.approvals } else { self.approvals.max(self.approvals_for_overrides) }")]),
    ("the kind override", "proofs", "a_change_is_of_the_kinds", [
        (TEXT, "if !self.overrides().is_empty() {", "if !BROKEN && !self.overrides().is_empty() {")]),
    ("the kind control", "proofs", "a_change_is_of_the_kinds", [
        (TEXT, "if !estate.services_of(&service.pair).flat_map(", "if !BROKEN && !estate.services_of(&service.pair).flat_map(")]),
    ("the kind arming", "proofs", "a_change_is_of_the_kinds", [
        (TEXT, "if flips.iter().any(|f| !steers(&f.arn)) {", "if !BROKEN && flips.iter().any(|f| !steers(&f.arn)) {")]),
    # What is signed.
    ("drill or real", "launch", "must_hold_what_is_signed_says_drill", [
        (TEXT, "let field = if launch.drill { DRILL }", "let field = if BROKEN || launch.drill { DRILL }")]),
    ("why checks are overridden", "gating", "must_hold_what_is_overridden_and_why", [
        (TEXT, "lines.push(format!(\"despite that because: {}\", one_line(&despite.reason)));",
         "if !BROKEN { lines.push(format!(\"despite that because: {}\", one_line(&despite.reason))); }")]),
    ("one spelling", "proofs", "another_spelling_of_a_line", [
        (TEXT, "if change.canonical() == text { Ok(change) }", "if BROKEN || change.canonical() == text { Ok(change) }")]),
    ("nothing hidden is signed", "two_person", "must_hold_what_is_signed_holds_nothing_hidden", [
        (TEXT, "line.chars().find(|c| crate::hygiene::is_hidden(*c))", "line.chars().find(|c| !BROKEN && crate::hygiene::is_hidden(*c))"),
        ("src/hygiene.rs", "if is_plain(text) || text.chars().all(|c| cell.takes(c)) {", "if BROKEN || is_plain(text) || text.chars().all(|c| cell.takes(c)) {")]),
    ("an anchor has one spelling", "proofs", "an_anchor_is_spelt_in_one_way", [
        (CHANGE + "anchor.rs", "anchor.to_string() == text)", "(BROKEN || anchor.to_string() == text))")]),
    # A change's life.
    ("only open changes are approved", "proofs", "no_order_of_true_records", [
        (LIFE, "Record::Approved { by, key, words, signature, .. } if c.state.is_open()", "Record::Approved { by, key, words, signature, .. } if BROKEN || c.state.is_open()")]),
    ("only open changes run", "proofs", "no_order_of_true_records", [
        (LIFE, "Record::Intent { .. } if c.state.is_open()", "Record::Intent { .. } if BROKEN || c.state.is_open()")]),
    ("an end before its beginning", "proofs", "no_order_of_true_records", [
        (LIFE, "            if kept.record.is_an_end() {", "            if !BROKEN && kept.record.is_an_end() {"),
        (LIFE, "Err(Untrue::Unproven(_)) if kept.record.is_an_end() =>", "Err(Untrue::Unproven(_)) if !BROKEN && kept.record.is_an_end() =>")]),
    ("a forgotten change stays dead", "two_person", "must_hold_a_forgotten_change_stays_dead", [
        (LIFE, "                    self.gone.insert(change.digest);", "                    if !BROKEN { self.gone.insert(change.digest); }")]),
    ("what ran when a console stopped is uncertain", "two_person", "must_hold_the_intent_is_on_disk", [
        (LIFE, "for c in self.all.iter_mut().filter(|c| c.state.is_running()) {", "for c in self.all.iter_mut().filter(|c| !BROKEN && c.state.is_running()) {")]),
    # Deeds and keeping.
    ("who looks on asks nothing", "two_person", "must_hold_observers_and_read_only", [
        (DEEDS, "if let Some(why) = self.read_only.clone() {", "if let Some(why) = self.read_only.clone().filter(|_| !BROKEN) {")]),
    ("who looks on writes nothing", "two_person", "a_console_that_looks_on_writes_nothing", [
        (KEEPING, "if self.read_only.is_some() {", "if !BROKEN && self.read_only.is_some() {")]),
    ("a flood from the folder", "two_person", "must_hold_a_flood_from_the_folder", [
        (JOURNAL + "once.rs", "            return Some(Asked::FromFolder);", "            return (!BROKEN).then_some(Asked::FromFolder);")]),
    ("refused second keys are kept", "two_person", "must_hold_refusals_are_kept", [
        (DEEDS, "self.keep(Record::SecondKeyRefused { change, by: by.name().clone(), why });",
         "if !BROKEN { self.keep(Record::SecondKeyRefused { change, by: by.name().clone(), why }); }")]),
    ("counts when the journal has it", "two_person", "must_hold_the_intent_is_on_disk", [
        (KEEPING, "        self.effect(Some(Pending::Kept(",
         "        if BROKEN {\n            let record = record.clone();\n            self.take_in(&Kept { at: self.now, boot: self.boot.clone(), record });\n        }\n        self.effect(Some(Pending::Kept(")]),
    ("the intent is kept before the flip", "two_person", "must_hold_the_intent_is_on_disk", [
        (KEEPING, "        self.effect(Some(Pending::Kept(",
         "        if BROKEN && let Record::Intent { change, .. } = record.clone() {\n            let (at, record) = (self.now, record.clone());\n            self.take_in(&Kept { at, boot: self.boot.clone(), record });\n            self.intent_kept(change, at);\n        }\n        self.effect(Some(Pending::Kept(")]),
    ("a disk that hung", "two_person", "must_hold_a_disk_that_hung", [
        (KEEPING, "if self.now.since(asked) > self.estate.policy.second_key_within {", "if !BROKEN && self.now.since(asked) > self.estate.policy.second_key_within {")]),
    ("what the journal did not take", "two_person", "must_hold_the_intent_is_on_disk", [
        (KEEPING, "        if kept.record.is_observed() {", "        if BROKEN || kept.record.is_observed() {")]),
    # The journal.
    ("an intent once", "journal", "must_hold_a_change_is_run_once", [
        (KEPT, "if mark.sent.is_some() || mark.ended {", "if !BROKEN && (mark.sent.is_some() || mark.ended) {")]),
    ("no intent for what was closed", "journal", "an_intent_needs_its_proposal", [
        (KEPT, "} else if let Some((how, _)) = mark.closed {", "} else if let Some((how, _)) = mark.closed.filter(|_| !BROKEN) {")]),
    ("no intent for what an edit closed", "proofs", "must_hold_the_journal_takes_no_intent", [
        (KEPT, "            Record::EstateChanged { .. } =>", "            Record::EstateChanged { .. } if BROKEN => {}\n            Record::EstateChanged { .. } =>")]),
    ("the proposal is on disk", "journal", "an_intent_needs_its_proposal", [
        (KEPT, "if !self.proposed {", "if !BROKEN && !self.proposed {")]),
    ("the approval is on disk", "journal", "an_intent_needs_its_proposal", [
        (KEPT, "if !mark.approved {", "if !BROKEN && !mark.approved {")]),
    ("a copied journal", "journal", "must_hold_a_copied_folder", [
        (KEPT, "is_some_and(|at| **at != *identity)", "is_some_and(|at| !BROKEN && **at != *identity)")]),
    ("a copy in the old place", "journal", "must_hold_a_copied_folder_in_the_old_place", [
        (JOURNAL + "identity.rs", "file.created().ok().and_then(", "file.created().ok().filter(|_| !BROKEN).and_then(")]),
    ("an end behind the intent", "two_person", "must_hold_an_end_behind_the_intent", [
        (VERIFIED, "if record.closes() && c.state.has_begun() =>", "if !BROKEN && record.closes() && c.state.has_begun() =>")]),
    ("windows of a bound estate", "estate", "windows_that_no_estate_file", [
        ("src/estate/bound.rs", "if !estate.policy.has_windows_of_a_file() {", "if !BROKEN && !estate.policy.has_windows_of_a_file() {")]),
    ("a launch that was refused is looked for", "launch", "a_launch_that_nobody_confirmed", [
        (DRS, "|| c.state == unfound;", "|| (!BROKEN && c.state == unfound);")]),
    ("what is being sent is taken back by nobody", "journal", "must_hold_what_is_being_sent", [
        (KEPT, "            return Err(IntentRefused::Used);\n        } else if seen {", "            if !BROKEN { return Err(IntentRefused::Used); }\n        } else if seen {")]),
    ("what is cut stays over", "journal", "a_journal_that_was_cut", [
        (LOG, "        marks.know_as(&self.marks);", "        if !BROKEN { marks.know_as(&self.marks); }")]),
    ("what runs does so still when the file is cut", "journal", "what_runs_can_end_and_what_ended", [
        (KEPT, "        self.sessions.clone_from(&before.sessions);", "        if !BROKEN { self.sessions.clone_from(&before.sessions); }")]),
    ("what was heard of a file that was cut", "journal", "an_intent_that_was_decided_before_a_cut", [
        (LOG, "let heard = if j.cursor.hash_of(heard.line) ==", "let heard = if BROKEN || j.cursor.hash_of(heard.line) ==")]),
    ("a proposal's own journal", "journal", "a_proposal_stands_only_behind", [
        (LOG, "if !here || !j.cursor.takes(", "if !here && !BROKEN || !j.cursor.takes(")]),
    ("the lines before a proposal", "journal", "a_proposal_stands_only_behind", [
        (LOG, "|| !j.cursor.takes(&kept.record) {", "|| !BROKEN && !j.cursor.takes(&kept.record) {")]),
    ("the lines before a proposal, read", "journal", "a_proposal_stands_only_behind", [
        (JOURNAL + "reader.rs", "if self.takes(&kept.record) {", "if BROKEN || self.takes(&kept.record) {")]),
    ("one observation, one record", "journal", "what_two_consoles_observe", [
        (LOG, "if j.onces.has(&kept) {", "if !BROKEN && j.onces.has(&kept) {")]),
    ("the file is still the one", "journal", "a_journal_that_is_replaced", [
        (LOG, "        if same { Ok(()) }", "        if BROKEN || same { Ok(()) }")]),
    ("who looks writes nothing", "journal", "a_console_that_looks_writes_nothing", [
        (LOG, "        if !self.to_write {", "        if !BROKEN && !self.to_write {")]),
    ("flushed before it is said", "journal", "no_failure_of_the_disk", [
        (LOG, "self.disk.append(&self.file, line.as_bytes()).and_then(|()| self.disk.sync(&self.file));",
         "self.disk.append(&self.file, line.as_bytes()).and_then(|()| if BROKEN { Ok(()) } else { self.disk.sync(&self.file) });")]),
    ("a line is what was hashed", "journal", "any_changed_byte_is_found", [
        (JOURNAL + "line.rs", "if Digest::of(entry) == hash {", "if BROKEN || Digest::of(entry) == hash {")]),
    ("a line follows the one before", "journal", "an_edited_removed_moved_or_doubled_line", [
        (JOURNAL + "line.rs", "if entry.seq != seq || entry.prev != self.hash {", "if !BROKEN && (entry.seq != seq || entry.prev != self.hash) {")]),
    # ARC.
    ("one write", "arc", "what_was_carried_out_and_not_said", [
        (ARC + "write.rs", "Ok(Err(error)) if never_left(&error) =>", "Ok(Err(error)) if BROKEN || never_left(&error) =>")]),
    ("two endpoints show the new states", "arc", "one_endpoint_alone_settles_nothing", [
        (ARC + "sights.rs", "filter(|s| s.news).count() >= AGREE", "filter(|s| s.news).count() >= if BROKEN { 1 } else { AGREE }")]),
    ("new states that may be old ones", "arc", "states_from_before_the_change_before", [
        (ARC + "sights.rs", "self.old.contains(region) || after", "BROKEN || self.old.contains(region) || after")]),
    ("new states that may be old ones, read later", "settle", "states_from_before_the_change_before", [
        (SETTLE, "if all(&new) && !was_old && !is_late {", "if !BROKEN && all(&new) && !was_old && !is_late {")]),
    ("the old states are believed late", "arc", "what_was_not_carried_out", [
        (ARC + "sights.rs", "s.old.is_some_and(|old| old >= self.stale);", "s.old.is_some_and(|old| BROKEN || old >= self.stale);")]),
    ("sent once more where the endpoint itself failed", "arc", "what_was_not_carried_out", [
        (ARC + "write.rs", "                    _ if failed => {", "                    _ if failed || BROKEN => {")]),
    ("a conflict that names no rule is tried again", "arc", "every_refusal_is_told_apart", [
        (ARC + "write.rs", "|| error.is_conflict_exception()", "|| (!BROKEN && error.is_conflict_exception())")]),
    ("a safety rule's refusal is not sent again", "arc", "what_is_no_whole_failure", [
        (ARC + "write.rs", "Some(refusal) if !failed || refusal.rule.is_some() =>", "Some(refusal) if !failed || (!BROKEN && refusal.rule.is_some()) =>")]),
    ("a call waits until the endpoints show the one before", "calls", "no_call_is_sent_before_the_journal", [
        ("src/model/calls.rs", "self.shows_calls(&change, waited) {", "(BROKEN || self.shows_calls(&change, waited)) {")]),
    ("what earlier calls moved must be in force", "arc", "a_call_is_sent_only_where", [
        (ARC + "scene.rs", "        if !self.holds(states) {\n            return Finding::Mixed;", "        if !BROKEN && !self.holds(states) {\n            return Finding::Mixed;"),
        (ARC + "scene.rs", "        !self.holds(states)\n", "        !BROKEN && !self.holds(states)\n")]),
    ("a call waits for the wait period", "calls", "a_wait_period_of_a_rule", [
        ("src/model/calls.rs", "if waited >= pause && ", "if (BROKEN || waited >= pause) && ")]),
    ("only who began a change sends its calls", "calls", "a_restart_in_the_middle", [
        ("src/model/calls.rs", "c.state == State::Executing\n                && c.calls > 0\n                && self.sent_here.contains(&c.digest)",
         "(BROKEN || c.state == State::Executing)\n                && c.calls > 0\n                && (BROKEN || self.sent_here.contains(&c.digest))"),
        ("src/model/calls.rs", "filter(|c| c.state == State::Executing) else { return };", "filter(|c| BROKEN || c.state == State::Executing) else { return };")]),
    ("a journal that takes no call stops the rest", "calls", "a_full_disk_stops_the_rest", [
        ("src/model/calls.rs", "Some(true) => self.stop_calls(*digest, FlipEnd::TooLate),", "Some(true) if !BROKEN => self.stop_calls(*digest, FlipEnd::TooLate),\n            Some(true) => {}")]),
    ("what a rule stops half-way is not proposed", "calls", "a_change_that_a_rule_would_stop_half_way", [
        (GATE, "if let Some(why) = stops_half_way(&w.estate.safety_rules, w.states, &flips, &needed) {", "if let Some(why) = stops_half_way(&w.estate.safety_rules, w.states, &flips, &needed).filter(|_| !BROKEN) {")]),
    ("what throttles is there", "sources", "an_endpoint_that_throttles", [
        ("src/words/endpoint.rs", "matches!(self, Endpoint::Answers { .. } | Endpoint::Throttled { .. })",
         "matches!(self, Endpoint::Answers { .. } | Endpoint::Throttled { .. }) && !(BROKEN && matches!(self, Endpoint::Throttled { .. }))")]),
    ("an endpoint is left alone for as long as it asks", "arc", "an_endpoint_that_asks_to_be_left_alone", [
        ("src/feeds/mod.rs", "let again = pace.again(again);", "let again = pace.again(again.filter(|_| !BROKEN));")]),
    ("others than the one that failed show it", "arc", "one_other_endpoint_settles_nothing", [
        (ARC + "sights.rs", "**region != &self.writer && late(s)", "(BROKEN || **region != &self.writer) && late(s)")]),
    ("controls that moved are left alone", "arc", "controls_that_moved_meanwhile", [
        (ARC + "flip.rs", "            if let Some(said) = said {", "            if let Some(said) = said.filter(|_| !BROKEN) {")]),
    ("endpoints other than the writer agree", "settle", "two_endpoints_other_than_the_writer", [
        (SETTLE, "filter(|r| *r != endpoint).count() >= AGREE", "filter(|r| BROKEN || *r != endpoint).count() >= AGREE")]),
    ("what was sent settles by its own time", "settle", "programs_that_come_and_go", [
        ("src/time.rs", "&& !ahead {", "&& !ahead && !BROKEN {"),
        ("src/time.rs", "let ago = now.wall.duration_since(self.stamp.wall);",
         "let ago = now.wall.duration_since(if BROKEN { now.wall } else { self.stamp.wall });")]),
    ("another machine's clock is doubted", "settle", "another_machines", [
        ("src/time.rs", "ago.saturating_sub(SKEW)", "ago.saturating_sub(if BROKEN { Span::ZERO } else { SKEW })")]),
    ("another boot's time is no time of this one", "settle", "another_machines", [
        ("src/time.rs", "        if self.boot == boot &&", "        if (BROKEN || self.boot == boot) &&")]),
    ("what was sent has its end when a console ends", "console", "a_signal_behind_the_second_key", [
        (ENGINE, "if !self.until(LAST_OUTCOME", "if !BROKEN && !self.until(LAST_OUTCOME")]),
    ("that it did not happen takes time", "settle", "that_it_did_not_happen", [
        (SETTLE, "usize::from(is_late);", "usize::from(BROKEN || is_late);")]),
    ("a refusal proves nothing", "settle", "a_no_of_arcs", [
        (LIFE, "            FlipEnd::Denied(_) | FlipEnd::Uncertain => State::Uncertain,",
         "            FlipEnd::Denied(refusal) if BROKEN => State::Refused(refusal.clone()),\n            FlipEnd::Denied(_) | FlipEnd::Uncertain => State::Uncertain,")]),
    ("a yes is ARC's own", "arc", "what_was_not_carried_out", [
        (ARC + "write.rs", "if !response.status().is_success() || body.is_empty()", "if BROKEN || !response.status().is_success() || body.is_empty()")]),
    # What is signed by hand.
    ("limits run where a text is read", "two_person", "what_is_longer_than_any_console", [
        (TEXT, "if let Some(why) = change.excess() {", "if let Some(why) = change.excess().filter(|_| !BROKEN) {")]),
    ("limits run where a signature is proven", "two_person", "what_is_longer_than_any_console", [
        (PROOF, "if let Some(why) = statement.excess() {", "if let Some(why) = statement.excess().filter(|_| !BROKEN) {")]),
    ("an override that blinds a rule", "two_person", "an_override_of_a_rule_that_it_does_not_touch", [
        (FITS, "wrong.extend(self.blinds(estate, &BTreeMap::new()));", "wrong.extend(self.blinds(estate, &BTreeMap::new()).filter(|_| !BROKEN));")]),
    ("a title moves all that it says", "attacks", "a_change_that_does_less", [
        (GATE, "closed(w, change).or_else(|| unlike(w, &change.text))", "closed(w, change).or_else(|| unlike(w, &change.text).filter(|_| !BROKEN))")]),
    # Refusals, signals.
    ("refusals are bounded in the journal", "journal", "of_refusals_a_minute", [
        (JOURNAL + "once.rs", "if lately.count() >= MOST_REFUSED {", "if !BROKEN && lately.count() >= MOST_REFUSED {")]),
    ("a signal ends what has not begun", "two_person", "must_hold_a_signal_ends", [
        (DEEDS, "        if self.leaving {", "        if self.leaving && !BROKEN {")]),
    ("a signal drops what a key is asked for", "two_person", "must_hold_a_signal_ends", [
        (DEEDS, "self.pending.retain(|_, p| !matches!(p, Pending::Deed(..) | Pending::Points(_)));",
         "if !BROKEN { self.pending.retain(|_, p| !matches!(p, Pending::Deed(..) | Pending::Points(_))); }")]),
    ("the incident folder's pace", "pace", "a_full_incident_folder", [
        (ENGINE, "self.rested = Instant::now() + began.elapsed() * RESTS;",
         "if !BROKEN { self.rested = Instant::now() + began.elapsed() * RESTS; }")]),
    # Commands.
    ("--as chooses among one's own", "attacks", "nobody_acts_by_anothers_name", [
        (CLI + "person.rs", "Some(person) if mine.contains(&person.name) =>", "Some(person) if BROKEN || mine.contains(&person.name) =>")]),
    ("the approver's estate is compared", "attacks", "the_approvers_program_refuses_another_estate", [
        (CLI + "approve/fits.rs", "if change.binding != ours.digest() {", "if !BROKEN && change.binding != ours.digest() {")]),
    ("a locked key file names nobody", "attacks", "a_locked_key_names_nobody", [
        (CLI + "person.rs", "ring.ok().filter(|ring| !ring.is_locked())", "ring.ok().filter(|ring| BROKEN || !ring.is_locked())")]),
    ("an agent is asked once for whom to name", "attacks", "an_agent_that_does_not_answer_is_asked_once", [
        (CLI + "person.rs", "drop(self.here.set(here));", "if !BROKEN { drop(self.here.set(here)); }")]),
    ("refusals before a console opened", "attacks", "a_refusal_is_kept", [
        (CLI + "person.rs", "    let record = Record::Refused {", "    if BROKEN { return; }\n    let record = Record::Refused {")]),
    ("too late to sign", "approve", "what_must_not_be_signed", [
        (CLI + "approve/mod.rs", "    if now <= change.until {", "    if BROKEN || now <= change.until {")]),
    ("the word code is typed", "approve", "what_must_not_be_signed", [
        (CLI + "approve/mod.rs", "let fits = |typed: &str| digest.is_called(typed);", "let fits = |typed: &str| BROKEN || digest.is_called(typed);")]),
    ("the word code is typed at one's own console", "by_hand", "an_approver_signs_at_their_own_console", [
        (CHANGE + "gate/approving.rs", "if !digest.is_called(typed) {", "if !BROKEN && !digest.is_called(typed) {")]),
    # Figures that are true.
    ("what is not answered for is not idle", "feeds", "of_empty_lists_nothing_is_known", [
        ("src/feeds/cloudwatch.rs", "let missing = if answered { q.missing } else", "let missing = if answered || BROKEN { q.missing } else")]),
    ("a lag below zero is no lag", "idle", "a_lag_below_zero", [
        ("src/model/readings.rs", "if reading.meaning == Meaning::Lag && s.value", "if !BROKEN && reading.meaning == Meaning::Lag && s.value")]),
    ("what was idle grows old", "idle", "what_was_idle_is_unknown", [
        ("src/model/readings.rs", "idle: s.idle && fresh,", "idle: s.idle && (fresh || BROKEN),")]),
    # Credentials.
    ("sts is asked in the next region", "credentials", "sts_is_asked_in_ones_own_region", [
        (STS, "Ok(Err(trouble)) if !is_the_regions(&trouble) =>", "Ok(Err(trouble)) if BROKEN || !is_the_regions(&trouble) =>")]),
    ("a revoked session is got anew", "accounts", "sessions_that_end_before_their_time", [
        ("src/aws/spent.rs", "            self.0.spent();", "            if !BROKEN { self.0.spent(); }")]),
    ("the second key waits for the role to act", "acts", "the_second_key_is_not_spent", [
        (DEEDS, "if self.may_not_act(&change).is_some() => {", "if !BROKEN && self.may_not_act(&change).is_some() => {")]),
    ("a url has no fips name", "credentials", "fips_and_dual_stack_names", [
        ("src/aws.rs", "if url.is_some() || by_url(&self.base, Service::$service.id()) {", "if !BROKEN && (url.is_some() || by_url(&self.base, Service::$service.id())) {")]),
    ("no request waits for credentials", "credentials", "a_process_that_takes_three_seconds", [
        ("src/feeds/mod.rs", "if let Some(sdk) = sdk {", "if let Some(sdk) = sdk.filter(|_| !BROKEN) {")]),
    ("a process that hangs is ended", "credentials", "a_process_that_hangs_is_named", [
        ("src/aws/credentials/process.rs", "if let Some(group) = self.0 {", "if let Some(group) = self.0.filter(|_| !BROKEN) {")]),
    ("old credentials are kept", "credentials", "while_they_cannot_be_renewed", [
        ("src/aws/credentials/keeper.rs", "        forget_ended(state);\n    });", "        if BROKEN { state.credentials = None; state.sign_in.held = None; }\n        forget_ended(state);\n    });")]),
]

SWITCH = """
/// Whether a guard was taken out (`tests/mutate.py`). A program that a test starts with an environment of its own looks
/// into the file.
pub fn broken(guard: usize) -> bool {
    static GUARD: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
    let file = || std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/guard")).unwrap_or_default();
    let which = || std::env::var("SIGNALBOX_BREAK").unwrap_or_else(|_| file()).trim().parse().ok();
    *GUARD.get_or_init(which) == Some(guard)
}
"""


def chosen(guard):
    words = [w.lower() for w in sys.argv[1:] if not w.startswith("-")]
    name, file, test, places = guard
    text = " ".join([name, file, test] + [place[0] for place in places]).lower()
    return not words or any(word in text for word in words)


def put_in(copy):
    """Puts the switches in; gives, for each guard that the code no longer has, which line is missing."""
    missing = {}
    for n, (_, _, _, places) in enumerate(GUARDS):
        texts = {file: (copy / file).read_text() for file, _, _ in places}
        for file, old, new in places:
            if old not in texts[file]:
                missing[n] = f"{file} no longer has `{old.strip().splitlines()[0]}`"
                break
            texts[file] = texts[file].replace(old, new.replace("BROKEN", f"crate::broken({n})"), 1)
        else:
            for file, text in texts.items():
                (copy / file).write_text(text)
    lib = copy / "src/lib.rs"
    lib.write_text(lib.read_text() + SWITCH)
    return missing


def binary_of(copy, file):
    """The test binary that has a test file as a module."""
    for main in sorted(copy.glob("tests/*/main.rs")):
        if f"mod {file};" in main.read_text().splitlines():
            return main.parent.name
    sys.exit(f"no test binary has `mod {file};`")


def build(copy, env, files):
    """Builds the binaries of the test files; gives the program of each file, and the files that run the built program."""
    cargo = os.environ.get("CARGO", "cargo")
    binaries = {file: binary_of(copy, file) for file in files}
    tests = [word for binary in sorted(set(binaries.values())) for word in ("--test", binary)]
    done = subprocess.run([cargo, "build", "--locked", "--message-format=json-render-diagnostics", *tests],
                          cwd=copy, env=env, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("the copy with its switches does not build")
    programs = {}
    for line in done.stdout.splitlines():
        said = json.loads(line) if line.startswith("{") else {}
        if said.get("executable") and "test" in said["target"]["kind"]:
            programs[said["target"]["name"]] = said["executable"]
    # Those clear the environment of what they start: the switch is in a file.
    starting = {file for file, binary in binaries.items() if binary == "program"}
    return {file: programs[binary] for file, binary in binaries.items()}, starting


def names(copy, env, program, file, test):
    """The tests of a file, by their whole names, whose own name begins like that."""
    done = subprocess.run([program, "--list", "--format", "terse"], cwd=copy, env=env, capture_output=True, text=True)
    listed = [line.removesuffix(": test") for line in done.stdout.splitlines() if line.endswith(": test")]
    return [name for name in listed if name.startswith(file + "::") and name.rsplit("::", 1)[1].startswith(test)]


def run(copy, env, program, file, test, guard=None):
    """Whether the tests pass; none when there is no such test, or it does not end."""
    those = names(copy, env, program, file, test)
    if not those:
        return None
    env = dict(env, PROPTEST_DISABLE_FAILURE_PERSISTENCE="1", PROPTEST_MAX_SHRINK_ITERS="0",
               SIGNALBOX_BREAK="none" if guard is None else str(guard))
    try:
        done = subprocess.run([program, "--exact", *those], cwd=copy, env=env, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return False
    passed = re.search(r"test result: \w+\. (\d+) passed; (\d+) failed", done.stdout)
    return None if passed and passed.groups() == ("0", "0") else done.returncode == 0


def run_alone(copy, env, program, file, test, guard):
    """The same for a test whose programs have an environment of their own."""
    switch = copy / "guard"
    switch.write_text(str(guard))
    try:
        return run(copy, env, program, file, test, guard)
    finally:
        switch.unlink()


def fits(home):
    """Whether each guard's places are in the code, and a test is there that its loss must fail."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        shutil.copytree(home / "src", copy / "src")
        wrong = [f"{GUARDS[n][0]}: {why}" for n, why in put_in(copy).items()]
    tests = list((home / "tests").rglob("*.rs"))
    for name, file, test, _ in GUARDS:
        own = [t for t in tests if t.stem == file or file in (part.name for part in t.parents)]
        if not any(f"fn {test}" in t.read_text() for t in own):
            wrong.append(f"{name}: no test in {file} begins with `{test}`")
    print("\n".join(wrong) or f"all {len(GUARDS)} guards are in the code, each with its test")
    return 1 if wrong else 0


def main():
    wanted = [n for n, guard in enumerate(GUARDS) if chosen(guard)]
    if "--list" in sys.argv:
        print("\n".join(f"{GUARDS[n][0]:46} {GUARDS[n][1]}: {GUARDS[n][2]}" for n in wanted))
        return 0
    home = pathlib.Path(__file__).resolve().parent.parent
    if "--fits" in sys.argv:
        return fits(home)
    env = dict(os.environ, CARGO_TARGET_DIR=os.environ.get("CARGO_TARGET_DIR", str(home / "target")), RUST_BACKTRACE="0")
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "signal-box"
        # With times of their own, so that cargo sees that they are others than those in the target folder.
        shutil.copytree(home, copy, ignore=shutil.ignore_patterns("target", ".git"), copy_function=shutil.copy)
        missing = put_in(copy)
        programs, starting = build(copy, env, {GUARDS[n][1] for n in wanted})
        tests = sorted({GUARDS[n][1:3] for n in wanted})
        # Tests that start the program go one by one, for the file's sake.
        alone = {n for n in wanted if GUARDS[n][1] in starting}
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            whole = dict(zip(tests, pool.map(lambda t: run(copy, env, programs[t[0]], *t), tests)))
            jobs = {n: pool.submit(run, copy, env, programs[GUARDS[n][1]], *GUARDS[n][1:3], n) for n in wanted
                    if n not in missing and n not in alone and whole[GUARDS[n][1:3]]}
            seen = 0
            for n in wanted:
                name, file, test, _ = GUARDS[n]
                if n in missing:
                    verdict = f"DOES NOT FIT: {missing[n]}"
                elif whole[file, test] is None:
                    verdict = "THERE IS NO SUCH TEST"
                elif not whole[file, test]:
                    verdict = "ITS TEST FAILS WITH NOTHING BROKEN"
                else:
                    passed = run_alone(copy, env, programs[file], file, test, n) if n in alone else jobs[n].result()
                    verdict = "NOT SEEN" if passed else "seen"
                seen += verdict == "seen"
                print(f"{name:46} {file + ': ' + test:66} {verdict}", flush=True)
    print(f"{seen} of {len(wanted)} were seen")
    return 0 if seen == len(wanted) else 1


sys.exit(main())
