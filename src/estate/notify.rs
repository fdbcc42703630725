//! Who is told of what without sitting in front of a screen: `[[notify]]`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One way to tell, and what is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["webhook"] },
    { "required": ["webhook_env"] },
    { "required": ["command"] },
    { "required": ["bell"], "properties": { "bell": { "const": true } } },
    { "required": ["osc"] }
]))]
pub struct Notify {
    /// What is told.
    pub on: Vec<Occasion>,
    /// A URL that takes `{"text": …}` as Slack's incoming webhooks do. It is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Secret>,
    /// The environment variable that holds such a URL, so that it need not be in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_env: Option<String>,
    /// A program and its arguments, run without a shell; it gets the event as JSON on its standard input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The terminal's bell.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bell: bool,
    /// The terminal's own notification: 9 (iTerm2, WezTerm, Windows Terminal) or 777 (urxvt, foot, Ghostty).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub osc: Option<Osc>,
    /// The words, with the fields in braces.
    #[serde(default, skip_serializing_if = "Template::is_usual")]
    pub template: Template,
    /// Whether a bell or an OSC also rings in presenter mode.
    #[serde(default, skip_serializing_if = "is_false")]
    pub presenting: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

macro_rules! occasions {
    ($($(#[$doc:meta])* $name:ident = $written:literal, $words:literal;)+) => {
        /// What can be told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Occasion {
            $($(#[$doc])* #[serde(rename = $written)] $name,)+
        }

        impl Occasion {
            /// All of them, in the order of a change's life.
            pub const ALL: &[Occasion] = &[$(Occasion::$name,)+];

            /// As it is written in the estate file.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Occasion::$name => $written,)+ }
            }

            /// In words.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Occasion::$name => $words,)+ }
            }
        }
    };
}

occasions! {
    /// A change waits for approval.
    Proposed = "proposed", "proposed";
    /// An approval counts.
    Approved = "approved", "approved";
    /// A signature came in that does not count.
    SignatureRefused = "signature-refused", "signature refused";
    /// A change cannot be approved, or its second key not be turned, for much longer.
    Closing = "closing", "closes soon";
    /// Somebody said no to a change.
    Rejected = "rejected", "rejected";
    /// The requester took a change back.
    Withdrawn = "withdrawn", "withdrawn";
    /// A change's time was over.
    Expired = "expired", "expired";
    /// Somebody moved a control of a waiting change.
    Void = "void", "void";
    /// The second key was turned.
    Executing = "executing", "executing";
    /// ARC took a change.
    Executed = "executed", "executed";
    /// ARC refused a change.
    Refused = "refused", "refused";
    /// A change was not carried out.
    NotApplied = "not-applied", "not applied";
    /// Nobody knows whether a change was carried out.
    Uncertain = "uncertain", "uncertain";
    /// Other endpoints show a change.
    Verified = "verified", "verified";
    /// Traffic was seen to have moved.
    TrafficMoved = "traffic-moved", "traffic moved";
    /// Somebody else moved a routing control: no change of this journal did it.
    ControlsMoved = "controls-moved", "controls moved by somebody else";
    /// A region is impaired.
    Impaired = "impaired", "impaired";
    /// A region is no longer impaired.
    Recovered = "recovered", "recovered";
    /// Step 7: people were told.
    Told = "told", "people told";
    /// A named incident or drill begins.
    Begun = "begun", "begun";
    /// A named incident or drill is over.
    Ended = "ended", "ended";
}

/// A URL that lets whoever knows it write where it leads: never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret in.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that uses it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A terminal's own way to notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum Osc {
    /// `OSC 9 ; text`.
    Nine,
    /// `OSC 777 ; notify ; title ; text`.
    SevenSevenSeven,
}

impl TryFrom<u16> for Osc {
    type Error = String;

