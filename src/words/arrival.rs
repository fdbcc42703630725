//! That a change's traffic has arrived, or which part of that is not proven.

use super::enters::not_told;
use super::{Length, list};
use crate::estate::{Region, ServiceName};
use crate::event::Blind;

/// The DNS answers for some names: of those that are given, how many lead where traffic goes. What a silent resolver
/// does not give leads nowhere, so it is counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// They lead there.
    pub there: usize,
    /// All that are given, wherever they lead.
    pub given: usize,
    /// Those of them of which nothing tells where they lead.
    pub untold: usize,
    /// Those that resolvers were asked for and do not give.
    pub silent: usize,
}

impl Answers {
    /// Whether each answer that is given leads there, and at least one is given.
    #[must_use]
    pub fn agree(self) -> bool {
        self.there > 0 && self.there == self.given
    }

    /// Whether any answer that is given tells where it leads.
    #[must_use]
    pub fn tell(self) -> bool {
        self.given > self.untold
    }

    /// `16 of 24 DNS answers lead there, 8 queries got none`, as a part of a sentence. `to` is `there`, or `to us-east-2`.
    #[must_use]
    pub fn lead(self, to: &str) -> String {
        let Self { there, given, untold, silent } = self;
        let missing = match silent {
            0 => String::new(),
            1 => ", 1 is not given".to_owned(),
            n => format!(", {n} queries got none"),
        };
        let blind = match untold {
            0 => String::new(),
            n => format!(", of {n} nobody can tell"),
        };
        match given {
            0 => "no DNS answer is given".to_owned(),
            n if n == untold => format!("where the {n} DNS answers lead nobody can tell{missing}"),
            _ => format!("{there} of {given} DNS answers lead {to}{blind}{missing}"),
        }
    }

    /// `16/24`; `16/24, 8 ?` where resolvers do not answer, or nothing tells where an answer leads; `no answer` where none
    /// does.
    #[must_use]
    pub fn short(self) -> String {
        match self {
            Self { given: 0, .. } => "no answer".to_owned(),
            Self { given, untold, silent, .. } if given == untold => format!("{} ?", untold + silent),
            Self { there, given, untold: 0, silent: 0 } => format!("{there}/{given}"),
            Self { there, given, untold, silent } => format!("{there}/{}, {} ?", given - untold, untold + silent),
        }
    }
}

/// Something that is missing to the proof that traffic has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// No DNS name is watched that the change steers.
    Unwatched,
    /// Of the answers that resolvers give and that tell where they lead, not all lead there.
    Answers(Answers),
    /// Of so many answers nothing tells where they lead, for this reason.
    Untold(usize, Blind),
    /// No resolver answers for this name.
    Unanswered(String),
    /// Resolvers that are silent now gave so many answers before that lead elsewhere, or nobody knows where, and that can still be used.
    Remembered(usize),
    /// The application does not answer there.
    Fails(ServiceName),
    /// Whether it does is not known at the moment.
    Unread(ServiceName),
    /// Nothing asks it: the estate has neither a probe nor a health check of it there.
    Unprobed(ServiceName),
}

/// What has become of the traffic that a verified move sends on, by what is read now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// These controls, by name, are not as the move left them any more: nothing that it once showed holds now.
    Undone(Vec<String>),
    /// Its traffic has not arrived, as far as is proven.
    Awaited(Vec<Unproven>),
    /// Its traffic has arrived.
    Arrived,
}

/// How far the traffic of a verified move is, where it has not arrived as far as is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    /// No answer that is given leads elsewhere; something else is missing to the proof.
    Unproven,
    /// Answers are given, and none leads there.
    NotYet,
    /// Some of the answers that are given lead there.
    Partly,
}

impl Progress {
    pub(super) fn of(missing: &[Unproven]) -> Self {
        missing.iter().map(Unproven::progress).max().unwrap_or(Progress::Unproven)
    }

    /// As a part of a sentence.
    pub(super) fn said(self) -> &'static str {
        match self {
            Progress::Unproven => "that traffic has arrived is not proven yet",
            Progress::NotYet => "traffic has not arrived yet",
            Progress::Partly => "traffic has arrived in part",
        }
    }

    /// As a headline has it.
    pub(super) fn headline(self) -> &'static str {
        match self {
            Progress::Unproven => "TRAFFIC NOT PROVEN TO HAVE MOVED YET",
            Progress::NotYet => "TRAFFIC NOT MOVED YET",
            Progress::Partly => "TRAFFIC PARTLY MOVED",
        }
    }
}

