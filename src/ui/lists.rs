//! The plain views: health checks and probes, DNS, readiness, changes, people and feeds. One scrolling list each.

use ratatui::layout::Rect;

use super::dialog::heading;
use super::finding::filter;
use super::follow::{self, Target};
use super::pen::{Part, Pen, Row, bad_first, role_of};
use super::screen::{Screen, View};
use super::theme::Role;
use super::{Action, overview, readiness, regions, text, words};
use crate::estate::ListedKey;
use crate::event::{CheckStatus, Leads, LogLevel, SourceId};
use crate::model::words as say;
use crate::model::{Mark, Model, Subject};
use crate::time::Timestamp;
use crate::words::{
    Length, Severity, check, check_apart, check_lags, checks_out_of_reach, dns_leads_astray, ended,
    failing as failing_words, feeds as feed_words, not_told, reached, unknown_answers, weight, weight_now,
};

/// Draws the view that the screen looks at.
pub(crate) fn draw(screen: &mut Screen, model: &Model, pen: &mut Pen<'_>, area: Rect) {
    let width = usize::from(area.width).saturating_sub(4);
    let (title, mut rows) = match screen.view {
        View::Checks => ("health checks and probes", checks(screen, model, width)),
        View::Dns => ("dns: what each resolver answers", dns(screen, model, width)),
        View::Drs => ("drs: source servers and jobs", super::drs::rows(screen, model, width)),
        View::Readiness => ("readiness", readiness::rows(screen, model, width)),
        View::Changes => ("changes, newest first", changes(screen, model, width)),
        View::Log => ("log of this console, newest first", log(model, width)),
        _ => ("people and feeds", people(model, width)),
    };
    let room = usize::from(area.height.saturating_sub(2));
    filter::narrow(screen, screen.view, &mut rows);
    let first = follow::settle(screen, screen.view, &mut rows, room);
    screen.page = room.max(1);
    let right = filter::position(screen, screen.view, first, room, rows.len());
    let inner = pen.panel(area, &Row::of(Role::Title, title), &right, Role::Border);
    follow::expose(screen, screen.view, &rows, first, inner);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let rows: Vec<Row> = rows.into_iter().skip(first).take(room).map(|r| r.cut(width)).collect();
    pen.rows(inner, &rows);
}

