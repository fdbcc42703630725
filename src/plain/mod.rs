//! The console without a screen: first the state in sentences, then a line for each change, and commands in plain
//! words.
//!
//! For screen readers, logs and pipes. It is pure like a screen: what is said is a function of the model and of what
//! was said before. Here too, types decide what a person may do: the asks that act carry tokens, and an observer's
//! hands hold none.

mod command;
mod follow;
mod say;
mod summary;

use crate::change::{ApproveHint, Change, Digest, Draft, Hands, Operator};
use crate::estate::{PairName, PersonName};
use crate::event::Ask;
use crate::model::{Model, Veil};
use crate::time::Span;

/// What a plain console is made with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who sits here; none for somebody who only looks on, without a name.
    pub person: Option<PersonName>,
    /// What they may do.
    pub hands: Hands,
    /// The pair that commands are about first.
    pub pair: PairName,
    /// How a second person approves.
    pub approve: ApproveHint,
    /// The mode, said at the start: `DEMO simulator`, `READ-ONLY`.
    pub banner: Option<String>,
    /// Presenter mode: accounts, ARNs, hosts, addresses and keys are masked in every line.
    pub presenter: bool,
    /// How often the sentence is repeated although nothing has changed; none for never.
    pub heartbeat: Option<Span>,
}

/// What a typed line wants done. The runtime does it.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Say this line.
    Say(String),
    /// Ask the model.
    Ask(Ask),
    /// Propose a draft; the runtime adds the nonce.
    Propose {
        /// The requester.
        by: Operator,
        /// What for.
        draft: Draft,
    },
    /// Sign as the demo's second person. Only where the setup names one.
    ActAsSecond {
        /// Who sits at the demo's keyboard.
        by: Operator,
        /// The change.
        change: Digest,
    },
    /// Ask every source again now.
    Hurry,
    /// Leave.
    Quit,
}

/// Proof that a line came alone, or by a pipe, where lines come together on purpose.
#[derive(Clone, Copy, Debug)]
struct ByHand(());

/// A plain console: what has been said, and the draft in progress.
#[derive(Clone, Debug)]
pub struct Plain {
    setup: Setup,
    pair: PairName,
    told: Option<follow::Told>,
    /// A change that waits for a word: why to go on despite failing checks, or which rules to override.
    draft: Option<Draft>,
    /// A signature that is being pasted, line by line.
    signature: Option<String>,
    /// The change that was read out whole: whoever approves it here has heard it.
    heard: Option<Digest>,
    veil: Option<Veil>,
}

impl Plain {
    /// A console that has said nothing yet.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self { pair: setup.pair.clone(), setup, told: None, draft: None, signature: None, heard: None, veil: None }
    }

    /// Who this console is for, before anything is known.
    pub fn greeting(&mut self, model: &Model) -> Vec<String> {
        let lines = self.greet(model);
        self.shown(model, lines)
    }

    /// The lines for what has changed since the last look; the summary, once the first readings are there.
    pub fn follow(&mut self, model: &Model) -> Vec<String> {
        let lines = self.changed(model);
        self.shown(model, lines)
    }

    /// Takes a typed line in; gives what is to be said and done.
    pub fn command(&mut self, model: &Model, typed: &str) -> Vec<Act> {
        self.line(model, typed, Some(ByHand(())))
    }

    /// The same for a line that came together with others at a keyboard: pasted. It moves no traffic.
    pub fn pasted(&mut self, model: &Model, typed: &str) -> Vec<Act> {
        self.line(model, typed, None)
    }

    fn line(&mut self, model: &Model, typed: &str, hand: Option<ByHand>) -> Vec<Act> {
        let mut acts = self.take(model, typed, hand);
        for act in &mut acts {
            if let Act::Say(line) = act {
                *line = self.shown(model, vec![std::mem::take(line)]).concat();
            }
        }
        acts
    }

    /// Lines as they may be heard.
    fn shown(&mut self, model: &Model, lines: Vec<String>) -> Vec<String> {
        if !self.setup.presenter || lines.is_empty() {
            return lines;
        }
        let veil = self.veil.get_or_insert_with(|| Veil::of(&model.estate));
        let mask = veil.mask(model);
        lines.iter().map(|line| mask.text(line).into_owned()).collect()
    }

    fn is_mine(&self, change: &Change) -> bool {
        self.setup.hands.operator.as_ref().is_some_and(|o| *o.name() == change.text.by)
    }

    /// The change of the pair that people should have in mind: running, open, or closed last.
    fn current<'m>(&self, model: &'m Model) -> Option<&'m Change> {
        let of = |c: &&Change| c.text.pair == self.pair;
        let all = model.changes.all();
        let running = model.changes.running().filter(of);
        running
            .or_else(|| all.iter().rev().filter(of).find(|c| c.state.is_open()))
            .or_else(|| all.iter().rev().find(of))
    }
}
