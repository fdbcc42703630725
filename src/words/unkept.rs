//! That the journal did not take a record, and what that means for whoever wanted it.

use crate::record::Record;

/// What a record comes to that the journal did not take: what somebody wanted has not happened, what was seen has.
#[must_use]
pub fn unkept(record: &Record, why: &str) -> String {
    match record {
        Record::Intent { .. } => format!("nothing was sent: the journal did not take the intent ({why})"),
        Record::Proposed { .. } => format!("nothing was proposed: the journal did not take it ({why})"),
        record if record.is_observed() => format!("the journal could not keep what was seen: {why}"),
        _ => format!("it does not count: the journal did not take it ({why})"),
    }
}

/// That a second key came after somebody else's.
#[must_use]
pub fn key_lost(why: &str) -> String {
    format!("this second key does not count: {why}")
}

/// That a signature came into a journal in which its change was not proposed.
#[must_use]
pub fn signature_lost(why: &str) -> String {
    format!("the signature does not count: {why}")
}

/// That the journal has not answered, where nobody waits for it any longer.
#[must_use]
pub fn journal_silent() -> &'static str {
    "the journal has not answered, and is waited for no longer: whether it has what was asked for shows when its disk \
     works again (`signalbox journal show`); this command sends nothing any more"
}
