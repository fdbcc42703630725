//! Following a change: its word code, where it is in its life, who must do what, and the result.

use super::{Sheet, field, headed, heading, hints, loud, paragraph, slim};
use crate::change::{Change, Digest, Flip, Override, State, Work};
use crate::event::FlipOutcome;
use crate::model::words as say;
use crate::model::{Mark, Model, Shown, Subject};
use crate::time::Span;
use crate::ui::levers::look;
use crate::ui::pen::{Row, bar, role_of};
use crate::ui::screen::{Field, Screen};
use crate::ui::theme::Role;
use crate::ui::{Action, text, words};
use crate::words::{Answers, Arrival, Severity, reached, verdict as verdict_words, weight_now};

pub(super) fn sheet(screen: &Screen, model: &Model, digest: &Digest, width: usize) -> Sheet {
    let Some(change) = model.changes.get(digest) else { return Sheet::new("no such change") };
    let mut sheet = Sheet::new(&change.text.title);
    if !slim(width) {
        sheet.right = Row::of(Role::Muted, "asked by ").add(Role::Deed, change.text.by.as_str());
    }
    let arrival = model.arrival(change);
    sheet.frame = match weight_now(&change.state, arrival.as_ref()) {
        Severity::Bad => Role::Fail,
        Severity::Good => Role::Ok,
        Severity::Deed => Role::Accent,
        Severity::Warn | Severity::Info | Severity::Moment => Role::Border,
    };
    // A small screen has no lines to leave empty.
    let airy = width >= 90;
    sheet.head.extend(airy.then(Row::new));
    sheet.head.push(code(change, width));
    sheet.head.extend(airy.then(Row::new));
    sheet.head.push(life(model, change, arrival.as_ref(), width));
    sheet.head.extend(airy.then(Row::new));
    sheet.head.extend(verdict(model, change, arrival.as_ref(), width));
    sheet.head.extend(airy.then(Row::new));
    match &change.state {
        State::Proposed => sheet.body.extend(how_to_approve(screen, model, change, width)),
        _ if change.text.launch().is_some() => sheet.body.extend(super::launch::progress(model, change, width)),
        State::Executing | State::Applied { .. } | State::Uncertain | State::Verified { .. } => {
            sheet.body.extend(progress(model, change, width));
        }
        _ => {}
    }
    if let Some(outcome) = &change.outcome {
        sheet.body.extend(attempts(outcome, width));
    }
    sheet.body.extend(content(model, change, width));
    foot(screen, model, change, &mut sheet, width);
    sheet
}

/// The three words, as large as a terminal can: spaced and bold.
fn code(change: &Change, width: usize) -> Row {
    let code = change.digest.words().to_uppercase();
    let spaced: Vec<String> =
        code.split('-').map(|w| w.chars().map(String::from).collect::<Vec<_>>().join(" ")).collect();
    let mut line = spaced.join("     ");
    if text::width(&line) + 2 > width {
        line = code.replace('-', "   ");
    }
    let before = width.saturating_sub(text::width(&line)) / 2;
    Row::of(Role::Text, " ".repeat(before)).add(Role::Words, line)
}

