//! That a change's traffic has arrived, or which part of that is not proven.

use super::{Length, list};
use crate::estate::{Region, ServiceName};

/// Something that is missing to the proof that traffic has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// No DNS name is watched that the change steers.
    Unwatched,
    /// So many of the answers that resolvers give lead there, and others do not.
    Answers {
        /// They lead there.
        there: usize,
        /// All that are given.
        given: usize,
    },
    /// No resolver answers for this name.
    Unanswered(String),
    /// Resolvers that are silent now gave so many answers before that lead elsewhere and that may still be used.
    Remembered(usize),
    /// The application does not answer there.
    Fails(ServiceName),
    /// Whether it does is not known at the moment.
    Unread(ServiceName),
    /// Nothing asks it: the estate has neither a probe nor a health check of it there.
    Unprobed(ServiceName),
}

impl Unproven {
    /// Whether it is about DNS; else it is about an application.
    #[must_use]
    pub fn is_of_dns(&self) -> bool {
        match self {
            Unproven::Unwatched | Unproven::Answers { .. } | Unproven::Unanswered(_) | Unproven::Remembered(_) => true,
            Unproven::Fails(_) | Unproven::Unread(_) | Unproven::Unprobed(_) => false,
        }
    }

    /// Whether waiting can end it.
    #[must_use]
    pub fn can_end(&self) -> bool {
        !matches!(self, Unproven::Unwatched | Unproven::Unprobed(_))
    }

    /// What is not proven, as a part of a sentence.
    fn said(&self, region: &Region) -> String {
        match self {
            Unproven::Unwatched => "no DNS name is watched that it moves".to_owned(),
            Unproven::Answers { there, given } => format!("{there} of {given} DNS answers lead to {region}"),
            Unproven::Unanswered(name) => format!("no resolver answers for {name}"),
            Unproven::Remembered(1) => {
                "1 DNS answer that leads elsewhere may still be used: its resolver is silent".to_owned()
            }
            Unproven::Remembered(n) => {
                format!("{n} DNS answers that lead elsewhere may still be used: their resolvers are silent")
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