fn checks(screen: &Screen, model: &Model, width: usize) -> Vec<Row> {
    let mut things: Vec<(Mark, Vec<Row>)> = Vec::new();
    let found = overview::checks_rows(model, &screen.pair, width.min(70));
    let pair_checks: Vec<_> = model
        .estate
        .health_checks
        .iter()
        .filter(|c| model.estate.services_of(&screen.pair).any(|s| s.name == c.service))
        .collect();
    for ((mark, row), check) in found.into_iter().zip(pair_checks) {
        let status = model.checks.get(&check.id).map(|c| &c.value);
        let reason = status.map(why).unwrap_or_default();
        let trouble = model.source_trouble(&SourceId::Route53(check.id.clone()));
        let room = (width.saturating_sub(row.width() + 4) / 3).min(40);
        let history = model.check_history.get(&check.id);
        let fresh = mark != Mark::Unknown;
        let spark = history.map(|h| regions::spark(h, model.now, room, 100.0, fresh)).unwrap_or_default();
        let row = row.add(Role::Text, "  ").cell(Role::Chart, spark, room);
        let row = row.to(Target::Check(check.id.clone()));
        let (role, why) = match trouble {
            Some(why) => (Role::Unknown, why),
            None if model.check_lags(check) => (Role::Warn, check_lags(Length::Whole).to_owned()),
            None => (Role::Muted, reason),
        };
        // If it does not fit next to the figures, what is wrong has a line of its own; what is well needs none.
        if row.width() + 2 + text::width(&why) <= width {
            things.push((mark, vec![row.add(Role::Text, "  ").add(role, why)]));
            continue;
        }
        let mut rows = vec![row];
        if mark != Mark::Ok {
            rows.extend(super::dialog::paragraph(role, &why, width, 5).into_iter().map(|r| r.part(Part::More)));
        }
        things.push((mark, rows));
    }
    let aside = Row::of(Role::Muted, "healthy checkers, in this state since or for, share over 15 min");
    let above = match model.checks_out_of_reach() {
        Some(_) => super::dialog::paragraph(Role::Unknown, checks_out_of_reach(Length::Whole), width, 1),
        None => Vec::new(),
    };
    let checks = Section { heading: heading("Route 53 health checks", aside, width), above, things };
    let mut things = Vec::new();
    for service in model.estate.services_of(&screen.pair) {
        for probe in &service.probes {
            let subject = Subject::Probe(service.name.clone(), probe.region.clone());
            let Some(s) = model.standing(&subject) else { continue };
            let row = Row::of(Role::Text, " ")
                .mark(s.mark)
                .changed(Screen::is_new(model, s.since.at()))
                .add(Role::Text, " ")
                .cell(Role::Text, service.name.as_str(), 14)
                .cell(Role::Accent, probe.region.as_str(), 14)
                .cell_right(Role::Muted, words::since(model, s), 7)
                .to(Target::Probe(service.name.clone(), probe.region.clone()));
            let mut rows = vec![row];
            // Where it has no room behind the others, the answer has a line of its own; one that is well needs none.
            match rows.first_mut().filter(|row| row.width() + 2 + text::width(&s.text).min(20) <= width) {
                Some(row) => *row = std::mem::take(row).add(Role::Text, "  ").add(role_of(s.mark), &s.text),
                None if s.mark != Mark::Ok => {
                    let answer = super::dialog::paragraph(role_of(s.mark), &s.text, width, 5);
                    rows.extend(answer.into_iter().map(|r| r.part(Part::More)));
                }
                None => {}
            }
            things.push((s.mark, rows));
        }
    }
    let aside = Row::of(Role::Muted, "asked over HTTP from here");
    let probes = Section { heading: heading("application probes", aside, width), above: Vec::new(), things };
    bad_sections_first(vec![checks, probes])
}

/// Why a health check stands as it does, where its figures do not say it: the checkers' reason, or what it is.
fn why(status: &CheckStatus) -> String {
    match (status.checkers(), check_apart(status)) {
        (Some(checkers), None) => checkers.reason.clone().unwrap_or_default(),
        _ => check(status),
    }
}

/// A heading with the things below it, each of as many rows as it takes.
struct Section {
    heading: Row,
    /// What keeps all of them from being known, in rows of its own.
    above: Vec<Row>,
    things: Vec<(Mark, Vec<Row>)>,
}

/// What fails comes first among its like, and where it is in the second section, that one does.
fn bad_sections_first(mut sections: Vec<Section>) -> Vec<Row> {
    let worst = |section: &Section| section.things.iter().map(|(mark, _)| *mark).max();
    sections.sort_by_key(|section| std::cmp::Reverse(worst(section)));
    let mut rows = Vec::new();
    for mut section in sections {
        if !rows.is_empty() {
            rows.push(Row::new());
        }
        rows.push(section.heading);
        rows.append(&mut section.above);
        section.things.sort_by_key(|(mark, _)| bad_first(*mark));
        if section.things.is_empty() {
            rows.push(Row::of(Role::Muted, " none in the estate file"));
        }
        rows.extend(section.things.into_iter().flat_map(|(_, rows)| rows));
    }
    rows
}

