//! `signalbox rehearse`: a scenario played to its end by scripted people, through the product's own interfaces.
//!
//! Real HTTP to the simulator, a real journal, real signatures that reach the console through the incident folder. Only
//! the two people are a script, so this is a test, a load and a rehearsal for its users.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};
use ratatui::layout::Rect;
use serde_json::json;

use super::demo::{ALICE, BOB, Stage};
use super::exit::Exit;
use super::io::{complain, say};
use super::known::SCENARIOS;
use super::record::RecordArgs;
use super::sim::TemperArgs;
use crate::change::{ApproveHint, Change, ChangeText, Digest, Draft, Hands, Nonce, Operator, State};
use crate::estate::{PairName, PersonName, Region};
use crate::event::{Ask, NewSession};
use crate::model::{Lever, Model, Step, words};
use crate::plain::{Plain, Setup};
use crate::record::{Lasted, SessionKind};
use crate::report::{Format, Report};
use crate::runtime::Engine;
use crate::runtime::reports::{Whole, records};
use crate::time::Span;
use crate::ui::{self, Keymap, Theme};

/// Proposals tried before the script gives up.
const TRIES: usize = 3;
/// Without an incident after this long, the move is made as a planned one.
const PLANNED_AFTER: Span = Span::from_secs(120);

/// Plays a scenario to its end.
#[derive(Debug, Args)]
pub struct RehearseArgs {
    /// a shipped scenario (calm, region-outage, brownout, replication-stall, endpoints-dark,
    /// certificate, log-shipping, oplog, drs-stalled, canary, drift), or a scenario file.
    #[arg(value_name = "SCENARIO", value_parser = SCENARIOS, hide_possible_values = true)]
    scenario: String,
    /// How many times faster than real time.
    #[arg(long, value_name = "N", default_value_t = 20.0)]
    speed: f64,
    #[command(flatten)]
    temper: TemperArgs,
    /// Print the times and the timeline as JSON.
    #[arg(long)]
    json: bool,
    /// The estate to rehearse [default: the shipped guiding-care estate].
    #[arg(long, value_name = "FILE")]
    estate: Option<PathBuf>,
    /// The region pair [default: the first of the estate].
    #[arg(long, value_name = "PAIR")]
    pair: Option<String>,
    /// A folder for estate file, keys and journal, to keep [default: a temporary one, removed at the end].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Write the rehearsal's report to this file: JSON for .json, a page for .html, else Markdown.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print changes as lines while it plays, for screen readers, logs and pipes.
    #[arg(long, conflicts_with = "json")]
    plain: bool,
    /// Give up after this many minutes of the world's time.
    #[arg(long, value_name = "MINUTES", default_value_t = 20)]
    limit: i64,
    #[command(flatten)]
    record: RecordArgs,
}

