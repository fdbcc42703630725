//! Who called what: what CloudTrail would show.

use std::collections::VecDeque;

use super::{Api, Caller};
use crate::estate::Region;
use crate::time::Timestamp;

/// Calls remembered.
const MOST: usize = 4_096;

/// A call by somebody whose signature was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// When it was answered, by the world's clock.
    pub at: Timestamp,
    /// Who called.
    pub caller: Caller,
    /// The API.
    pub api: Api,
    /// The region that was asked.
    pub region: Region,
    /// The operation, as AWS writes it.
    pub operation: String,
    /// The code of the error that it was answered with; none for a success.
    pub error: Option<String>,
}

/// The latest calls, oldest first.
#[derive(Debug, Default)]
pub(super) struct Trail(VecDeque<Call>);

impl Trail {
    pub(super) fn add(&mut self, call: Call) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(call);
    }

    pub(super) fn all(&self) -> Vec<Call> {
        self.0.iter().cloned().collect()
    }
}