fn dns(screen: &Screen, model: &Model, width: usize) -> Vec<Row> {
    let resolvers = &model.estate.resolvers;
    let name = model
        .estate
        .services_of(&screen.pair)
        .flat_map(|s| &s.dns)
        .map(|n| text::width(n))
        .max()
        .unwrap_or(20)
        .clamp(12, (width / 3).max(12));
    let column = (width.saturating_sub(name + 1) / resolvers.len().max(1)).min(26);
    let regions: Vec<_> = screen.the_pair(model).map(|p| [&p.active, &p.standby]).into_iter().flatten().collect();
    // A column that cannot tell one region from the other tells nothing: then each name has its counts.
    let needed = regions.iter().map(|r| text::width(short_of(r.as_str())) + 3).max().unwrap_or(8);
    let counted = column < needed;
    let mut rows = Vec::new();
    if !regions.is_empty() {
        let traffic = model.pair_traffic(&screen.pair);
        let longest = regions.iter().map(|r| text::width(r.as_str())).max().unwrap_or(name);
        let name = if counted { longest } else { name };
        for region in regions {
            let answers = traffic.answers(region);
            let share = if answers.given == 0 { 0.0 } else { answers.there as f64 / answers.given as f64 };
            let row = Row::new().cell(Role::Accent, region.as_str(), name).add(Role::Text, " ");
            let words = format!(" {} of {} answers lead there", answers.there, answers.given);
            let astray = answers.there > 0 && model.leads_astray(&screen.pair, region);
            // Of both regions alike, so that they can be compared.
            let longest = text::width(" answers lead there") + 2 * traffic.total().to_string().len() + 5;
            let room = width.saturating_sub(name + 3 + longest).min(30);
            let row = row.part(Part::Heading).add(Role::Chart, super::pen::bar(share, room)).add(Role::Text, words);
            rows.push(if astray { row.add(Role::Warn, format!("  {}", dns_leads_astray())).cut(width) } else { row });
        }
        if traffic.unknown() > 0 {
            let words = unknown_answers(traffic.elsewhere, traffic.blind(), traffic.silent);
            rows.push(Row::new().cell(Role::Text, "", name).add(Role::Unknown, format!(" ? {words}")));
            for why in traffic.untold.keys() {
                rows.extend(super::dialog::paragraph(Role::Unknown, not_told(*why), width, name + 3));
            }
        }
        rows.push(Row::new());
    }
    if counted {
        let mut names = overview::dns_rows(model, &screen.pair, width);
        names.sort_by_key(|(mark, _)| bad_first(*mark));
        rows.extend(names.into_iter().map(|(_, row)| row));
        rows.push(Row::new());
        rows.extend(silent_resolvers(model));
        return rows;
    }
    let mut head = Row::new().cell(Role::Heading, "name", name).add(Role::Text, " ");
    for r in resolvers {
        head = head.cell(Role::Heading, r.name.as_str(), column - 1).add(Role::Text, " ");
    }
    rows.push(head.part(Part::Heading));
    let mut seconds = false;
    let mut names: Vec<_> = model.estate.services_of(&screen.pair).flat_map(|s| &s.dns).collect();
    names.sort_by_key(|name| bad_first(model.name_mark(&screen.pair, name)));
    for dns in names {
        let mut row = Row::new().cell(Role::Text, dns, name).add(Role::Text, " ");
        for r in resolvers {
            let answer = model.dns.get(&(r.name.clone(), dns.clone()));
            let (role, words, old) = match answer {
                None => (Role::Unknown, "? not asked".to_owned(), false),
                Some(a) => {
                    let age = model.now.since(a.heard);
                    let fresh = a.is_fresh(model.now);
                    let mark = model.answer_mark(&screen.pair, &r.name, dns).unwrap_or(Mark::Unknown);
                    match (&a.value.answers, &a.value.leads) {
                        (Ok(_), Leads::To(region)) => {
                            let left = (i64::from(a.value.ttl) - age.as_secs()).max(0);
                            let role = match mark {
                                Mark::Ok => Role::Text,
                                Mark::Unknown => Role::Muted,
                                mark => role_of(mark),
                            };
                            let words = answer_in(mark.sign(), region.as_str(), left, column - 1);
                            seconds |= words.ends_with('s');
                            (role, words, !fresh)
                        }
                        (Ok(all), Leads::Untold { .. } | Leads::Nowhere) => {
                            let first = all.first().map_or("no answer", |a| a.as_str());
                            (role_of(mark), format!("{} {first}", mark.sign()), !fresh)
                        }
                        // That there is no answer says nothing of the region that there is none from.
                        (Err(why), _) => (role_of(mark), format!("{} {why}", mark.sign()), !fresh),
                    }
                }
            };
            row = row.cell(role, words, column - 1);
            if old {
                row = row.faded();
            }
            row = row.add(Role::Text, " ");
        }
        rows.push(row.to(Target::Name(dns.clone())));
    }
    rows.push(Row::new());
    rows.extend(silent_resolvers(model));
    if seconds {
        let note = "Seconds are what is left of the answer's TTL: until then, a resolver may keep giving the old one.";
        rows.extend(super::dialog::paragraph(Role::Muted, note, width, 0));
    }
    rows
}