/// Runs the rehearsal; exit code 1 when traffic did not move.
///
/// # Errors
/// When the simulator or the engine cannot start.
pub async fn run(args: RehearseArgs) -> Result<Exit> {
    let stage =
        Stage::set(&args.scenario, args.speed, args.temper.temper(), args.estate.as_deref(), args.folder.as_deref())
            .await?;
    let recorder = args.record.begin()?;
    let mut engine = stage.engine(Span::from_secs(1), args.speed, recorder.clone()).await?;
    let pair = super::common::pair(&stage.estate, args.pair.as_deref())?;
    if let Some(recorder) = &recorder {
        recorder.screen(&ui::Screen::new(watcher(&stage, &pair)));
    }
    let mut script = Script::new(&stage, &pair)?;
    engine.ask(script.begin(&args.scenario));
    let mut plain = args.plain.then(|| script.plain(&stage));
    if let Some(plain) = &mut plain {
        say(&plain.greeting(engine.model()));
    }
    let limit = Span::from_mins(args.limit);
    let real = Duration::from_secs_f64(limit.as_secs_f64() / args.speed.max(0.001)) + Duration::from_secs(20);
    let played = tokio::time::timeout(real, async {
        while !script.is_over(engine.model()) && engine.model().now.since(engine.model().opened) < limit {
            engine.next().await;
            script.act(&mut engine)?;
            if let Some(plain) = &mut plain {
                say(&plain.follow(engine.model()));
            }
            recorder.iter().for_each(|r| r.drawn(WATCHED));
        }
        Ok::<_, color_eyre::Report>(())
    });
    let in_time = played.await;
    if let Ok(result) = in_time {
        result?;
    }
    engine.ask(Ask::End { by: script.alice.clone(), pair: pair.clone() });
    engine.until(LAST, |m| !m.is_busy()).await;
    let model = engine.model().clone();
    let change = script.change.and_then(|d| model.changes.get(&d).cloned());
    engine.close().await;
    args.record.tell(recorder.as_ref());
    let Whole { records, source, .. } = records(&stage.folder).wrap_err("failed to read the rehearsal's journal")?;
    if let Some(fault) = &source.fault {
        return Err(eyre!("the rehearsal's journal is damaged: {fault}"));
    }
    let lines = source.lines;
    let window = crate::report::find(&records, None).ok_or_else(|| eyre!("the rehearsal left nothing to report"))?;
    let report = Report::of(&records, &window, source);
    let truth = truth(&stage, change.as_ref());
    let moved = matches!(change.as_ref().map(|c| &c.state), Some(State::Verified { moved: Some(_) })) && truth.is_ok();
    if args.json {
        say!("{:#}", as_json(&args, &model, &pair, change.as_ref(), moved, lines));
    } else {
        say!("{}", as_lines(&model, &pair, change.as_ref()).join("\n"));
        say!("journal: {lines} lines, chain verified\n");
        say!("{}", crate::report::markdown(&report));
    }
    if let Some(file) = &args.report {
        std::fs::write(file, Format::of(file).write(&report)?)
            .wrap_err_with(|| format!("failed to write {}", file.display()))?;
    }
    if let Err(why) = &truth {
        complain!("signalbox: {why}");
    }
    drop(stage.sim);
    if args.folder.is_none() {
        let _ = std::fs::remove_dir_all(&stage.folder);
    }
    Ok(if moved { Exit::Ok } else { Exit::Failed })
}

/// How long the journal may take for the last record.
const LAST: Duration = Duration::from_secs(10);

/// The size of the screen on which a recorded rehearsal is seen.
const WATCHED: Rect = Rect { x: 0, y: 0, width: 150, height: 44 };

/// The screen on which a recorded rehearsal is seen: somebody looks on.
fn watcher(stage: &Stage, pair: &PairName) -> ui::Setup {
    ui::Setup {
        person: None,
        hands: Hands::empty(),
        pair: pair.clone(),
        theme: Theme::default(),
        keymap: Keymap::default(),
        approve: approve(stage),
        mode: ui::Mode::Demo,
    }
}

/// How somebody else would approve: nobody has to, bob is scripted.
fn approve(stage: &Stage) -> ApproveHint {
    let folder = stage.folder.join("incident").display().to_string();
    ApproveHint { program: "signalbox".into(), folder, key: None, estate: None, second_person: None }
}

/// The two people.
struct Script {
    alice: Operator,
    bob_key: PathBuf,
    incident: PathBuf,
    pair: PairName,
    asked: Option<Nonce>,
    change: Option<Digest>,
    tries: usize,
    signed: Option<Digest>,
    turned: Option<Digest>,
    told: bool,
}

impl Script {
    fn new(stage: &Stage, pair: &PairName) -> Result<Self> {
        let alice = Hands::of(&stage.estate, &PersonName::from(ALICE))
            .operator
            .ok_or_else(|| eyre!("{ALICE} is no operator of this estate"))?;
        Ok(Self {
            alice,
            bob_key: stage.bob_key.clone(),
            incident: stage.folder.join("incident"),
            pair: pair.clone(),
            asked: None,
            change: None,
            tries: 0,
            signed: None,
            turned: None,
            told: false,
        })
    }

    /// A rehearsal is a drill like any other.
    fn begin(&self, scenario: &str) -> Ask {
        let name = format!("rehearsal of {}", scenario.rsplit('/').next().unwrap_or(scenario));
        let name = name.chars().take(60).collect();
        let participants = vec![ALICE.to_owned(), BOB.to_owned()];
        let session =
            NewSession { pair: self.pair.clone(), name, kind: SessionKind::Quarterly, participants, since: None };
        Ask::Begin { by: self.alice.clone(), session }
    }

