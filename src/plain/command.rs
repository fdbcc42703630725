//! Typed commands in plain words: from one table come what is understood and what `help` says.

use super::say::{line, spoken, standing};
use super::summary::lever;
use super::{Act, ByHand, Plain};
use crate::change::{Change, ChangeText, Consent, Draft, State, Wanted, drop_blinding};
use crate::estate::{PairName, Side};
use crate::event::{Ask, NewSession, Via};
use crate::fault::nearest;
use crate::model::{Mark, Model, words};
use crate::record::SessionKind;

const BEGIN: &str = "BEGIN SSH SIGNATURE";
const END: &str = "END SSH SIGNATURE";
/// The longest signature, in bytes.
const LONGEST_SIGNATURE: usize = 64 * 1024;

/// The longest line, in bytes.
const LONGEST_LINE: usize = 2000;

macro_rules! commands {
    ($($name:ident = $words:literal, $takes:literal, $help:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Command { $($name,)+ }

        /// Each command with its words, its arguments, and what it does.
        const COMMANDS: &[(Command, &str, &str, &str)] = &[$((Command::$name, $words, $takes, $help),)+];
    };
}

commands! {
    Status = "status", "", "everything known, in sentences";
    FailOver = "fail over", "REASON", "propose to move all services of the pair to its standby side";
    FailBack = "fail back", "REASON", "propose to move all services of the pair to its active side";
    LaunchDrill = "launch drill", "SERVERS: WHY", "propose a DRS drill launch in the standby region: names of servers or all, a colon, why";
    Recover = "recover", "SERVERS: WHY", "propose a REAL recovery of DRS servers in the standby region";
    Despite = "despite", "WHY", "propose it although preflight checks fail; the approver signs both";
    Override = "override", "RULE", "override a safety rule that would refuse it; the approver sees it";
    Propose = "propose", "", "propose it as it is, although a safety rule would refuse it";
    Drop = "drop", "", "drop the draft";
    Read = "read", "", "hear all of the change that waits, or of the last one";
    SecondKey = "second key", "REGION", "turn the second key of your approved change: the region that receives the traffic";
    Withdraw = "withdraw", "", "take your change back";
    Approve = "approve", "WORD CODE", "approve somebody else's change that you have read: your key signs it here";
    Reject = "reject", "WHY", "reject somebody else's change";
    SignAsSecond = "sign as the second person", "", "in the demo: approve as its second person";
    Told = "told", "", "step 7: people were told";
    Begin = "begin", "KIND NAME", "begin an incident, or a monthly, quarterly or yearly drill, of this name";
    End = "end", "", "end the running incident or drill; signalbox report describes it";
    Note = "note", "TEXT", "write a note into the timeline and the journal";
    Pair = "pair", "NAME", "choose the pair for the commands";
    AskAgain = "ask again", "", "ask every source now";
    Help = "help", "", "this list";
    Quit = "quit", "", "leave; a change goes on waiting in the journal";
}

/// A line's command and what follows it, as it was typed.
fn parse(typed: &str) -> Option<(Command, String)> {
    let parts: Vec<&str> = typed.split_whitespace().collect();
    let says = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        (parts.len() >= words.len() && words.iter().zip(&parts).all(|(w, p)| p.eq_ignore_ascii_case(w)))
            .then_some(words.len())
    };
    let (command, n) = COMMANDS.iter().find_map(|(command, words, ..)| says(words).map(|n| (*command, n)))?;
    let mut rest = typed.trim_start();
    for _ in 0..n {
        rest = rest.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
    }
    Some((command, rest.trim_end().to_owned()))
}

