//! Whose key it is, and who is one person.
//!
//! Identity is a public key. A name is only a word in a file: two names that share a key, look alike, or appear in each
//! other's certificates are one person, whatever else the file says about them.

use std::collections::{BTreeMap, BTreeSet};

use ssh_key::HashAlg;
use ssh_key::public::KeyData;

use super::fold::Folded;
use super::{Estate, Person, PersonName, Point};
use crate::hygiene::visible;
use crate::time::Timestamp;

/// Why a key is nobody's now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// No person lists it.
    #[error("nobody in the estate has this key; sign with one that is listed under [[people]]")]
    Unknown,
    /// It is listed in `policy.revoked_keys`.
    #[error("the key is revoked in the estate file (`policy.revoked_keys`); sign with another one")]
    Revoked,
    /// Its `valid_until` is past.
    #[error("the key ended at {0} (`valid_until` in the estate file); sign with another one")]
    Ended(Timestamp),
    /// Its certificate does not say who it is, or not now; why, in words.
    #[error("the certificate does not count: {0}")]
    Certificate(String),
}

impl Estate {
    /// The people who list this very key, at a time; several if one key is listed under several names. Never empty.
    ///
    /// # Errors
    /// Why the key belongs to nobody then.
    pub fn owners(&self, key: &KeyData, at: Timestamp) -> Result<Vec<&Person>, KeyRefused> {
        if self.is_revoked(key) {
            return Err(KeyRefused::Revoked);
        }
        let (mut owners, mut ended) = (Vec::new(), None);
        for person in &self.people {
            let listed = person.keys.iter().filter(|k| k.public().is_some_and(|p| p.key_data() == key));
            for listing in listed {
                // The least favourable listing decides: an end is not undone by a second line without one.
                if listing.has_ended(at) {
                    ended = ended.max(listing.valid_until());
                } else if !owners.contains(&person) {
                    owners.push(person);
                }
            }
        }
        match (owners.is_empty(), ended) {
            (_, Some(end)) => Err(KeyRefused::Ended(end)),
            (true, None) => Err(KeyRefused::Unknown),
            (false, None) => Ok(owners),
        }
    }

    /// Whether a key is that of a CA whose certificates count.
    #[must_use]
    pub fn is_authority(&self, ca: &KeyData) -> bool {
        self.policy.certificate_authorities.iter().filter_map(|line| public(line)).any(|known| known == *ca)
    }

    /// The person whom a certificate names. The caller has checked the certificate's signature, and that it is for
    /// users. Here, a CA of the policy must have signed it, it must be in force at `at` (`after` ≤ `at` < `before`;
    /// without `before`, it does not end), and its principals must name exactly one person. A key that the estate
    /// itself lists belongs to that person and nobody else, whatever a certificate says.
    ///
    /// # Errors
    /// Why it names nobody then.
    pub fn owner_by_certificate(
        &self,
        ca: &KeyData,
        principals: &[String],
        after: Timestamp,
        before: Option<Timestamp>,
        key: &KeyData,
        at: Timestamp,
    ) -> Result<&Person, KeyRefused> {
        let refused = |why: String| Err(KeyRefused::Certificate(why));
        if !self.is_authority(ca) {
            return refused("no CA of the estate signed it (`policy.certificate_authorities`)".into());
        }
        if self.is_revoked(key) {
            return Err(KeyRefused::Revoked);
        }
        if self.is_revoked(ca) {
            return refused("the CA that signed it is revoked (`policy.revoked_keys`)".into());
        }
        if Point::of(ca) == Point::of(key) {
            return refused("it is for the key of the CA itself".into());
        }
        if at < after {
            return refused(format!("it begins at {after}"));
        }
        if let Some(end) = before.filter(|end| at >= *end) {
            return refused(format!("it ended at {end}; have it renewed"));
        }
        let named: Vec<&Person> =
            self.people.iter().filter(|p| principals.iter().any(|name| p.is_named(name))).collect();
        let person = match named.as_slice() {
            [person] => *person,
            [] => {
                let names: Vec<_> = principals.iter().map(|name| format!("`{}`", visible(name))).collect();
                let names = if names.is_empty() { "nobody".into() } else { names.join(", ") };
                return refused(format!("it names {names}, and no person of the estate is called so"));
            }
            [one, other, ..] => return refused(format!("it names {} and {}", one.name, other.name)),
        };
        let point = Point::of(key);
        for lister in &self.people {
            for listing in lister.keys.iter().filter(|k| k.public().is_some_and(|p| Point::of(p.key_data()) == point)) {
                if lister.name != person.name {
                    return refused(format!(
                        "it says {}, and the estate lists the key as {}'s",
                        person.name, lister.name
                    ));
                }
                if listing.has_ended(at) {
                    return Err(KeyRefused::Ended(listing.valid_until().unwrap_or(at)));
                }
            }
        }
        Ok(person)
    }