/// The resolvers that tell nothing, and why.
fn silent_resolvers(model: &Model) -> impl Iterator<Item = Row> {
    model.estate.resolvers.iter().filter_map(|r| {
        let why = model.source_trouble(&SourceId::Dns(r.name.clone()))?;
        Some(Row::of(Role::Unknown, format!("? {} {why}", r.name)))
    })
}

/// A region's name without its beginning, which the regions of a pair share: `east-1`.
fn short_of(region: &str) -> &str {
    region.split_once('-').map_or(region, |(_, rest)| rest)
}

/// `● us-east-1 42s`; without the seconds where they do not fit, and then without the region's beginning, which the
/// regions of a pair share: `● east-1`.
fn answer_in(sign: &str, region: &str, left: i64, columns: usize) -> String {
    let forms =
        [format!("{sign} {region} {left}s"), format!("{sign} {region}"), format!("{sign} {}", short_of(region))];
    let fits = forms.iter().find(|f| text::width(f) <= columns);
    fits.or(forms.last()).cloned().unwrap_or_default()
}

fn changes(screen: &Screen, model: &Model, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for c in model.changes.all().iter().rev() {
        let (sign, role) = match &c.state {
            s if s.is_open() => ("…", Role::Words),
            crate::change::State::Uncertain => ("?", Role::Unknown),
            s if s.is_running() => ("▸", Role::Words),
            crate::change::State::Verified { .. } => ("●", Role::Ok),
            crate::change::State::Refused(_) | crate::change::State::NotApplied(_) => ("✖", Role::Fail),
            _ => ("■", Role::Muted),
        };
        let arrival = model.arrival(c);
        let (sign, role) = match weight_now(&c.state, arrival.as_ref()) {
            Severity::Deed if arrival.is_some() => ("▸", Role::Words),
            Severity::Warn if arrival.is_some() => ("■", Role::Warn),
            _ => (sign, role),
        };
        let state = reached(&c.state, arrival.as_ref());
        rows.push(
            Row::of(role, format!("{sign} "))
                .cell(Role::Words, c.digest.words(), if width < 90 { 24 } else { 30 })
                .cell(role, state, if width < 90 { 14 } else { 15 })
                .add(Role::Text, &c.text.title)
                .to(Target::Change(c.digest)),
        );
        let first = rows.len();
        let asked =
            format!("  asked by {} at {}Z: “{}”", c.text.by, say::moment(c.text.at, model.now.wall), c.text.reason);
        rows.extend(super::dialog::paragraph(Role::Muted, asked.trim_start(), width, 2));
        for a in &c.approvals {
            let said = if a.words.is_empty() { String::new() } else { format!(": “{}”", a.words) };
            let words =
                format!("  ✔ approved by {} at {}Z with {}{said}", a.by, say::moment(a.at.wall, model.now.wall), a.key);
            rows.push(Row::of(Role::Ok, words));
        }
        let over = !c.state.is_open() && weight(&c.state) != Severity::Good;
        if over && c.state != crate::change::State::Withdrawn {
            rows.extend(super::dialog::paragraph(Role::Text, &ended(c, &model.estate), width, 2));
        }
        if let crate::change::State::Refused(refusal) = &c.state {
            let said = format!("ARC: {}", refusal.message);
            rows.extend(super::dialog::paragraph(Role::Text, &said, width, 2));
        }
        if let Some(o) = &c.outcome {
            for a in &o.attempts {
                let words = format!("  {} after {}: {}", a.endpoint, words::millis(a.took), a.said);
                rows.push(Row::of(Role::Muted, words));
            }
        }
        rows.push(Row::of(Role::Border, "─".repeat(width)));
        for row in rows.iter_mut().skip(first) {
            *row = std::mem::take(row).part(Part::More);
        }
    }
    if rows.is_empty() {
        let keys = &screen.setup.keymap;
        rows.push(Row::of(Role::Muted, "No change has been proposed here."));
        rows.push(Row::of(
            Role::Muted,
            format!(
                "{} in the overview fails the pair over; {} marks single controls.",
                keys.key(Action::FailOver),
                keys.key(Action::Mark)
            ),
        ));
    }
    rows
}