impl Plain {
    pub(super) fn take(&mut self, model: &Model, typed: &str, hand: Option<ByHand>) -> Vec<Act> {
        let typed = typed.trim_matches(|c: char| c.is_whitespace());
        if self.signature.is_some() || typed.contains(BEGIN) || typed.starts_with(Consent::WORDS) {
            return self.signature(model, typed);
        }
        if typed.is_empty() {
            return Vec::new();
        }
        if typed.len() > LONGEST_LINE {
            return vec![answer(
                model,
                "refused",
                &format!("a line has {LONGEST_LINE} bytes at most; nothing was done"),
            )];
        }
        match parse(typed) {
            Some((command, rest)) => self.obey(model, command, &rest, hand),
            None => {
                let first = typed.split_whitespace().next().unwrap_or_default();
                let names: Vec<&str> = COMMANDS.iter().map(|(_, words, ..)| *words).collect();
                let near = nearest(first, &names);
                let near = if near.contains("did you mean") { near } else { "; type help for the list".into() };
                vec![answer(model, "refused", &format!("there is no command `{first}`{near}"))]
            }
        }
    }

    fn obey(&mut self, model: &Model, command: Command, rest: &str, hand: Option<ByHand>) -> Vec<Act> {
        let takes = COMMANDS.iter().find(|(c, ..)| *c == command).map_or("", |(_, _, takes, _)| *takes);
        if takes.is_empty() && !rest.is_empty() && command != Command::Help {
            let text = format!("this command takes nothing after it; `{rest}` is too much");
            return vec![answer(model, "refused", &text)];
        }
        if !takes.is_empty() && rest.is_empty() {
            let words = COMMANDS.iter().find(|(c, ..)| *c == command).map_or("", |(_, words, ..)| *words);
            let mut text = format!("{takes} is missing: {words} {takes}");
            if command == Command::Pair {
                text = format!("the pair is {}; {}", self.pair, pairs(model));
            }
            return vec![answer(model, "refused", &text)];
        }
        match command {
            Command::Status => self.summary(model).into_iter().map(Act::Say).collect(),
            Command::FailOver => self.draft(model, Side::Standby, rest),
            Command::FailBack => self.draft(model, Side::Active, rest),
            Command::LaunchDrill => self.launch(model, true, rest),
            Command::Recover => self.launch(model, false, rest),
            Command::Despite => self.despite(model, rest),
            Command::Override => self.overrule(model, rest),
            Command::Propose => self.propose(model, true),
            Command::Drop => match self.draft.take() {
                Some(draft) => vec![answer(model, "answer", &format!("{} is forgotten", draft.title))],
                None => vec![answer(model, "refused", "nothing is being put together")],
            },
            Command::Read => self.read(model),
            Command::SecondKey => self.second_key(model, rest, hand),
            Command::Withdraw => self.withdraw(model),
            Command::Approve => self.approve(model, rest, hand),
            Command::Reject => self.reject(model, rest),
            Command::SignAsSecond => self.sign_as_second(model),
            Command::Told => match self.setup.hands.operator.clone() {
                Some(by) => vec![Act::Ask(Ask::Told { by, pair: self.pair.clone() })],
                None => vec![answer(model, "refused", "you only look on, and cannot end a step")],
            },
            Command::Begin => self.begin(model, rest),
            Command::End => match self.setup.hands.operator.clone() {
                Some(by) => vec![Act::Ask(Ask::End { by, pair: self.pair.clone() })],
                None => vec![answer(model, "refused", "you only look on, and cannot end an incident or drill")],
            },
            Command::Note => match self.setup.hands.operator.clone() {
                Some(by) => {
                    let text = rest.to_owned();
                    vec![Act::Ask(Ask::Note { by, pair: self.pair.clone(), text })]
                }
                None => vec![answer(model, "refused", "you only look on, and cannot write notes")],
            },
            Command::Pair => self.choose_pair(model, rest),
            Command::AskAgain => vec![Act::Hurry, answer(model, "answer", "every source is being asked")],
            Command::Help => help(model, &self.pair),
            Command::Quit => vec![answer(model, "answer", "signalbox ends"), Act::Quit],
        }
    }