    /// The rehearsal as lines, as somebody who only looks on would hear it.
    fn plain(&self, stage: &Stage) -> Plain {
        let approve = approve(stage);
        let banner = Some("REHEARSAL simulator, two scripted people".to_owned());
        let (hands, pair) = (Hands::empty(), self.pair.clone());
        Plain::new(Setup { person: None, hands, pair, approve, banner, presenter: false, heartbeat: None })
    }

    fn is_over(&self, model: &Model) -> bool {
        let given_up = self.tries >= TRIES && self.current(model).is_none_or(|c| closed_badly(&c.state));
        given_up || (self.told && model.incidents.get(&self.pair).is_some_and(|i| i.ended.is_some()))
    }

    fn current<'m>(&self, model: &'m Model) -> Option<&'m Change> {
        self.change.and_then(|d| model.changes.get(&d))
    }

    /// Does what the people would do now.
    fn act(&mut self, engine: &mut Engine) -> Result<()> {
        let model = engine.model();
        if let Some(nonce) = self.asked {
            if model.is_busy() {
                return Ok(());
            }
            self.asked = None;
            self.change = model.changes.all().iter().find(|c| c.text.nonce == nonce).map(|c| c.digest);
        }
        match self.current(model).cloned() {
            None => self.propose(engine),
            Some(c) if closed_badly(&c.state) && self.tries < TRIES => self.propose(engine),
            Some(c) => match c.state {
                State::Proposed if self.signed != Some(c.digest) => self.approve(&c),
                State::Approved if self.turned != Some(c.digest) => {
                    self.turned = Some(c.digest);
                    let typed = c.text.receiving.to_string();
                    engine.ask(Ask::SecondKey { by: self.alice.clone(), change: c.digest, typed });
                    Ok(())
                }
                State::Verified { moved: Some(_) } if !self.told => {
                    let ready =
                        model.incidents.get(&self.pair).is_some_and(|i| i.step(Step::Applications).ended.is_some());
                    if ready {
                        self.told = true;
                        engine.ask(Ask::Told { by: self.alice.clone(), pair: self.pair.clone() });
                    }
                    Ok(())
                }
                _ => Ok(()),
            },
        }
    }

    fn propose(&mut self, engine: &mut Engine) -> Result<()> {
        let model = engine.model();
        let incident = model.incidents.get(&self.pair).is_some_and(|i| i.step(Step::Detected).ended.is_some());
        let planned = model.now.since(model.opened) > PLANNED_AFTER;
        let Some(receiving) = receiving(model, &self.pair) else { return Ok(()) };
        let mut draft = Draft::towards(&model.estate, &self.pair, &receiving)?;
        let known = draft.to().iter().all(|(arn, _)| matches!(model.levers.get(arn, model.now), Lever::Agreed(_)));
        if !known || !(incident || planned) {
            return Ok(());
        }
        draft.reason =
            if incident { "rehearsal: the active region is impaired" } else { "rehearsal: planned move" }.into();
        if !model.stops(&draft).is_empty() {
            draft.despite = "rehearsal: the script goes on whatever fails".into();
        }
        let bits = crate::runtime::random_bits().ok_or_else(|| eyre!("the system has no random bits"))?;
        let nonce = Nonce(bits);
        self.tries += 1;
        engine.ask(Ask::Propose { by: self.alice.clone(), draft, nonce });
        self.asked = Some(nonce);
        Ok(())
    }

    /// Bob reads the change from the incident folder, as anybody could, and leaves his signature next to it.
    fn approve(&mut self, change: &Change) -> Result<()> {
        let file = self.incident.join(format!("{}.change", change.digest.words()));
        let Ok(text) = crate::files::read_text(&file, super::change_file::LONGEST) else { return Ok(()) };
        let read = ChangeText::parse(&text).wrap_err("failed to read the published change")?;
        let key =
            crate::signing::SecretKey::read(&self.bob_key).wrap_err_with(|| format!("failed to read {BOB}'s key"))?;
        let signature = key.approve(&read.canonical()).wrap_err("failed to sign")?;
        let sig = file.with_extension("change.sig");
        std::fs::write(&sig, signature).wrap_err("failed to leave the signature")?;
        self.signed = Some(change.digest);
        Ok(())
    }
}