/// `● proposed ─ ● approved ─ … executing ─ ○ applied ─ ○ verified ─ ○ traffic moved`
fn life(model: &Model, change: &Change, arrival: Option<&Arrival>, width: usize) -> Row {
    const MOVE: &[&str] = &["proposed", "approved", "executing", "applied", "verified", "traffic moved"];
    const GATES: &[&str] = &["proposed", "approved", "executing", "applied", "verified"];
    const LAUNCH: &[&str] = &["proposed", "approved", "executing", "launching", "launched"];
    let stages = match &change.text.work {
        Work::Launch(_) => LAUNCH,
        Work::Controls { steers: true, .. } => MOVE,
        Work::Controls { steers: false, .. } => GATES,
    };
    let (at, ended) = match &change.state {
        State::Proposed => (0, None),
        State::Approved => (1, None),
        State::Executing => (2, None),
        State::Applied { .. } => (3, None),
        State::Verified { .. } if matches!(arrival, Some(Arrival::Undone(_))) => {
            (5, Some((Role::Warn, format!("■ {}", reached(&change.state, arrival).to_uppercase()))))
        }
        State::Verified { moved: None } => (if arrival.is_some() { 5 } else { 4 }, None),
        State::Verified { moved: Some(_) } => (5, None),
        State::Launching { .. } => (3, None),
        State::Launched { failed, .. } if failed.is_empty() => (4, None),
        s @ State::Launched { .. } => (3, Some((Role::Fail, format!("✖ {}", s.word().to_uppercase())))),
        s @ State::Uncertain => (2, Some((Role::Fail, format!("? {}", s.word().to_uppercase())))),
        s @ (State::Refused(_) | State::NotApplied(_)) => {
            (2, Some((Role::Fail, format!("✖ {}", s.word().to_uppercase()))))
        }
        s
        @ (State::Rejected { .. } | State::Withdrawn | State::Expired(_) | State::Void(_) | State::OtherEstate(_)) => {
            let at = usize::from(!change.approvals.is_empty() && change.missing(&model.estate).is_none());
            (at, Some((Role::Warn, format!("■ {}", s.word().to_uppercase()))))
        }
    };
    let clock = say::clock(model.now.since(change.since), true);
    let awaited = matches!(arrival, Some(Arrival::Awaited(_)));
    let done = at + 1 == stages.len() && !awaited && ended.is_none();
    let current = match (&ended, awaited) {
        (Some((role, words)), _) => (*role, words.clone()),
        (None, true) => (Role::Words, format!("▸ traffic awaited {clock}")),
        (None, false) => (Role::Words, format!("▸ {} {clock}", stages.get(at).copied().unwrap_or_default())),
    };
    // If there is little room, only the current stage shows its name.
    let build = |joint: &str, named: bool, ahead: bool| {
        let mut row = Row::new();
        for (i, stage) in stages.iter().enumerate() {
            if i > at && ended.is_some() {
                break;
            }
            if i > 0 {
                row.push(Role::Border, joint);
            }
            match i {
                _ if i < at || done => {
                    row.push(Role::Ok, if named || (done && i == at) { format!("✔ {stage}") } else { "✔".to_owned() });
                }
                _ if i == at => row.push(current.0, &current.1),
                _ => row.push(Role::Muted, if ahead { format!("· {stage}") } else { "·".to_owned() }),
            }
        }
        row
    };
    let forms = [(" ── ", true, true), (" ─ ", true, false), (" ─ ", false, false)];
    let forms = forms.into_iter().filter(|_| !slim(width));
    let fitting = forms.map(|(joint, named, ahead)| build(joint, named, ahead)).find(|row| row.width() <= width);
    fitting.unwrap_or_else(|| build(" ", false, false))
}

/// What the state means for the people who read it, with its clock.
fn verdict(model: &Model, change: &Change, arrival: Option<&Arrival>, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    match &change.state {
        State::Proposed | State::Approved => {
            let needs = change.needed(&model.estate);
            let what = if change.state == State::Proposed { "to approve" } else { "to turn the second key" };
            if let Some(w) = model.window(change) {
                let share = w.left.as_secs_f64() / w.whole.as_secs_f64().max(1.0);
                let role = if share < 0.2 {
                    Role::Fail
                } else if share < 0.4 {
                    Role::Warn
                } else {
                    Role::Title
                };
                let (left, of) = (say::clock(w.left, true), format!("of {} {what}", say::clock(w.whole, true)));
                if slim(width) {
                    rows.extend(paragraph(role, &format!("{left} left {of}"), width, 0));
                } else {
                    let row = Row::of(role, format!("{left} left ")).add(Role::Muted, of + " ");
                    rows.push(row.add(role, bar(share, 20)));
                }
            }
            let mut row = Row::of(Role::Title, format!("{} of {needs} approvals", change.met(&model.estate)));
            for a in &change.approvals {
                row.push(Role::Ok, format!("  ✔ {}", a.by));
                row.push(Role::Muted, format!(" {}", say::moment(a.at.wall, model.now.wall)));
            }
            for who in change.readers.iter().filter(|r| !change.approvals.iter().any(|a| a.by == **r)) {
                row.push(Role::Deed, format!("  … {who} is reading it"));
            }
            rows.push(row.cut(width));
            // Groups, and several approvals: how many there are says too little.
            if let Some(missing) = change.missing(&model.estate).filter(|_| change.needs(&model.estate).len() > 1) {
                rows.push(Row::of(Role::Text, format!("still to come: {missing}")).cut(width));
            }
        }
        state => {
            let Some(verdict) = verdict_words(change, &model.estate, arrival) else { return rows };
            let (sign, role) = match (state, weight_now(state, arrival)) {
                (State::Uncertain, _) => ("?", Role::Loud),
                (_, Severity::Bad) => ("✖", Role::Loud),
                (_, Severity::Good) => ("✔", Role::Good),
                (_, Severity::Warn) => ("■", Role::Notice),
                _ => ("▸", Role::Notice),
            };
            let head = format!("{sign} {}", verdict.head);
            let lines = text::wrap(&head, width.saturating_sub(2)).into_iter();
            rows.extend(lines.map(|l| Row::new().cell(role, format!(" {l}"), width)));
            rows.extend(verdict.details.iter().flat_map(|line| paragraph(Role::Text, line, width, 0)));
            let now = verdict.now.map(|now| paragraph(Role::Title, &format!("Now: {now}"), width, 0));
            rows.extend(now.into_iter().flatten());
        }
    }
    rows
}