/// What the program says of itself: first aid when something does not work as it should.
fn log(model: &Model, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in model.log.iter().rev() {
        let role = match line.level {
            LogLevel::Error => Role::Fail,
            LogLevel::Warn => Role::Warn,
            LogLevel::Info => Role::Text,
        };
        let word = line.level.word();
        let mut parts = text::wrap(&line.text, width.saturating_sub(18).max(20)).into_iter();
        let row = Row::of(Role::Muted, format!("{}  ", say::time_of_day(line.at))).cell(role, word, 8);
        rows.push(row.add(role, parts.next().unwrap_or_default()));
        rows.extend(parts.map(|p| Row::new().pad_to(18).add(role, p)));
    }
    if rows.is_empty() {
        rows.push(Row::of(Role::Muted, "Nothing yet. The whole log is in signalbox.log of the state folder."));
    }
    rows
}

/// A key by its type, with its end if it has one.
fn key(key: &ListedKey, now: Timestamp) -> String {
    let Some(end) = key.valid_until() else { return key.kind().to_owned() };
    let word = if key.has_ended(now) { "ended" } else { "until" };
    format!("{} {word} {}", key.kind(), end.strftime("%Y-%m-%d"))
}

fn people(model: &Model, width: usize) -> Vec<Row> {
    let feeds = feeds(model, width);
    let people = listed_people(model, width);
    // What fails is on the first page.
    let fails = model.sources.keys().any(|id| model.source_mark(id) != Mark::Ok);
    let (first, second) = if fails { (feeds, people) } else { (people, feeds) };
    first.into_iter().chain([Row::new()]).chain(second).collect()
}

fn listed_people(model: &Model, width: usize) -> Vec<Row> {
    let mut rows = vec![heading("people", Row::of(Role::Muted, "of the estate file"), width)];
    for p in &model.estate.people {
        let roles: Vec<_> = p
            .roles
            .iter()
            .map(|r| match r {
                crate::estate::Role::Observer => "observer",
                crate::estate::Role::Operator => "operator",
                crate::estate::Role::Approver => "approver",
            })
            .collect();
        let mut keys: Vec<_> = p.keys.iter().map(|k| key(k, model.now.wall)).collect();
        keys.extend((!p.groups.is_empty()).then(|| format!("in {}", p.groups.join(", "))));
        let approver = p.is(crate::estate::Role::Approver);
        let late = approver && model.proof_is_due(&p.name);
        let proof = if approver { format!("{}; ", model.proof_words(&p.name)) } else { String::new() };
        rows.push(
            Row::of(if late { Role::Warn } else { Role::Text }, if late { "▲" } else { " " })
                .cell(Role::Deed, p.name.as_str(), 16)
                .cell(Role::Text, roles.join(", "), 30)
                .add(if late { Role::Warn } else { Role::Muted }, proof)
                .add(
                    Role::Muted,
                    format!("{} key{}: {}", p.keys.len(), if p.keys.len() == 1 { "" } else { "s" }, keys.join(", ")),
                )
                .to(Target::Person(p.name.clone())),
        );
    }
    rows
}

