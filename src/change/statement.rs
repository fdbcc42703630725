//! What a person's key signs: one text a deed, in a namespace of its own, so that a signature for one deed is never
//! one for another.

use serde::{Deserialize, Serialize};

use super::{ChangeText, Digest, Nonce};
use crate::estate::{PersonName, Region};
use crate::hygiene::one_line;
use crate::time::Timestamp;

/// Deeds that a key must sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Freeze a change and ask others to approve it.
    Propose,
    /// Approve somebody else's change.
    Approve,
    /// Say no to a change.
    Reject,
    /// Take one's own change back.
    Withdraw,
    /// Turn the second key.
    SecondKey,
    /// Say who sits here, or prove that a key still works.
    Presence,
}

impl Act {
    /// The namespace of its signatures: `ssh-keygen -Y sign -n NAMESPACE`.
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Act::Propose => "proposal@signalbox",
            Act::Approve => super::NAMESPACE,
            Act::Reject => "rejection@signalbox",
            Act::Withdraw => "withdrawal@signalbox",
            Act::SecondKey => "secondkey@signalbox",
            Act::Presence => "presence@signalbox",
        }
    }

    /// What is signed, in words that fit behind "sign".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Act::Propose => "the proposal",
            Act::Approve => "the approval",
            Act::Reject => "the rejection",
            Act::Withdraw => "the withdrawal",
            Act::SecondKey => "the second key",
            Act::Presence => "who sits here",
        }
    }
}

/// Something that a person states by signing it.
pub trait Statement {
    /// The deed.
    const ACT: Act;

    /// The exact text that is signed. Ends with a newline.
    fn canonical(&self) -> String;

    /// Who states it; none if only the key shows that.
    fn author(&self) -> Option<&PersonName>;

    /// What of it no console would have written, in words: such a statement proves nothing, whoever signed it.
    fn excess(&self) -> Option<String> {
        None
    }
}

impl Statement for ChangeText {
    const ACT: Act = Act::Propose;

    fn canonical(&self) -> String {
        ChangeText::canonical(self)
    }

    fn author(&self) -> Option<&PersonName> {
        Some(&self.by)
    }

    fn excess(&self) -> Option<String> {
        ChangeText::excess(self)
    }
}

/// An approval. Without words it is the change's own text, so that plain OpenSSH can sign the file as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The change's canonical text.
    pub change: String,
    /// The approver's own words; empty if there are none.
    pub words: String,
}

/// How mail or an editor spelt the file that plain OpenSSH signs: Windows line ends, a mark of UTF-8 in front, the last
/// line end lost or doubled. No change is spelt in any of these ways, so that two changes are never one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    marked: bool,
    text: &'static str,
    /// The line of the approver's own words may have been written before the file was spelt otherwise, or after.
    words: &'static str,
    end: End,
}

/// The end of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    AsItIs,
    Lost,
    Doubled,
}

impl Spelling {
    const UNIX: &str = "\n";
    const WINDOWS: &str = "\r\n";

    /// Every one but that of the program itself; with the line of the approver's own words, or without.
    fn others(with_words: bool) -> impl Iterator<Item = Self> {
        let ends = [(Self::UNIX, Self::UNIX), (Self::WINDOWS, Self::WINDOWS), (Self::WINDOWS, Self::UNIX)];
        let ends = ends.into_iter().take(if with_words { 3 } else { 2 });
        let all = ends.flat_map(|(text, words)| {
            let of = move |end| [false, true].map(|marked| Self { marked, text, words, end });
            [End::AsItIs, End::Lost, End::Doubled].into_iter().flat_map(of)
        });
        all.skip(1)
    }

    fn spell(self, consent: &Consent) -> String {
        let mark = if self.marked { "\u{feff}" } else { "" };
        let mut text = format!("{mark}{}", consent.change.replace('\n', self.text));
        let mut last = self.text;
        if let Some(line) = consent.line() {
            last = self.words;
            text = format!("{text}{line}{last}");
        }
        match self.end {
            End::AsItIs => {}
            End::Lost => text.truncate(text.len().saturating_sub(last.len())),
            End::Doubled => text.push_str(last),
        }
        text
    }
}

/// A consent as plain OpenSSH may have signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Respelt {
    /// What was consented to.
    pub consent: Consent,
    spelling: Spelling,
}

impl Statement for Respelt {
    const ACT: Act = Act::Approve;

    fn canonical(&self) -> String {
        self.spelling.spell(&self.consent)
    }

    fn author(&self) -> Option<&PersonName> {
        None
    }

    fn excess(&self) -> Option<String> {
        self.consent.excess()
    }
}