/// A command over as many lines as it needs, each but the last ending in the shell's `\`. A broken word continues at
/// the very left, because the shell would take an indent for a gap.
fn command(words: &[String], width: usize) -> Vec<Row> {
    let room = width.saturating_sub(6).max(8);
    let mut rows = Vec::new();
    let mut indent = "  $ ";
    let mut now = String::new();
    let mut put = |indent: &str, text: &str, end: &str| {
        rows.push(Row::of(Role::Muted, indent).add(Role::Title, text).add(Role::Muted, end));
    };
    for word in words {
        let gap = usize::from(!now.is_empty());
        if text::width(&now) + gap + text::width(word) <= room {
            if gap == 1 {
                now.push(' ');
            }
            now.push_str(word);
            continue;
        }
        if !now.is_empty() {
            put(indent, &std::mem::take(&mut now), " \\");
            indent = "    ";
        }
        for c in word.chars() {
            // A backslash and what it escapes stay together.
            if text::width(&now) + 2 > room && !now.ends_with('\\') {
                put(indent, &std::mem::take(&mut now), "\\");
                indent = "";
            }
            now.push(c);
        }
    }
    put(indent, &now, "");
    rows
}

fn how_to_approve(screen: &Screen, model: &Model, change: &Change, width: usize) -> Vec<Row> {
    let hint = &screen.setup.approve;
    let (ours, theirs) = (hint.ours(change), hint.theirs(change));
    let key = |a| screen.key(a);
    let mut rows = Vec::new();
    let here = screen.setup.hands.approver.is_some() && !screen.is_mine(change);
    let who: Vec<&str> = model
        .estate
        .people
        .iter()
        .filter(|p| p.is(crate::estate::Role::Approver) && !model.estate.same_person(&p.name, &change.text.by))
        // Nobody waits for themselves.
        .filter(|p| !(here && screen.setup.person.as_ref().is_some_and(|me| model.estate.same_person(&p.name, me))))
        .map(|p| p.name.as_str())
        .collect();
    let (title, nobody) = match (here, who.is_empty()) {
        (true, true) => ("you can approve it", "nobody else can"),
        (true, false) => ("you can approve it, or another of", ""),
        (false, _) => ("somebody else approves", "nobody else in the estate is an approver!"),
    };
    let who = if who.is_empty() { nobody.to_owned() } else { who.join(", ") };
    rows.extend(headed(title, Row::of(Role::Deed, who), width));
    if let Some(second) = &hint.second_person {
        let words = format!("DEMO: {} acts as {second}, who reads and signs it here", key(Action::ActAsSecond));
        let lines = text::wrap(&words, width.saturating_sub(4)).into_iter();
        rows.extend(lines.map(|l| Row::of(Role::Text, "  ").add(Role::Demo, format!(" {l} "))));
        rows.extend(paragraph(Role::Muted, "or, in a second terminal, exactly this:", width, 2));
    } else if here {
        let words = format!(
            "Read all of it. Then {} opens the field for its word code, which {} reads out to you: your key signs here.",
            key(Action::Approve),
            change.text.by
        );
        rows.extend(paragraph(Role::Text, &words, width, 2));
        rows.extend(paragraph(Role::Muted, "Or in another terminal of yours:", width, 2));
    } else {
        let words =
            "At their own console, or in their own terminal, also on their own machine with a copy of the file:";
        rows.extend(paragraph(Role::Muted, words, width, 2));
    }
    rows.extend(command(&ours, width));
    rows.push(Row::of(Role::Muted, "  or with nothing but OpenSSH:"));
    rows.extend(command(&theirs, width));
    let words = format!(
        "The signature is found in the incident folder by itself; or paste it here ({} or just paste). {} copies the first command.",
        key(Action::Paste),
        key(Action::Copy)
    );
    rows.extend(paragraph(Role::Muted, &words, width, 2));
    rows.push(Row::new());
    rows
}