fn feeds(model: &Model, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let worst = model.sources.keys().map(|id| model.source_mark(id)).max();
    let (role, words) = (worst.map_or(Role::Muted, role_of), feed_words(model.feeds()));
    // Where the heading has no room for them, they stand below it.
    if text::width(&words) + 12 <= width {
        rows.push(heading("feeds", Row::of(role, words), width));
    } else {
        rows.push(heading("feeds", Row::new(), width));
        rows.extend(super::dialog::paragraph(role, &words, width, 1));
    }
    if let Some(s) = &model.spending {
        let pace = if s.urgent { "as in an incident" } else { "as in calm" };
        let words = format!(
            " CloudWatch: {} metrics every {}, {pace}: ${:.2} an hour, ${:.2} in the last one, of ${:.2} allowed.",
            s.metrics,
            crate::model::words::span(s.interval),
            s.per_hour,
            s.last_hour,
            s.budget
        );
        rows.extend(super::dialog::paragraph(Role::Text, &words, width, 0));
        if s.stretched {
            let slow = "▲ The budget makes it slower than the file asks for: raise [poll] dollars_per_hour.";
            rows.push(Row::of(Role::Warn, format!(" {slow}")).cut(width));
        }
    }
    let longest = model.sources.keys().map(|id| text::width(&model.source_name(id))).max().unwrap_or(0);
    // A slim screen has room for one figure: how long ago it answered.
    let figures = if super::dialog::slim(width) { 1 } else { 3 };
    let name = (longest + 2).clamp(20, width.saturating_sub(4 + 9 * figures).clamp(20, 60));
    let figured = |row: Row, role: Role, all: [&str; 3]| {
        all.into_iter().take(figures).fold(row, |row, figure| row.cell_right(role, figure, 9))
    };
    let head = Row::of(Role::Text, "   ").cell(Role::Muted, "source", name);
    rows.push(figured(head, Role::Muted, ["answered", "took", "old in"]));
    let mut sources: Vec<_> = model.sources.iter().map(|(id, s)| (model.source_mark(id), id, s)).collect();
    sources.sort_by_key(|(mark, ..)| std::cmp::Reverse(*mark));
    for (mark, id, s) in sources {
        let due = s.due.since(model.now);
        let words = match &s.failure {
            Some((f, since)) => {
                let word = if f.kind.means().blinds() { "fails" } else { failing_words(f.kind, 1) };
                format!("{word} for {}: {}", words::short(model.now.since(*since)), f.why)
            }
            None if due.is_negative() => format!("no report for {}", words::short(model.now.since(s.heard))),
            None => String::new(),
        };
        let last = s.last_ok.map_or_else(|| "never".to_owned(), |at| words::short(model.now.since(at)));
        let next = if due.is_negative() { "overdue".to_owned() } else { words::short(due) };
        let row =
            Row::of(Role::Text, " ").mark(mark).add(Role::Text, " ").cell(Role::Text, model.source_name(id), name);
        let row = figured(row, Role::Muted, [&last, &words::millis(s.took), &next]).to(Target::Source(id.clone()));
        // The reason for a failing source is shown whole: next to its figures, or below them.
        if row.width() + 2 + text::width(&words) <= width {
            rows.push(row.add(Role::Text, "  ").add(Role::Unknown, words));
        } else {
            rows.push(row);
            let why = super::dialog::paragraph(Role::Unknown, &words, width, 5);
            rows.extend(why.into_iter().filter(|_| !words.is_empty()).map(|r| r.part(Part::More)));
        }
    }
    if model.sources.is_empty() {
        rows.push(Row::of(Role::Unknown, " ? nothing has been asked yet"));
    }
    rows
}