    /// Whether a key is on the list of revoked keys, by line or by fingerprint, in any spelling of its point.
    #[must_use]
    pub fn is_revoked(&self, key: &KeyData) -> bool {
        if self.policy.revoked_keys.is_empty() {
            return false;
        }
        let point = Point::of(key);
        let is = |known: &KeyData| Point::of(known) == point;
        let print = |key: &KeyData| key.fingerprint(HashAlg::Sha256).to_string();
        // A fingerprint is of one spelling. The others that the estate itself has are looked up with it.
        let people = self.people.iter().flat_map(|p| &p.keys).filter_map(|k| public(k.text()));
        let all = people.chain(self.policy.certificate_authorities.iter().filter_map(|line| public(line)));
        let prints: BTreeSet<String> = all.filter(|k| is(k)).map(|k| print(&k)).chain([print(key)]).collect();
        self.policy.revoked_keys.iter().map(|line| line.trim()).any(|line| {
            if line.starts_with("SHA256:") { prints.contains(line) } else { public(line).is_some_and(|k| is(&k)) }
        })
    }

    /// Whether two names are one person: the same name when folded, or names that share a key's point or a principal,
    /// also through further names. Somebody who holds one person's key speaks as that person, whatever other keys and
    /// names they have, including ended and revoked keys.
    #[must_use]
    pub fn same_person(&self, a: &PersonName, b: &PersonName) -> bool {
        if a == b || Folded::of(a.as_str()).is(&Folded::of(b.as_str())) {
            return true;
        }
        let kin = Kin::of(self);
        let (a, b) = (kin.called(a), kin.called(b));
        a.iter().any(|person| b.contains(person))
    }

    /// The people, those who are one together, in the file's order.
    #[must_use]
    pub fn persons(&self) -> Vec<Vec<&Person>> {
        let kin = Kin::of(self);
        let mut persons: BTreeMap<usize, Vec<&Person>> = BTreeMap::new();
        for (i, person) in self.people.iter().enumerate() {
            persons.entry(kin.person(i)).or_default().push(person);
        }
        persons.into_values().collect()
    }

    /// Whether a person has a way to sign: a key that is neither revoked nor, at a time that is given, ended; or a CA
    /// that could give them a certificate.
    #[must_use]
    pub fn can_sign(&self, person: &Person, at: Option<Timestamp>) -> bool {
        let good = |key: &super::ListedKey| {
            !at.is_some_and(|at| key.has_ended(at)) && !key.public().is_some_and(|k| self.is_revoked(k.key_data()))
        };
        !self.policy.certificate_authorities.is_empty() || person.keys.iter().any(good)
    }
}

/// The key of a line in `authorized_keys` form.
fn public(line: &str) -> Option<KeyData> {
    Some(ssh_key::PublicKey::from_openssh(line).ok()?.key_data().clone())
}

/// Which of the estate's people are one person.
pub(super) struct Kin {
    /// For each of the people the one before them that they are, at last themselves.
    before: Vec<usize>,
    folded: Vec<Folded>,
}

impl Kin {
    pub fn of(estate: &Estate) -> Self {
        let folded: Vec<Folded> = estate.people.iter().map(|p| Folded::of(p.name.as_str())).collect();
        let mut kin = Self { before: (0..estate.people.len()).collect(), folded };
        let mut keys: BTreeMap<Point, usize> = BTreeMap::new();
        let mut names: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for (i, person) in estate.people.iter().enumerate() {
            for key in person.keys.iter().filter_map(super::ListedKey::public) {
                let first = *keys.entry(Point::of(key.key_data())).or_insert(i);
                kin.join(first, i);
            }
            let principals = person.principals.iter().map(|name| Folded::of(name));
            let all: Vec<Folded> = principals.chain(kin.folded.get(i).cloned()).collect();
            for name in all.into_iter().flat_map(Folded::each) {
                let first = *names.entry(name).or_insert(i);
                kin.join(first, i);
            }
        }
        kin
    }

    /// The number of the person that the i-th of the people is.
    pub fn person(&self, i: usize) -> usize {
        let mut at = i;
        while let Some(&before) = self.before.get(at).filter(|before| **before != at) {
            at = before;
        }
        at
    }

    /// The numbers of the persons who are called so, however it is spelt.
    pub fn called(&self, name: &PersonName) -> BTreeSet<usize> {
        let name = Folded::of(name.as_str());
        let is = |(i, folded): (usize, &Folded)| folded.is(&name).then(|| self.person(i));
        self.folded.iter().enumerate().filter_map(is).collect()
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.person(a), self.person(b));
        if let Some(later) = self.before.get_mut(a.max(b)) {
            *later = a.min(b);
        }
    }
}