/// Endpoints, then DNS, then applications.
fn progress(model: &Model, change: &Change, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let shown: Vec<_> =
        model.estate.cluster.endpoints.iter().map(|e| (&e.region, model.shown_by(change, &e.region))).collect();
    let new = shown.iter().filter(|(_, s)| *s == Shown::New).count();
    let aside = Row::of(Role::Muted, format!("{new} of {} show the new states", shown.len()));
    rows.extend(headed("cluster endpoints", aside, width));
    let mut row = Row::of(Role::Text, "  ");
    for (region, shown) in shown {
        let (role, sign, word) = match shown {
            Shown::New => (Role::Ok, "✔", "new"),
            Shown::Old => (Role::Warn, "·", "old"),
            Shown::Mixed => (Role::Fail, "▲", "mixed"),
            Shown::Nothing => (Role::Muted, "?", "not read"),
        };
        let piece = format!("{sign} {region} {word}   ");
        if row.width() + text::width(&piece) > width {
            rows.push(std::mem::replace(&mut row, Row::of(Role::Text, "  ")));
        }
        row.push(role, piece);
    }
    rows.push(row);
    if !matches!(change.state, State::Verified { .. }) || !change.text.moves_traffic() {
        rows.push(Row::new());
        return rows;
    }
    let answers = model.answers(change);
    let share = if answers.given == 0 { 0.0 } else { answers.there as f64 / answers.given as f64 };
    let role = if answers.agree() { Role::Ok } else { Role::Chart };
    let aside = Row::of(Role::Title, format!("{} ", answers.lead(&format!("to {}", change.text.receiving))));
    let aside = if slim(width) { aside } else { aside.add(role, bar(share, 20)) };
    rows.extend(headed("dns", aside, width));
    let mut row = Row::of(Role::Text, "  ");
    for (name, t) in model.resolver_shares(change) {
        let answers = t.answers(&change.text.receiving);
        let (role, sign) = match answers {
            // A silent resolver leads nowhere: that is no answer that leads elsewhere.
            answers if !answers.tell() => (Role::Unknown, "?"),
            answers if answers.agree() => (Role::Ok, "✔"),
            Answers { there: 0, .. } => (Role::Muted, "·"),
            _ => (Role::Warn, "…"),
        };
        let piece = format!("{sign} {name} {}   ", answers.short());
        if row.width() + text::width(&piece) > width {
            rows.push(std::mem::replace(&mut row, Row::of(Role::Text, "  ")));
        }
        row.push(role, piece);
    }
    rows.push(row);
    rows.push(heading("applications", Row::of(Role::Muted, format!("in {}", change.text.receiving)), width));
    for s in model.received(change) {
        let standing = model.standing(&Subject::Probe(s.name.clone(), change.text.receiving.clone()));
        let (mark, words) = standing.map_or((Mark::Unknown, "not probed"), |st| (st.mark, st.text.as_str()));
        let row = Row::of(Role::Text, "  ").mark(mark).add(Role::Text, " ").cell(Role::Text, s.name.as_str(), 14);
        rows.push(row.add(role_of(mark), words));
    }
    rows.push(Row::new());
    rows
}

fn attempts(outcome: &FlipOutcome, width: usize) -> Vec<Row> {
    if outcome.attempts.is_empty() {
        return Vec::new();
    }
    let whole: Span = outcome.attempts.iter().map(|a| a.took).fold(Span::ZERO, |a, b| a + b);
    let mut rows = vec![heading("attempts", Row::of(Role::Muted, words::millis(whole)), width)];
    for a in &outcome.attempts {
        let row = Row::of(Role::Text, "  ")
            .cell(Role::Text, a.endpoint.as_str(), 16)
            .cell_right(Role::Muted, words::millis(a.took), 8)
            .add(Role::Text, "  ");
        let room = width.saturating_sub(row.width());
        if slim(width) {
            rows.push(row);
            rows.extend(paragraph(Role::Text, &a.said, width, 4));
            continue;
        }
        let mut lines = text::wrap(&a.said, room.max(10)).into_iter();
        rows.push(row.add(Role::Text, lines.next().unwrap_or_default()));
        rows.extend(lines.map(|l| Row::new().pad_to(28).add(Role::Text, l)));
    }
    rows.push(Row::new());
    rows
}

