//! Who calls, as IAM and STS see it: what a key says, the sessions that STS gave out, and who may take which role.
//!
//! Sessions last by the clock of life, as signatures do, and not by the world's: who holds one looks at the clock of its
//! own machine, whatever the speed of the world.

use std::collections::VecDeque;

use super::World;
use crate::estate::{Account, AccountName, Entry, RoleEntry};
use crate::sim::wire::Denial;
use crate::time::{Span, Timestamp};

/// Sessions remembered.
const MOST: usize = 4_096;
/// The longest session of a role that was taken with another session.
const CHAINED: i64 = 3_600;
/// The role of whoever signs in with temporary credentials that this STS did not give: the identity center's.
pub const SIGN_IN_ROLE: &str = "AWSReservedSSO_Rehearsal_0123456789abcdef";

/// With what somebody calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// What people sign in with: a user's key, or a role of the identity center.
    SignedIn,
    /// A session of the account's role to look.
    Look,
    /// A session of the account's role to act.
    Act,
}

/// Whoever signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The number of the account that it is of.
    pub account: String,
    /// With what it calls.
    pub hand: Hand,
    /// As `GetCallerIdentity` tells it.
    pub arn: String,
    /// The same: `AIDA…`, or `AROA…:session`.
    pub user_id: String,
    /// The name of its session; none for a user's own key.
    pub session: Option<String>,
    /// The source identity that its session was begun with.
    pub source_identity: Option<String>,
}

/// A role as it is asked for (`AssumeRole`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Its ARN.
    pub role: &'a str,
    /// The name of the session.
    pub session: &'a str,
    /// What its trust policy may ask for.
    pub external_id: Option<&'a str>,
    /// How long the session is to last, in seconds.
    pub seconds: i64,
    /// Who is behind it.
    pub source_identity: Option<&'a str>,
}

/// A session as STS gives it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `ASIA…`.
    pub key: String,
    /// The secret access key.
    pub secret: String,
    /// What goes with every request.
    pub token: String,
    /// When it ends, by the clock of life.
    pub ends: Timestamp,
    /// Who calls with it.
    pub caller: Caller,
    /// When it was given out, by the world's clock.
    began: Timestamp,
}

/// The sessions that STS gave out.
#[derive(Debug, Default)]
pub(super) struct Sessions(VecDeque<Session>);

/// Why a role is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGiven {
    /// There is no such role, or it does not trust who asks.
    NotTrusted,
    /// The source identity may not be set there, or not be another than it is.
    SourceIdentity,
    /// A session that is begun with another one lasts an hour at most.
    TooLong,
}

impl World {
    /// Who calls with this key and session token. `life` is the time by the clock of life.
    ///
    /// # Errors
    /// When the session has ended, or is not one of this STS.
    pub fn caller(&self, key: &str, token: Option<&str>, life: Timestamp) -> Result<Caller, Denial> {
        if let Some(session) = self.sessions.0.iter().find(|s| s.key == key) {
            if token != Some(session.token.as_str()) {
                return Err(Denial::Unknown);
            }
            if session.ends <= life || self.causes.sessions_ended(session.began, self.now) {
                return Err(Denial::Ended);
            }
            return Ok(session.caller.clone());
        }
        let own = account_of(key).filter(|id| self.estate.accounts.iter().any(|a| a.id == *id));
        let temporary = key.starts_with("ASIA");
        match own {
            // A session of this account that nobody here knows: forgotten, or of another run.
            Some(_) if temporary => Err(Denial::Unknown),
            own => Ok(signed_in(own.as_ref().unwrap_or(&self.estate.account), temporary)),
        }
    }

    /// Begins a session of a role (`AssumeRole`). `life` is the time by the clock of life.
    ///
    /// # Errors
    /// See [`NotGiven`].
    pub fn assume_role(&mut self, by: &Caller, wanted: Wanted<'_>, life: Timestamp) -> Result<Session, NotGiven> {
        let (account, entry, hand) = self.role(wanted.role).ok_or(NotGiven::NotTrusted)?;
        let id = entry.external_id.as_deref();
        let refused = self.causes.role_refused(&account.name, hand == Hand::Act, self.now);
        if refused || !self.trusts(entry.from.as_ref(), by) || id.is_some_and(|id| wanted.external_id != Some(id)) {
            return Err(NotGiven::NotTrusted);
        }
        let source = by.source_identity.as_deref().or(wanted.source_identity);
        // Nobody acts without a name: the trust policy of `docs/accounts.md` asks for one.
        if hand == Hand::Act && source.is_none() {
            return Err(NotGiven::NotTrusted);
        }
        // It stays what it was first, and only what acts may be told it (`sts:SetSourceIdentity`).
        if wanted.source_identity.is_some_and(|w| source != Some(w)) || (source.is_some() && hand != Hand::Act) {
            return Err(NotGiven::SourceIdentity);
        }
        if by.session.is_some() && wanted.seconds > CHAINED {
            return Err(NotGiven::TooLong);
        }
        let (account, role) = (account.id.clone(), entry.short().to_owned());
        let session = Session {
            key: key_of(&account),
            secret: random(40),
            token: random(340),
            ends: life.checked_add(Span::from_secs(wanted.seconds)).unwrap_or(life),
            caller: Caller {
                arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{}", wanted.session),
                user_id: format!("{}:{}", self.role_id(wanted.role), wanted.session),
                account,
                hand,
                session: Some(wanted.session.to_owned()),
                source_identity: source.map(str::to_owned),
            },
            began: self.now,
        };
        if self.sessions.0.len() >= MOST {
            self.sessions.0.pop_front();
        }
        self.sessions.0.push_back(session.clone());
        Ok(session)
    }