/// Prints lines at once, also into a pipe.
fn say(lines: &[String]) {
    lines.iter().for_each(|line| say!("{line}"));
}

/// The region that traffic does not enter.
fn receiving(model: &Model, pair: &PairName) -> Option<Region> {
    let side = model.levers_side(pair)?;
    Some(model.estate.pair(pair)?.region(side.other()).clone())
}

fn closed_badly(state: &State) -> bool {
    !state.is_open() && !state.is_running() && !matches!(state, State::Verified { .. })
}

/// Whether the simulated world agrees that the controls are as the change asked.
fn truth(stage: &Stage, change: Option<&Change>) -> Result<()> {
    let change = change.ok_or_else(|| eyre!("no change was proposed"))?;
    let states = stage.sim.control_states();
    for flip in change.text.flips() {
        if states.get(&flip.arn) != Some(&flip.to) {
            return Err(eyre!("the simulated world has {} in another state than {}", flip.name, flip.to));
        }
    }
    Ok(())
}

fn steps(model: &Model, pair: &PairName) -> Vec<(Step, Option<Span>, Option<Span>)> {
    let Some(incident) = model.incidents.get(pair) else { return Vec::new() };
    Step::ALL
        .into_iter()
        .map(|step| {
            let clock = incident.step(step);
            let at = clock.ended.map(|e| e.since(incident.started.at()));
            (step, clock.ended.and_then(|e| clock.began.map(|b| e.since(b))), at)
        })
        .collect()
}

fn as_lines(model: &Model, pair: &PairName, change: Option<&Change>) -> Vec<String> {
    let mut lines = vec![model.sentence(pair).text, String::new()];
    for entry in model.timeline.of(pair).collect::<Vec<_>>().into_iter().rev() {
        lines.push(format!("{}  {:<10} {}", words::time_of_day(entry.at.wall), entry.source, entry.text));
    }
    lines.push(String::new());
    for (step, took, at) in steps(model, pair) {
        let word = |span: Option<Span>| span.map_or("–".to_owned(), words::span);
        let at = at.map_or("–".to_owned(), |span| crate::words::t_plus(Lasted { span, at_least: false }));
        lines.push(format!("{} {:<13} took {:>12}   done at {at}", step.number(), step.word(), word(took)));
    }
    if let Some(incident) = model.incidents.get(pair) {
        let total =
            incident.rto_used(model.now).map_or_else(|| "an unknown time".to_owned(), crate::words::lasted_aloud);
        lines.push(format!("traffic served again after {total} of an RTO of {}", words::span(incident.rto)));
    }
    if let Some(c) = change {
        lines.push(format!(
            "change {} is {}; data loss as approved: {}",
            c.digest.words(),
            c.state.word(),
            c.text.loss
        ));
    }
    lines
}

fn as_json(
    args: &RehearseArgs,
    model: &Model,
    pair: &PairName,
    change: Option<&Change>,
    moved: bool,
    journal_lines: u64,
) -> serde_json::Value {
    let steps: Vec<_> = steps(model, pair)
        .into_iter()
        .map(|(step, took, at)| {
            let seconds = |s: Option<Span>| s.map(|s| s.as_secs_f64());
            json!({ "step": step.number(), "name": step.word(), "took_seconds": seconds(took), "done_at_seconds": seconds(at) })
        })
        .collect();
    let timeline: Vec<_> = model
        .timeline
        .entries()
        .iter()
        .map(|e| json!({ "at": e.at.wall.to_string(), "source": e.source, "severity": e.severity, "text": e.text }))
        .collect();
    let incident = model.incidents.get(pair);
    json!({
        "version": 1,
        "scenario": args.scenario,
        "speed": args.speed,
        "pair": pair,
        "moved": moved,
        "sentence": model.sentence(pair).text,
        "planned": incident.map(|i| i.planned),
        "steps": steps,
        "rto_seconds": incident.map(|i| i.rto.as_secs_f64()),
        "rto_used_seconds": incident.and_then(|i| i.rto_used(model.now)).map(|used| used.span.as_secs_f64()),
        "change": change.map(|c| json!({ "digest": c.digest, "words": c.digest.words(), "state": c.state.word(), "loss": c.text.loss })),
        "journal_lines": journal_lines,
        "timeline": timeline,
    })
}