/// The controls, before → after, and the rules that are overridden.
fn controls(flips: &[Flip], overrides: &[Override], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let longest = flips.iter().map(|f| text::width(&f.name)).max().unwrap_or(10);
    // A name that does not fit beside its states has lines of its own: it is signed, and so it is never cut.
    if longest + 19 > width {
        for f in flips {
            let ((s, w, r), (s2, w2, r2)) = (look(f.from), look(f.to));
            rows.extend(paragraph(Role::Text, &f.name, width, 2));
            let row = Row::of(Role::Text, "    ").cell(r, format!("{s} {w}"), 6);
            rows.push(row.add(Role::Muted, " → ").add(r2, format!("{s2} {w2}")));
        }
        rows.extend(overridden(overrides, width));
        return rows;
    }
    let name = longest.max(8);
    let flips: Vec<Row> = flips
        .iter()
        .map(|f| {
            let ((s, w, r), (s2, w2, r2)) = (look(f.from), look(f.to));
            Row::of(Role::Text, "  ")
                .cell(Role::Text, &f.name, name)
                .add(Role::Text, "  ")
                .cell(r, format!("{s} {w}"), 6)
                .add(Role::Muted, " → ")
                .cell(r2, format!("{s2} {w2}"), 6)
        })
        .collect();
    let columns = (width / (name + 19)).clamp(1, 2);
    for chunk in flips.chunks(columns) {
        let mut row = chunk.first().cloned().unwrap_or_default();
        if let Some(second) = chunk.get(1) {
            row = row.pad_to(width / 2).join(second.clone());
        }
        rows.push(row);
    }
    rows.extend(overridden(overrides, width));
    rows
}

/// A line, or more, a rule that is overridden.
fn overridden(overrides: &[Override], width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for o in overrides {
        let words = format!("OVERRIDES SAFETY RULE {}", o.name);
        let lines = text::wrap(&words, width.saturating_sub(4));
        rows.extend(lines.into_iter().map(|l| Row::of(Role::Text, "  ").add(Role::Loud, format!(" {l} "))));
    }
    rows
}

/// The frozen text: what is read here is what is signed.
fn content(model: &Model, change: &Change, width: usize) -> Vec<Row> {
    let t = &change.text;
    let to = Row::of(Role::Muted, format!("{} ", t.work.region_is()));
    let mut rows = headed("what is signed", to.add(Role::Accent, t.receiving.as_str()), width);
    // The frame may have no room for all of it.
    if text::width(&t.title) + 36 > width {
        rows.extend(paragraph(Role::Title, &t.title, width, 2));
    }
    match &t.work {
        Work::Controls { flips, overrides, .. } => rows.extend(controls(flips, overrides, width)),
        Work::Launch(launch) => rows.extend(super::launch::servers(launch, width)),
    }
    if let Some(despite) = &t.despite {
        let n = despite.checks.len();
        let words = format!(" DESPITE {n} FAILING CHECK{} ", if n == 1 { "" } else { "S" });
        rows.push(Row::of(Role::Text, "  ").add(Role::Loud, words));
        // Whole, because it is signed.
        for check in &despite.checks {
            for (i, line) in text::wrap(check, width.saturating_sub(6)).into_iter().enumerate() {
                let row = Row::of(Role::Text, "    ");
                let row = if i == 0 { row.mark(Mark::Fail) } else { row.add(Role::Text, " ") };
                rows.push(row.add(Role::Text, format!(" {line}")));
            }
        }
    }
    let mut named = |label: &str, role: Role, value: &str| {
        for (i, l) in text::wrap(value, width.saturating_sub(14)).into_iter().enumerate() {
            let label = if i == 0 { label } else { "" };
            rows.push(Row::of(Role::Text, "  ").cell(Role::Muted, label, 12).add(role, l));
        }
    };
    named("reason", Role::Title, &t.reason);
    if let Some(despite) = &t.despite {
        named("in spite", Role::Title, &despite.reason);
    }
    named("data loss", Role::Text, &t.loss);
    // One deadline is shown, the one that decides: once a change is approved, that is the second key's alone.
    let until = match change.state {
        State::Proposed => format!(", until {}Z", say::moment(t.until, model.now.wall)),
        _ => String::new(),
    };
    named("asked by", Role::Text, &format!("{} at {}Z{until}", t.by, say::moment(t.at, model.now.wall)));
    for a in &change.approvals {
        named("approved by", Role::Ok, &format!("{} at {}Z, {}", a.by, say::moment(a.at.wall, model.now.wall), a.key));
        if !a.words.is_empty() {
            named("", Role::Text, &format!("“{}”", a.words));
        }
    }
    named("digest", Role::Muted, &change.digest.to_string());
    if model.has_moved(change) && change.state.is_open() {
        rows.push(Row::of(Role::Warn, "  ▲ a control is not in its before-state any more"));
    }
    rows
}

