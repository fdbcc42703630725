//! A report for people who need not know where everything is: the same figures, every text masked.

use super::{Achieved, ChangeStory, Deed, Line, Report, Source};
use crate::change::{ChangeText, Despite};
use crate::estate::Estate;
use crate::mask::Mask;
use crate::record::{Kept, Record};

/// The mask for what a journal holds: the estate's own, or one by hashes alone where its file is not there.
#[must_use]
pub fn mask(estate: Option<&Estate>, records: &[Kept]) -> Mask {
    if let Some(estate) = estate {
        return Mask::of(estate);
    }
    // The cluster makes the hashes those of the estate's own mask; every change names it.
    let cluster = records.iter().find_map(|k| match &k.record {
        Record::Proposed { text, .. } => ChangeText::parse(text).ok().map(|t| t.cluster.to_string()),
        _ => None,
    });
    let name = || {
        records.iter().find_map(|k| match &k.record {
            Record::Opened { estate, .. } => Some(estate.clone()),
            _ => None,
        })
    };
    Mask::without_estate(&cluster.or_else(name).unwrap_or_default())
}

impl Report {
    /// The report as everybody may see it.
    #[must_use]
    pub fn masked(&self, mask: &Mask) -> Self {
        let text = |t: &String| mask.text(t).into_owned();
        let texts = |all: &[String]| all.iter().map(text).collect::<Vec<_>>();
        let achieved = |all: &[Achieved]| -> Vec<Achieved> {
            all.iter().map(|a| Achieved { of: text(&a.of), ..a.clone() }).collect()
        };
        let Report {
            version,
            estate,
            pair,
            name,
            kind,
            participants,
            started,
            ended,
            planned,
            begun_by,
            clock_ran,
            found,
            success,
            steps,
            automation_share,
            rto,
            rpo,
            readiness,
            failed_checks,
            unknown_checks,
            changes,
            timeline,
            clocks,
            journal,
        } = self;
        let line = |l: &Line| Line { at: l.at, source: text(&l.source), text: text(&l.text) };
        Self {
            version: *version,
            estate: text(estate),
            pair: text(pair),
            name: text(name),
            kind: *kind,
            participants: texts(participants),
            started: *started,
            ended: *ended,
            planned: *planned,
            begun_by: begun_by.as_ref().map(text),
            clock_ran: *clock_ran,
            found: *found,
            success: *success,
            steps: steps.clone(),
            automation_share: *automation_share,
            rto: achieved(rto),
            rpo: achieved(rpo),
            readiness: *readiness,
            failed_checks: texts(failed_checks),
            unknown_checks: texts(unknown_checks),
            changes: changes.iter().map(|c| c.masked(mask)).collect(),
            timeline: timeline.iter().map(line).collect(),
            clocks: clocks.clone(),
            journal: Source { fault: journal.fault.as_ref().map(text), ..journal.clone() },
        }
    }
}

impl ChangeStory {
    fn masked(&self, mask: &Mask) -> Self {
        let text = |t: &String| mask.text(t).into_owned();
        let deed = |d: &Deed| Deed { by: text(&d.by), at: d.at, key: d.key.as_ref().map(text) };
        let ChangeStory {
            words,
            digest,
            title,
            reason,
            receiving,
            loss,
            overrides,
            despite,
            proposed,
            approvals,
            second_key,
            result,
            settled,
            done,
            traffic_moved,
        } = self;
        Self {
            words: words.clone(),
            digest: digest.clone(),
            title: text(title),
            reason: text(reason),
            receiving: text(receiving),
            loss: text(loss),
            overrides: overrides.iter().map(text).collect(),
            despite: despite
                .as_ref()
                .map(|d| Despite { checks: d.checks.iter().map(text).collect(), reason: text(&d.reason) }),
            proposed: deed(proposed),
            approvals: approvals.iter().map(deed).collect(),
            second_key: second_key.as_ref().map(deed),
            result: text(result),
            settled: *settled,
            done: *done,
            traffic_moved: *traffic_moved,
        }
    }
}
