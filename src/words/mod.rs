//! Facts in words, for everything: screen, plain text, notices, journal, report and commands.
//!
//! A record, an outcome and a state are facts. They become sentences here, and nowhere else, in the lengths that the
//! views need. If two views speak of one fact, their sentences are made from the same parts, so that they cannot
//! disagree: an outcome begins with the same word everywhere, and a launch always belongs to DRS and its servers, never
//! to ARC and its controls.
//!
//! Outside names are in the words as they came: whoever shows them makes hidden characters visible.

mod aloud;
mod arrival;
mod check;
mod context;
mod drs;
mod endpoint;
mod enters;
mod failing;
mod failover;
mod fault;
mod figure;
mod headline;
mod lever;
pub mod link;
mod news;
mod no_clock;
mod notice;
mod outcome;
mod owners;
mod record;
mod severity;
mod sign_in;
mod silence;
mod since;
mod source;
mod standstill;
mod state;
mod steady;
mod step;
mod traffic;
mod unkept;
mod update;

pub use aloud::{AROUND, ENTRY_GONE, Hears, OF_NO_PAIR, TO_TELL, controls_are, step_done, to_approve, to_turn};
pub use arrival::{Answers, Arrival, Unproven, arrived, awaited, undone, unproven};
pub use check::{called, check, check_apart, check_figure, check_means, check_settings, checks_out_of_reach};
pub use context::{Context, Service};
pub use drs::{jobs_before, no_points, silent_drs, unanswered, unknown_jobs, unread_jobs, unread_log, unread_points};
pub use endpoint::{Endpoint, and_throttled, answering, no_endpoint, one_endpoint, throttled_endpoints};
pub use enters::{Untold, not_told, untold};
pub use failing::{Failing, applications_fail};
pub use failover::{NO_CLUSTER, NO_CLUSTER_SHORT, NO_RECORDS, by_checks, record};
pub use fault::{Fault, all_off, faults};
pub use figure::{bad_lags, clock, day, lag, minutes, moment, out_of_sight, short, span, time_of_day};
pub use headline::{Headline, Whereabouts, elsewhere, headline};
pub use lever::{DISPUTED, cloudtrail, disputed_control, elsewhere_moved, gate, lever, no_change, who_moved};
pub use news::{news, waits};
pub use no_clock::{NoClock, no_clock};
pub use notice::{closes, notice};
pub use outcome::{
    ended_by_signal, flip_end, flip_word, launch_end, launch_word, launched, not_done, remedy, settled, settled_word,
};
pub use owners::{Awaited, NextAct, Owners, look_first};
pub use record::{Told, result, told, tried};
pub use severity::Severity;
pub use sign_in::{holds, may_not_act, not_let_in, not_renewed, signed_out};
pub use silence::{LAST_READ, OLD, check_lags, checks_lag, dns_leads_astray, silent, silent_aloud};
pub use since::{at_least, began, lasted, lasted_aloud, lasted_in_short, rto_left, since, t_plus, unjudged};
pub use source::{Feeds, alike, failing, feeds, partly_seen};
pub use standstill::{Standstill, standstill};
pub use state::{Verdict, ended, past, reached, standing, verdict, weight, weight_now};
pub use steady::{applications, lately, not_steady, not_well_yet, nothing_else_fails, now_and_then};
pub use step::{Stands, step, step_stands};
pub use traffic::{answered, apart, mixed, seen_by, services, unknown_answers, unseen, whose};
pub use unkept::{journal_silent, key_lost, signature_lost, unkept};
pub use update::{Clock, Update};

/// How much is said of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// A column of a table, the result in a report: what it is.
    Short,
    /// A timeline line: what it is, and about what or why.
    Line,
    /// A notice, the journal's own line: everything that is known of it, and what is to be done now.
    Whole,
}

impl Length {
    /// All of them.
    pub const ALL: [Length; 3] = [Length::Short, Length::Line, Length::Whole];
}

/// Texts as one: `a`, `a and b`, `a, b and c`.
pub(crate) fn list<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    match items.split_last() {
        None => String::new(),
        Some((one, [])) => one.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}