impl Consent {
    /// The same in every spelling but its own.
    pub(super) fn spelt_otherwise(&self) -> impl Iterator<Item = Respelt> + '_ {
        Spelling::others(self.line().is_some()).map(|spelling| Respelt { consent: self.clone(), spelling })
    }

    /// The line of the approver's own words, without its end; none if there are none.
    fn line(&self) -> Option<String> {
        let words = one_line(&self.words);
        (!words.is_empty()).then(|| format!("{}{words}", Self::WORDS))
    }

    /// How the line of the approver's own words begins, in what is signed and above a pasted signature.
    pub const WORDS: &str = "approver says: ";

    /// What the approver's own words may be among lines that came with a signature; the signature decides. Mail breaks
    /// long lines, and chat puts marks around them. The last is that there are none.
    #[must_use]
    pub fn words_in(before: &str) -> Vec<String> {
        const MARKS: [char; 3] = ['*', '_', '~'];
        let lines: Vec<_> = before.lines().map(|line| one_line(line).into_owned()).collect();
        let label = Self::WORDS.trim_end();
        let says = |line: &String| line.trim_start_matches(MARKS).starts_with(label);
        let mut found = Vec::new();
        if let Some(own) = lines.iter().rposition(says).and_then(|at| lines.get(at..)) {
            for count in [own.len(), 1] {
                let whole = own.iter().take(count).cloned().collect::<Vec<_>>().join(" ");
                let text = whole.trim_start_matches(MARKS);
                let words = text.strip_prefix(label).unwrap_or_default();
                let marks = whole.len() - text.len();
                found.push(one_line(words).into_owned());
                // What was put around it, and what a mark at the end of the label left.
                let inside = words.get(..words.len().saturating_sub(marks)).unwrap_or_default();
                found.push(one_line(inside.trim_start_matches(MARKS)).into_owned());
            }
        }
        found.push(String::new());
        found.dedup();
        found
    }
}

impl Statement for Consent {
    const ACT: Act = Act::Approve;

    fn canonical(&self) -> String {
        match self.line() {
            None => self.change.clone(),
            Some(line) => format!("{}{line}\n", self.change),
        }
    }

    fn author(&self) -> Option<&PersonName> {
        None
    }

    fn excess(&self) -> Option<String> {
        Consent::excess(self)
    }
}

/// A no to a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The change.
    pub change: Digest,
    /// Who.
    pub by: PersonName,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// What makes it unlike every other.
    pub nonce: Nonce,
}

impl Statement for Rejection {
    const ACT: Act = Act::Reject;

    fn canonical(&self) -> String {
        let Self { change, by, reason, at, nonce } = self;
        let (by, reason) = (one_line(by.as_str()), one_line(reason));
        format!(
            "signalbox rejection, version 1\nchange: {change}\nby: {by}\nreason: {reason}\nat: {at}\nnonce: {nonce}\n"
        )
    }

    fn author(&self) -> Option<&PersonName> {
        Some(&self.by)
    }

    fn excess(&self) -> Option<String> {
        Rejection::excess(self)
    }
}

/// A change taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The change.
    pub change: Digest,
    /// Who.
    pub by: PersonName,
    /// When.
    pub at: Timestamp,
    /// What makes it unlike every other.
    pub nonce: Nonce,
}

impl Statement for Withdrawal {
    const ACT: Act = Act::Withdraw;

    fn canonical(&self) -> String {
        let Self { change, by, at, nonce } = self;
        let by = one_line(by.as_str());
        format!("signalbox withdrawal, version 1\nchange: {change}\nby: {by}\nat: {at}\nnonce: {nonce}\n")
    }

    fn author(&self) -> Option<&PersonName> {
        Some(&self.by)
    }
}

/// The second key: the requester typed the region that receives the traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The change.
    pub change: Digest,
    /// Who.
    pub by: PersonName,
    /// The region that was typed.
    pub region: Region,
    /// When.
    pub at: Timestamp,
    /// What makes it unlike every other.
    pub nonce: Nonce,
}

impl Statement for Turn {
    const ACT: Act = Act::SecondKey;

    fn canonical(&self) -> String {
        let Self { change, by, region, at, nonce } = self;
        let (by, region) = (one_line(by.as_str()), one_line(region.as_str()));
        format!(
            "signalbox second key, version 1\nchange: {change}\nby: {by}\nregion: {region}\nat: {at}\nnonce: {nonce}\n"
        )
    }

    fn author(&self) -> Option<&PersonName> {
        Some(&self.by)
    }
}

/// A harmless challenge: who sits here, and whose key works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The estate's name.
    pub estate: String,
    /// When.
    pub at: Timestamp,
    /// What makes it unlike every other.
    pub nonce: Nonce,
}

impl Statement for Presence {
    const ACT: Act = Act::Presence;

    fn canonical(&self) -> String {
        let Self { estate, at, nonce } = self;
        let estate = one_line(estate);
        format!(
            "signalbox presence, version 1\nthis moves nothing and approves nothing\nestate: {estate}\nat: {at}\nnonce: {nonce}\n"
        )
    }

    fn author(&self) -> Option<&PersonName> {
        None
    }
}