    fn try_from(number: u16) -> Result<Self, String> {
        match number {
            9 => Ok(Osc::Nine),
            777 => Ok(Osc::SevenSevenSeven),
            other => Err(format!("`osc` is 9 or 777; this is {other}")),
        }
    }
}

impl From<Osc> for u16 {
    fn from(osc: Osc) -> u16 {
        match osc {
            Osc::Nine => 9,
            Osc::SevenSevenSeven => 777,
        }
    }
}

impl JsonSchema for Osc {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Osc".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "enum": [9, 777], "description": "A terminal's own way to notify." })
    }
}

/// Words with fields in braces: `{estate} {pair}: {what}`. `{{` and `}}` are literal braces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
// The schema's `Template` is that of systems.
#[schemars(rename = "Wording")]
pub struct Template(String);

impl Default for Template {
    fn default() -> Self {
        Self("{estate} {pair}: {what} {words} by {who}: {text}".into())
    }
}

/// What a template can be filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The estate's name.
    Estate,
    /// The pair.
    Pair,
    /// What happened: the occasion in words.
    What,
    /// The change's word code.
    Words,
    /// Who did it, or what says so.
    Who,
    /// What there is to say of it.
    Text,
    /// When, UTC.
    At,
}

impl Field {
    /// All of them with their names.
    pub const ALL: [(&'static str, Field); 7] = [
        ("estate", Field::Estate),
        ("pair", Field::Pair),
        ("what", Field::What),
        ("words", Field::Words),
        ("who", Field::Who),
        ("text", Field::Text),
        ("at", Field::At),
    ];
}

/// A piece of a template.
enum Piece<'t> {
    Text(&'t str),
    Field(&'t str),
    /// A brace that has no other.
    Alone(char),
}

impl Template {
    /// Takes a template in; [`Template::faults`] says what is wrong with it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it, in its own order.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let names = Field::ALL.map(|(name, _)| name);
        let mut faults: Vec<String> = self
            .pieces()
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Field(name) if !names.contains(&name) => Some(format!(
                    "no field of a notification is called `{name}`{}",
                    crate::fault::nearest(name, &names)
                )),
                Piece::Alone(brace) => {
                    Some(format!("a `{brace}` without its other; a brace itself is `{brace}{brace}`"))
                }
                Piece::Text(_) | Piece::Field(_) => None,
            })
            .collect();
        if self.0.trim().is_empty() {
            faults.push("the template says nothing".into());
        }
        faults
    }

    /// The words with every field filled in; gaps that an empty field leaves are closed.
    #[must_use]
    pub fn fill(&self, value: impl Fn(Field) -> String) -> String {
        let mut filled = String::new();
        let mut gap = false;
        for piece in self.pieces() {
            match piece {
                Piece::Text(text) => {
                    if gap && filled.ends_with(' ') && text.starts_with([' ', ':']) {
                        filled.pop();
                    }
                    filled.push_str(text);
                    gap = gap && text.is_empty();
                }
                Piece::Alone(brace) => filled.push(brace),
                Piece::Field(name) => {
                    let field = Field::ALL.iter().find(|(n, _)| *n == name).map(|(_, f)| *f);
                    let value = field.map(&value).unwrap_or_default();
                    gap = value.is_empty();
                    filled.push_str(&value);
                }
            }
        }
        filled.trim_end().to_owned()
    }

    fn pieces(&self) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut rest = self.0.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            pieces.push(Piece::Text(before));
            let (piece, length) = if from.starts_with("{{") || from.starts_with("}}") {
                (Piece::Text(from.get(..1).unwrap_or_default()), 2)
            } else if from.starts_with('}') {
                (Piece::Alone('}'), 1)
            } else {
                match from.get(1..).and_then(|inner| inner.split_once('}')) {
                    Some((name, _)) if !name.contains('{') => (Piece::Field(name), name.len() + 2),
                    _ => (Piece::Alone('{'), 1),
                }
            };
            pieces.push(piece);
            rest = from.get(length..).unwrap_or_default();
        }
        pieces.push(Piece::Text(rest));
        pieces
    }
}