impl Unproven {
    /// Whether it is about DNS; else it is about an application.
    #[must_use]
    pub fn is_of_dns(&self) -> bool {
        match self {
            Unproven::Unwatched
            | Unproven::Answers(_)
            | Unproven::Untold(..)
            | Unproven::Unanswered(_)
            | Unproven::Remembered(_) => true,
            Unproven::Fails(_) | Unproven::Unread(_) | Unproven::Unprobed(_) => false,
        }
    }

    /// Whether waiting can end it.
    #[must_use]
    pub fn can_end(&self) -> bool {
        // An estate file without targets tells no more later.
        !matches!(self, Unproven::Unwatched | Unproven::Unprobed(_) | Unproven::Untold(_, Blind::NoTarget))
    }

    /// How far the traffic is by this alone.
    fn progress(&self) -> Progress {
        match self {
            Unproven::Answers(Answers { there: 1.., .. }) => Progress::Partly,
            Unproven::Answers(Answers { there: 0, given: 1.., .. }) => Progress::NotYet,
            _ => Progress::Unproven,
        }
    }

    /// What is not proven, as a part of a sentence.
    fn said(&self, region: &Region) -> String {
        match self {
            Unproven::Unwatched => "no DNS name is watched that it moves".to_owned(),
            Unproven::Answers(answers) => answers.lead(&format!("to {region}")),
            Unproven::Untold(1, why) => format!("where 1 DNS answer leads is not known ({})", not_told(*why)),
            Unproven::Untold(n, why) => format!("where {n} DNS answers lead is not known ({})", not_told(*why)),
            Unproven::Unanswered(name) => format!("no resolver answers for {name}"),
            Unproven::Remembered(1) => {
                "1 DNS answer that may lead elsewhere can still be used: its resolver is silent".to_owned()
            }
            Unproven::Remembered(n) => {
                format!("{n} DNS answers that may lead elsewhere can still be used: their resolvers are silent")
            }
            Unproven::Fails(service) => format!("{service} does not answer in {region}"),
            Unproven::Unread(service) => format!("whether {service} answers in {region} is not known"),
            Unproven::Unprobed(service) => format!("nothing asks whether {service} answers in {region}"),
        }
    }
}

/// What is missing to the proof that traffic has arrived in a region, as a part of a sentence; none where nothing is.
#[must_use]
pub fn unproven(missing: &[Unproven], region: &Region, length: Length) -> Option<String> {
    let most = if length == Length::Whole { missing.len() } else { 1 };
    let mut said: Vec<String> = missing.iter().take(most).map(|m| m.said(region)).collect();
    match missing.len().saturating_sub(most) {
        0 => {}
        1 => said.push("1 more thing is missing".to_owned()),
        n => said.push(format!("{n} more things are missing")),
    }
    (!said.is_empty()).then(|| list(&said))
}

/// That a move's traffic is not, or not all, where the move sends it yet, and what is missing: to follow the move's name.
#[must_use]
pub fn awaited(missing: &[Unproven], region: &Region, length: Length) -> String {
    let progress = Progress::of(missing).said();
    let missing = unproven(missing, region, length).map_or_else(String::new, |missing| format!(": {missing}"));
    format!("the controls are set, {progress}{missing}")
}

/// That a move's controls were moved again after it: these, by name. What it showed is history.
#[must_use]
pub fn undone(names: &[String]) -> String {
    const MOST: usize = 2;
    let mut said: Vec<String> = names.iter().take(MOST).cloned().collect();
    let more = names.len().saturating_sub(MOST);
    if more > 0 {
        said.push(format!("{more} more"));
    }
    match names.len() {
        1 => format!("routing control {} was moved again since", said.concat()),
        _ => format!("routing controls {} were moved again since", list(&said)),
    }
}

/// What shows that traffic has arrived: the answers that lead there, of those that were asked for.
#[must_use]
pub fn arrived(there: usize, asked: usize) -> String {
    match asked.saturating_sub(there) {
        0 => format!("all {asked} DNS answers lead there and its applications answer"),
        silent => format!(
            "all {there} DNS answers that were given lead there, {silent} of {asked} were not given, and its applications \
             answer"
        ),
    }
}
