//! Which port comes next.

use super::SimError;

/// Hands out ports: those from a base on, or 0 for "the system chooses".
pub(super) struct Ports {
    base: Option<u16>,
    taken: u16,
}

impl Ports {
    pub(super) fn new(base: Option<u16>) -> Self {
        Self { base, taken: 0 }
    }

    pub(super) fn next(&mut self) -> Result<u16, SimError> {
        let Some(base) = self.base else { return Ok(0) };
        let port = base.checked_add(self.taken).ok_or(SimError::Ports { base, needed: self.taken })?;
        self.taken += 1;
        Ok(port)
    }
}
