//! The two-person rule: canonical text, digest, approvals, states. Pure, and the reason that the console exists.
//!
//! `gate` decides what may happen, and expresses it as records. `life` folds records into the current state. The same
//! fold runs live and after a restart, so the two cannot disagree.

mod anchor;
pub mod batches;
mod binding;
mod certificate;
mod digest;
mod draft;
mod fits;
pub mod gate;
mod hint;
mod launch;
mod life;
mod limits;
pub mod paste;
mod people;
mod proof;
mod raw;
mod rules;
pub mod seal;
mod state;
mod statement;
mod text;
mod verified;
pub(crate) mod wire;

pub use anchor::Anchor;
pub use binding::Binding;
pub(crate) use certificate::certified_key;
pub use digest::{Digest, Nonce};
pub use draft::{Draft, DraftError, Wanted};
pub use fits::NO_LOSS;
pub use hint::ApproveHint;
pub use launch::{Launch, LaunchServer, Point};
pub use life::{Approval, Change, Changes, NotHere, needs_words};
pub use paste::{Pasted, paste};
pub use people::{Approver, Courier, Hands, Operator};
use proof::consented;
pub use proof::{Handed, NotConsent, ProofError, Proven, covers, prove};
pub use rules::{Verdict, drop_blinding, predict};
pub use state::{Lapse, NotDone, State};
pub use statement::{Act, Consent, Presence, Rejection, Statement, Turn, Withdrawal};
pub use text::{ChangeText, Despite, Flip, Override, TextError, Work};
pub use verified::Untrue;

/// The namespace of approvals: `ssh-keygen -Y sign -n approval@signalbox`.
pub const NAMESPACE: &str = "approval@signalbox";