/// The key that proposes a failed change again, if it can be proposed.
fn again(screen: &Screen, model: &Model, change: &Change) -> Option<Action> {
    let any = [Action::FailOver, Action::FailBack, Action::LaunchDrill, Action::Recover];
    any.into_iter().find(|a| crate::ui::keys::draft::again(screen, model, change, *a).is_ok())
}

fn foot(screen: &Screen, model: &Model, change: &Change, sheet: &mut Sheet, width: usize) {
    let back = (Action::Back, "close");
    match &screen.field {
        Field::Region(input) => {
            let (there, then) = match &change.text.work {
                Work::Controls { steers: true, .. } => ("traffic moves there", "turn the key: traffic moves"),
                Work::Controls { steers: false, .. } => ("no traffic moves", "turn the key: the gates change"),
                Work::Launch(_) => ("DRS launches there", "turn the key: DRS launches"),
            };
            let words = format!("SECOND KEY: type {} and enter: {there}", change.text.receiving);
            sheet.foot.extend(loud(Role::Notice, &words, width));
            let (row, caret) = field("region", input, width, true);
            sheet.caret = Some((sheet.foot.len(), caret));
            sheet.foot.push(row);
            sheet.keys = hints(screen, &[(Action::Look, then), back], width);
        }
        Field::Code(input) => {
            let words = format!("YOUR KEY SIGNS IT: type the word code that {} reads out, and enter", change.text.by);
            sheet.foot.extend(loud(Role::Notice, &words, width));
            let (row, caret) = field("word code", input, width, true);
            sheet.caret = Some((sheet.foot.len(), caret));
            sheet.foot.push(row);
            sheet.keys = hints(screen, &[(Action::Look, "approve: your key signs"), (Action::Back, "leave")], width);
        }
        Field::Signature(typed) => {
            let lines = typed.lines().count();
            let words = if lines == 0 {
                "paste everything from BEGIN to END SSH SIGNATURE".to_owned()
            } else {
                format!("{lines} lines, waiting for END SSH SIGNATURE")
            };
            sheet.foot.push(
                Row::of(Role::Title, "signature ")
                    .add(Role::Field, text::left(&format!(" {words}"), width.saturating_sub(10))),
            );
            sheet.keys = hints(screen, &[(Action::Look, "check it"), (Action::Back, "leave")], width);
        }
        Field::Reject(input) => {
            let (row, caret) = field("reject, because", input, width, true);
            sheet.caret = Some((sheet.foot.len(), caret));
            sheet.foot.push(row);
            sheet.keys = hints(screen, &[(Action::Look, "reject"), (Action::Back, "leave")], width);
        }
        Field::Withdraw => {
            let key = screen.key(Action::Withdraw);
            let words =
                format!("Withdraw {}? {key} again withdraws it; any other key keeps it.", change.digest.words());
            sheet.foot.extend(loud(Role::Notice, &words, width));
        }
        Field::None => {
            let mut list = Vec::new();
            let hands = &screen.setup.hands;
            let approves = hands.approver.is_some() && !screen.is_mine(change) && !screen.has_approved(model, change);
            if change.state == State::Proposed && approves {
                list.push((Action::Approve, "approve"));
            }
            if change.state == State::Proposed && hands.operator.is_some() {
                if screen.setup.approve.second_person.is_some() {
                    list.push((Action::ActAsSecond, "DEMO: be the second"));
                }
                list.push((Action::Paste, "paste"));
                list.push((Action::Copy, "copy"));
            }
            if change.state == State::Approved && screen.is_mine(change) {
                list.push((Action::NextView, "second key"));
            }
            if let Some(action) = again(screen, model, change) {
                list.push((action, "propose it again"));
            }
            if change.state.is_open() {
                if screen.is_mine(change) {
                    list.push((Action::Withdraw, "withdraw"));
                } else if hands.approver.is_some() {
                    list.push((Action::Reject, "reject"));
                }
            }
            list.push(back);
            sheet.keys = hints(screen, &list, width);
        }
    }
}