    /// `quarterly 2026-Q4`
    fn begin(&self, model: &Model, rest: &str) -> Vec<Act> {
        let Some(by) = self.setup.hands.operator.clone() else {
            return vec![answer(model, "refused", "you only look on, and cannot begin an incident or drill")];
        };
        let (kind, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let kinds = [
            ("incident", SessionKind::Incident),
            ("monthly", SessionKind::Monthly),
            ("quarterly", SessionKind::Quarterly),
            ("yearly", SessionKind::Yearly),
        ];
        let names = kinds.map(|(name, _)| name);
        match kinds.iter().find(|(known, _)| known.eq_ignore_ascii_case(kind)) {
            Some((_, kind)) => {
                let (pair, name) = (self.pair.clone(), name.trim().to_owned());
                let session = NewSession { pair, name, kind: *kind, participants: Vec::new(), since: None };
                vec![Act::Ask(Ask::Begin { by, session })]
            }
            None => {
                let text = format!("`{kind}` is not something that can begin{}", nearest(kind, &names));
                vec![answer(model, "refused", &text)]
            }
        }
    }

    fn draft(&mut self, model: &Model, towards: Side, reason: &str) -> Vec<Act> {
        let Some(pair) = model.estate.pair(&self.pair) else { return Vec::new() };
        let made = Draft::towards(&model.estate, &self.pair, pair.region(towards));
        self.take_up(model, made.map_err(|why| why.to_string()), reason)
    }

    /// `app-01, app-02: to see them start`
    fn launch(&mut self, model: &Model, drill: bool, rest: &str) -> Vec<Act> {
        let Some(pair) = model.estate.pair(&self.pair) else { return Vec::new() };
        let Some((servers, reason)) = rest.split_once(':') else {
            let text = "say which servers and why: launch drill all: WHY, or launch drill NAME, NAME: WHY";
            return vec![answer(model, "refused", text)];
        };
        let names: Vec<&str> = servers.split([',', ' ']).map(str::trim).filter(|s| !s.is_empty()).collect();
        let region = &pair.standby;
        let ids = match names.as_slice() {
            [] => Err("name the servers, or say all".to_owned()),
            [all] if all.eq_ignore_ascii_case("all") => Ok(Vec::new()),
            names => model.servers_of(region, names),
        };
        let made = ids.and_then(|ids| {
            let launch = model.launch_of(region, &ids, drill);
            Draft::launching(&model.estate, &self.pair, region, launch).map_err(|why| why.to_string())
        });
        self.take_up(model, made, reason.trim())
    }

    fn take_up(&mut self, model: &Model, made: Result<Draft, String>, reason: &str) -> Vec<Act> {
        if self.setup.hands.operator.is_none() {
            return vec![answer(model, "refused", "you only look on, and cannot propose changes")];
        }
        if let Some(why) = &model.read_only {
            return vec![answer(model, "refused", &format!("this console is read-only: {why}"))];
        }
        match made {
            Ok(mut draft) => {
                draft.reason = reason.to_owned();
                self.draft = Some(draft);
                self.propose(model, false)
            }
            Err(why) => vec![answer(model, "refused", &why)],
        }
    }

    fn despite(&mut self, model: &Model, why: &str) -> Vec<Act> {
        match &mut self.draft {
            Some(draft) => {
                draft.despite = why.to_owned();
                self.propose(model, false)
            }
            None => vec![answer(model, "refused", "there is no draft: begin with fail over REASON")],
        }
    }

    fn overrule(&mut self, model: &Model, name: &str) -> Vec<Act> {
        let Some(draft) = &mut self.draft else {
            return vec![answer(model, "refused", "there is no draft: begin with fail over REASON")];
        };
        let refusing: Vec<_> = model.predict(draft).into_iter().filter(|v| v.allows == Some(false)).collect();
        match refusing.iter().find(|v| v.name == name) {
            Some(verdict) => {
                if let Some(overrides) = draft.overrides_mut().filter(|o| !o.contains(&verdict.rule)) {
                    overrides.push(verdict.rule.clone());
                }
                self.propose(model, false)
            }
            None => {
                let names: Vec<&str> = refusing.iter().map(|v| v.name.as_str()).collect();
                let text = format!("no safety rule called `{name}` would refuse it{}", nearest(name, &names));
                vec![answer(model, "refused", &text)]
            }
        }
    }

    /// Proposes the draft, or says what stops it. With `anyhow`, what only ARC would refuse does not stop it.
    fn propose(&mut self, model: &Model, anyhow: bool) -> Vec<Act> {
        let (Some(by), Some(mut draft)) = (self.setup.hands.operator.clone(), self.draft.clone()) else {
            return vec![answer(model, "refused", "there is no draft: begin with fail over REASON")];
        };
        let mut acts = Vec::new();
        let stops = model.stops(&draft);
        let verdicts = model.predict(&draft);
        let refusing: Vec<_> = verdicts.iter().filter(|v| v.allows == Some(false)).collect();
        let respected: Vec<_> = refusing.iter().filter(|v| !v.overridden).collect();
        if !stops.is_empty() && draft.despite.trim().is_empty() {
            let text = format!(
                "NOT proposed yet: {} preflight {}: {}. To go on anyway, type: despite WHY",
                stops.len(),
                if stops.len() == 1 { "check fails" } else { "checks fail" },
                stops.join("; ")
            );
            acts.push(answer(model, "warning", &text));
        }
        if !respected.is_empty() && !anyhow {
            let rules: Vec<_> = respected.iter().map(|v| format!("{} ({})", v.name, v.why)).collect();
            let text = format!(
                "NOT proposed yet: ARC would refuse it by safety {} {}. To override, type: override RULE. To propose \
                 it as it is, type: propose",
                if rules.len() == 1 { "rule" } else { "rules" },
                rules.join("; ")
            );
            acts.push(answer(model, "warning", &text));
        }
        if !acts.is_empty() {
            return acts;
        }
        if stops.is_empty() {
            draft.despite.clear();
        }
        draft.overrides_mut().into_iter().for_each(|o| drop(drop_blinding(o, &verdicts)));
        self.draft = None;
        if let Wanted::Launch(launch) = &draft.wanted {
            let (kind, n) = (launch.kind(), launch.servers.len());
            let servers = if n == 1 { "server" } else { "servers" };
            let text = format!("proposing a {kind} of {n} {servers} in {}", draft.receiving);
            return vec![answer(model, "answer", &text), Act::Propose { by, draft }];
        }
        let side = model.estate.pair(&draft.pair).and_then(|p| p.side(&draft.receiving)).unwrap_or(Side::Standby);
        let preflight = model.preflight(&draft.pair, side);
        let text = format!(
            "proposing to {}. Readiness of {}: {}, {} checks unknown. Data: {}",
            draft.title,
            draft.receiving,
            preflight.score(),
            preflight.count(Mark::Unknown),
            model.loss_of(&draft)
        );
        vec![answer(model, "answer", &text), Act::Propose { by, draft }]
    }

    fn read(&mut self, model: &Model) -> Vec<Act> {
        let Some(change) = self.current(model) else {
            return vec![answer(model, "answer", &format!("pair {} has no change", self.pair))];
        };
        let mut acts: Vec<Act> = whole(model, change).iter().map(|l| Act::Say(spoken(l))).collect();
        if let Some(next) = self.next_step(model, change) {
            acts.push(Act::Say(spoken(&format!("{next}."))));
        }
        if let Some(by) = self.setup.hands.approver.clone()
            && change.state.is_open()
            && *by.name() != change.text.by
        {
            acts.push(Act::Ask(Ask::Reading { by, change: change.digest }));
        }
        self.heard = Some(change.digest);
        acts
    }

    fn second_key(&self, model: &Model, typed: &str, hand: Option<ByHand>) -> Vec<Act> {
        let Some(by) = self.setup.hands.operator.clone() else {
            return vec![answer(model, "refused", "you only look on, and cannot turn a second key")];
        };
        let open = |c: &&Change| c.text.pair == self.pair && c.state.is_open();
        let all = model.changes.all();
        let change =
            all.iter().rev().filter(open).find(|c| c.state == State::Approved).or_else(|| all.iter().rev().find(open));
        match change {
            Some(change) => {
                confirmed(model, hand, Ask::SecondKey { by, change: change.digest, typed: typed.to_owned() })
            }
            None => vec![answer(model, "refused", &format!("no change of pair {} waits for a second key", self.pair))],
        }
    }

    fn withdraw(&self, model: &Model) -> Vec<Act> {
        let mine = |c: &&Change| c.text.pair == self.pair && c.state.is_open() && self.is_mine(c);
        match (self.setup.hands.operator.clone(), model.changes.all().iter().rev().find(mine)) {
            (Some(by), Some(change)) => vec![Act::Ask(Ask::Withdraw { by, change: change.digest })],
            _ => vec![answer(model, "refused", &format!("no change of yours waits in pair {}", self.pair))],
        }
    }

    fn approve(&self, model: &Model, typed: &str, hand: Option<ByHand>) -> Vec<Act> {
        let refused = |why: String| vec![answer(model, "refused", &why)];
        let Some(by) = self.setup.hands.approver.clone() else {
            return refused("only an approver approves a change".into());
        };
        let waits = |c: &&Change| c.text.pair == self.pair && c.state == State::Proposed && !self.is_mine(c);
        let Some(change) = model.changes.all().iter().rev().find(waits) else {
            return refused(format!("no change of pair {} waits for your approval", self.pair));
        };
        if self.setup.presenter {
            return refused("names are masked here: approve where you read them as they are".into());
        }
        if self.heard != Some(change.digest) {
            return refused("read all of it first: type read".into());
        }
        confirmed(model, hand, Ask::Approve { by, change: change.digest, typed: typed.to_owned() })
    }

    fn reject(&self, model: &Model, why: &str) -> Vec<Act> {
        let Some(by) = self.setup.hands.approver.clone() else {
            return vec![answer(model, "refused", "only an approver rejects a change")];
        };
        let open = |c: &&Change| c.text.pair == self.pair && c.state.is_open();
        match model.changes.all().iter().rev().find(open) {
            Some(change) => {
                let reason = why.to_owned();
                vec![Act::Ask(Ask::Reject { by, change: change.digest, reason })]
            }
            None => vec![answer(model, "refused", &format!("no change of pair {} waits", self.pair))],
        }
    }

    fn sign_as_second(&self, model: &Model) -> Vec<Act> {
        if self.setup.approve.second_person.is_none() {
            return vec![answer(model, "refused", "acting as the second person exists in the demo only")];
        }
        let waits = |c: &&Change| c.text.pair == self.pair && c.state == State::Proposed;
        match (self.setup.hands.operator.clone(), model.changes.all().iter().rev().find(waits)) {
            (Some(by), Some(change)) => vec![Act::ActAsSecond { by, change: change.digest }],
            _ => vec![answer(model, "refused", &format!("no change of pair {} waits for an approval", self.pair))],
        }
    }

    fn choose_pair(&mut self, model: &Model, name: &str) -> Vec<Act> {
        let found = model.estate.pair(&PairName::from(name)).map(|p| p.name.clone());
        match found {
            Some(pair) => {
                self.pair = pair;
                // What was put together belongs to the other pair.
                self.draft = None;
                vec![answer(model, "answer", &format!("commands are now about pair {}", self.pair))]
            }
            None => vec![answer(model, "refused", &format!("no pair is called `{name}`; {}", pairs(model)))],
        }
    }

    /// A pasted signature comes line by line. It proves itself, but somebody who only looks on cannot hand one in.
    fn signature(&mut self, model: &Model, typed: &str) -> Vec<Act> {
        let mut armored = self.signature.take().unwrap_or_default();
        armored.push_str(typed);
        armored.push('\n');
        if armored.len() > LONGEST_SIGNATURE {
            return vec![answer(model, "refused", "that is far too long for a signature")];
        }
        if !armored.contains(END) {
            self.signature = Some(armored);
            return Vec::new();
        }
        // It is handed in for the change that this console is about: one over another approves nothing.
        let of = self.current(model).filter(|c| c.state.is_open()).map(|c| c.digest);
        match self.setup.hands.courier(Via::Pasted) {
            Some(_) if model.changes.open().next().is_none() => {
                vec![answer(model, "refused", "no change waits for an approval")]
            }
            Some(by) => vec![Act::Ask(Ask::Signature { armored, by, of })],
            None => vec![answer(model, "refused", "you only look on, and cannot hand in signatures")],
        }
    }
}

/// What moves traffic, or lets it move: only a line that came by itself asks for it.
fn confirmed(model: &Model, hand: Option<ByHand>, ask: Ask) -> Vec<Act> {
    match hand {
        Some(_) => vec![Act::Ask(ask)],
        None => {
            let why = "that line came together with others, as pasted text does: nothing was done. Type it by hand";
            vec![answer(model, "refused", why)]
        }
    }
}

fn answer(model: &Model, word: &str, text: &str) -> Act {
    Act::Say(line(model.now.wall, "signalbox", word, text))
}

fn pairs(model: &Model) -> String {
    let names: Vec<_> = model.estate.pairs.iter().map(|p| p.name.to_string()).collect();
    format!("the estate has {}", names.join(", "))
}

fn help(model: &Model, pair: &PairName) -> Vec<Act> {
    let mut lines = vec![format!("Commands about pair {pair}:")];
    lines.extend(COMMANDS.iter().map(|(_, words, takes, help)| {
        let gap = if takes.is_empty() { "" } else { " " };
        format!("{words}{gap}{takes}: {help}.")
    }));
    lines.push("A signature is pasted as it is, from BEGIN to END SSH SIGNATURE.".into());
    if model.estate.pairs.len() > 1 {
        lines.push(format!("Of the pairs, {}.", pairs(model)));
    }
    lines.iter().map(|l| Act::Say(spoken(l))).collect()
}

/// All of a change, in sentences: what people approve is what they have heard.
fn whole(model: &Model, change: &Change) -> Vec<String> {
    let ChangeText { title, receiving, work, reason, by, loss, .. } = &change.text;
    let mut lines = vec![
        format!(
            "Change {}: {title}. {} {receiving}.",
            change.digest.words(),
            super::summary::capital(work.region_is())
        ),
        format!("{by} asks for it, because \"{reason}\"."),
        format!("State: {}.", standing(model, change)),
    ];
    if let Some(launch) = change.text.launch() {
        let names: Vec<&str> = launch.servers.iter().map(|s| s.name.as_str()).collect();
        let what = if launch.drill { "A drill" } else { "A REAL RECOVERY" };
        let servers = if names.len() == 1 { "server" } else { "servers" };
        lines.push(format!("{what} of {} {servers}: {}.", names.len(), names.join(", ")));
        if let Some(at) = launch.at {
            let from = launch.servers.iter().filter_map(|s| Some((s, s.point.as_ref()?)));
            let from: Vec<String> = from.map(|(s, p)| format!("{} of {}", s.name, p.taken)).collect();
            lines.push(format!("As of {at}, from the snapshots {}.", from.join(", ")));
        }
    }
    for flip in change.text.flips() {
        let now = lever(model.levers.get(&flip.arn, model.now));
        lines.push(format!("Routing control {} goes from {} to {}; now it is {now}.", flip.name, flip.from, flip.to));
    }
    for rule in change.text.overrides() {
        lines.push(format!("It OVERRIDES safety rule {}.", rule.name));
    }
    if let Some(despite) = &change.text.despite {
        let checks = despite.checks.join("; ");
        lines.push(format!("Preflight fails: {checks}. In spite of that because \"{}\".", despite.reason));
    }
    lines.push(format!("Data: {loss}."));
    if let Some(window) = model.window(change) {
        lines.push(format!("{} left.", words::span(window.left)));
    }
    lines
}