    /// A role of the estate's accounts by its ARN: its account, how it is taken, and what it is for.
    pub(in crate::sim) fn role(&self, arn: &str) -> Option<(&Account, &RoleEntry, Hand)> {
        self.estate.accounts.iter().find_map(|account| {
            let look = match &account.look {
                Some(Entry::Role(role)) => Some(role),
                _ => None,
            };
            let both = [(account.act.as_ref(), Hand::Act), (look, Hand::Look)];
            both.into_iter().find_map(|(role, hand)| Some((account, role.filter(|r| r.role == arn)?, hand)))
        })
    }

    /// The id of a role: `AROA…`.
    #[must_use]
    pub(in crate::sim) fn role_id(&self, arn: &str) -> String {
        format!("AROA{}", self.dice.hex(17, &[super::dice::key(arn)]).to_ascii_uppercase())
    }

    /// Whether who asks is whom a role trusts: whoever signs in, or what looks into the account that is named.
    fn trusts(&self, from: Option<&AccountName>, by: &Caller) -> bool {
        let Some(from) = from.and_then(|name| self.estate.account_of(name)) else {
            return by.hand == Hand::SignedIn && by.account == self.estate.account;
        };
        match &from.look {
            Some(Entry::Role(_)) => by.hand == Hand::Look && by.account == from.id,
            Some(Entry::Profile(_)) => by.hand == Hand::SignedIn && by.account == from.id,
            None => by.hand == Hand::SignedIn && by.account == self.estate.account,
        }
    }
}

fn signed_in(account: &str, temporary: bool) -> Caller {
    let account = account.to_owned();
    let (arn, user_id, session) = if temporary {
        let arn = format!("arn:aws:sts::{account}:assumed-role/{SIGN_IN_ROLE}/rehearsal");
        (arn, "AROASIGNALBOXREHEARSE:rehearsal", Some("rehearsal".to_owned()))
    } else {
        (format!("arn:aws:iam::{account}:user/rehearsal"), "AIDASIGNALBOXREHEARSE", None)
    };
    Caller { account, hand: Hand::SignedIn, arn, user_id: user_id.to_owned(), session, source_identity: None }
}

const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The account that an access key is of: AWS writes its number into it, as base 32, behind the prefix.
fn account_of(key: &str) -> Option<String> {
    let digits = key.as_bytes().get(4..14)?;
    let digit = |n: u64, c: &u8| Some(n << 5 | BASE_32.iter().position(|b| b == c)? as u64);
    let bits = digits.iter().try_fold(0, digit)?;
    let account = (bits >> 9) & 0xff_ffff_ffff;
    Some(format!("{account:012}"))
}

/// A new key of a role's session in an account.
fn key_of(account: &str) -> String {
    let number: u64 = account.parse().unwrap_or_default();
    let bits = (1 << 49) | (number << 9);
    let digit = |n: u32| BASE_32.get((bits >> (5 * n)) as usize & 31).copied().map_or('A', char::from);
    let rest = (0..6).map(|_| BASE_32.get(usize::from(rand::random::<u8>() & 31)).copied().map_or('A', char::from));
    "ASIA".chars().chain((0..10).rev().map(digit)).chain(rest).collect()
}

/// So many letters and digits that nobody can guess.
fn random(length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        text.push_str(&format!("{:032x}", rand::random::<u128>()));
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_whose_it_is() {
        assert_eq!(account_of(&key_of("111122223333")).as_deref(), Some("111122223333"));
        assert_eq!(account_of(&key_of("999999999999")).as_deref(), Some("999999999999"));
        // The key of AWS's own documents, and the account that it is of.
        assert_eq!(account_of("AKIAIOSFODNN7EXAMPLE").as_deref(), Some("581039954779"));
        assert_eq!(account_of("AKIDTEST"), None);
    }
}
