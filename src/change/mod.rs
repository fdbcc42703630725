//! The two-person rule: canonical text, digest, approvals, states. Pure, and the reason the console exists.
//!
//! `gate` decides what may happen and says it as records; `life` folds records into what is. Live and after
//! a restart the same fold runs, so nothing can be true of one and not of the other.

mod approval;
mod certificate;
mod digest;
mod draft;
pub mod gate;
mod hint;
mod life;
pub mod paste;
mod people;
mod raw;
mod rules;
pub mod seal;
mod text;
pub(crate) mod wire;

pub use approval::{Approval, ApprovalError, NAMESPACE, fingerprint, same_person, verify};
pub(crate) use certificate::certified_key;
pub use digest::{Digest, Nonce};
pub use draft::{Draft, DraftError, Wanted};
pub use hint::ApproveHint;
pub use life::{Change, Changes, State};
pub use people::{Approver, Courier, Hands, Operator};
pub use rules::{Verdict, predict};
pub use text::{ChangeText, Despite, Flip, Launch, LaunchServer, Override, TextError, Work};
