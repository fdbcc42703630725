//! Presenter mode: replaces names and addresses that thirty people on a call need not see with aliases.
//!
//! The same thing has the same alias everywhere. What the estate file names is numbered in the file's order
//! (`account-1`, `arn-2`, `host-3`); everything else gets an alias from a hash (`host-k7m2q`). So two screens of a
//! session, and a report made weeks later, use the same names.
//!
//! What people say on the bridge stays: names of services, systems, controls, rules, regions and people. DNS names of
//! the estate's services keep their first labels and lose their domain: `portal.domain-1`.
//!
//! This keeps things out of a picture. It is not encryption: somebody who knows the estate can work out what an alias
//! stands for.

mod find;
mod kind;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use self::find::{Lexicon, find};
use self::kind::{Kind, LENGTH, LETTERS};
use crate::estate::Estate;

/// Texts whose masked form is remembered; a screen shows the same ones thirty times a second.
const MOST_REMEMBERED: usize = 20_000;
/// The longest of them, in bytes.
const LONGEST_REMEMBERED: usize = 4_000;

/// Replaces what must not be seen. Clones share their memory.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    known: Arc<Known>,
    /// Hosts without a domain that were heard of, and what they are called.
    heard: Arc<BTreeMap<String, String>>,
    /// Texts and their masked forms; none if there is nothing to mask. A text's masked form never changes.
    memo: Arc<Mutex<HashMap<String, Option<String>>>>,
}

/// What a mask knows from the estate.
#[derive(Debug, Default, PartialEq, Eq)]
struct Known {
    /// Makes the hashes of one estate unlike those of another.
    salt: String,
    /// What stands in the estate file, and its alias.
    aliases: BTreeMap<String, (Kind, String)>,
    /// What stays as it is.
    keep: BTreeSet<String>,
    /// Last labels of the estate's host names.
    endings: BTreeSet<String>,
    /// What stands behind the hosts of the estate's webhooks.
    hooks: BTreeSet<String>,
    /// How many there are of each kind.
    count: BTreeMap<Kind, usize>,
}

impl Mask {
    /// The mask of an estate.
    #[must_use]
    pub fn of(estate: &Estate) -> Self {
        let mut known = Known { salt: estate.cluster.arn.to_string(), ..Known::default() };
        known.keep.extend(estate.presenter.keep.iter().map(|k| normal(k).into_owned()));
        for name in estate.services.iter().flat_map(|s| &s.dns) {
            known.public(name);
        }
        for hook in estate.notify.iter().filter_map(|n| n.webhook.as_ref()) {
            let behind = hook.reveal().split_once("://").and_then(|(_, rest)| rest.split_once(['/', '?', '#']));
            known.hooks.extend(behind.map(|(_, path)| path.trim_end_matches('/').to_owned()).filter(|p| !p.is_empty()));
        }
        let mut mask = Self { known: Arc::new(known), ..Self::default() };
        // Everything that the file says, in its order.
        if let Ok(value) = serde_json::to_value(estate) {
            mask.learn(&value);
        }
        mask
    }

    /// A mask for records of an estate whose file is missing: every alias is made from a hash. `salt` is the ARN of its
    /// cluster, if known, so that the hashes match those of the estate's own mask.
    #[must_use]
    pub fn without_estate(salt: &str) -> Self {
        let known = Known { salt: salt.to_owned(), ..Known::default() };
        Self { known: Arc::new(known), ..Self::default() }
    }

    /// The same, which also knows hosts that have no domain to be recognised by. A name that the estate says, too,
    /// is one that people speak: only [`Mask::host`] masks it.
    #[must_use]
    pub fn hearing<'h>(&self, hosts: impl IntoIterator<Item = &'h str>, spoken: impl Fn(&str) -> bool) -> Self {
        let heard = hosts.into_iter().filter(|h| !h.trim().is_empty() && !spoken(h));
        let heard = heard.map(|h| (normal(h).into_owned(), self.host(h))).collect();
        Self { known: self.known.clone(), heard: Arc::new(heard), ..Self::default() }
    }

    /// A text as everybody may see it. Masking it twice changes nothing.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.may_hold(text) {
            return Cow::Borrowed(text);
        }
        if text.len() > LONGEST_REMEMBERED {
            return self.masked(text).map_or(Cow::Borrowed(text), Cow::Owned);
        }
        let mut memo = self.memo.lock().unwrap_or_else(PoisonError::into_inner);
        if !memo.contains_key(text) {
            if memo.len() >= MOST_REMEMBERED {
                memo.clear();
            }
            memo.insert(text.to_owned(), self.masked(text));
        }
        memo.get(text).cloned().flatten().map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Whether there can be anything to mask in a text; most words on a screen have none of these.
    fn may_hold(&self, text: &str) -> bool {
        text.bytes().any(|b| b.is_ascii_digit() || matches!(b, b'.' | b'@' | b':' | b'-'))
            || !self.heard.is_empty()
            || kind::may_hold_capitals(text)
    }

    /// The masked text; none where there is nothing to mask.
    fn masked(&self, text: &str) -> Option<String> {
        let spoken = self.phrases(text);
        let found = find(&spoken, self);
        if found.is_empty() {
            return matches!(spoken, Cow::Owned(_)).then(|| spoken.into_owned());
        }
        let mut out = String::with_capacity(spoken.len());
        let mut done = 0;
        for f in found {
            let Some(original) = spoken.get(f.at.clone()) else { continue };
            out.push_str(spoken.get(done..f.at.start).unwrap_or_default());
            out.push_str(&self.alias(f.kind, original, f.cut));
            done = f.at.end;
        }
        out.push_str(spoken.get(done..).unwrap_or_default());
        Some(out)
    }

    /// The alias of a host's name, whatever it looks like.
    #[must_use]
    pub fn host(&self, name: &str) -> String {
        if kind::is_alias(name) {
            return name.to_owned();
        }
        let masked = match find(name, self).as_slice() {
            // A Name tag may be an ARN or an address.
            [one] if one.at == (0..name.len()) => one.kind,
            _ => Kind::Host,
        };
        self.alias(masked, name, false)
    }

    /// Names of hosts that are several words.
    fn phrases<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for (name, alias) in self.heard.iter().filter(|(name, _)| name.contains(' ')) {
            while let Some(at) = text.to_lowercase().find(name.as_str()).filter(|at| text.is_char_boundary(*at)) {
                let Some(after) = text.get(at + name.len()..) else { break };
                text = Cow::Owned(format!("{}{alias}{after}", text.get(..at).unwrap_or_default()));
            }
        }
        text
    }

    fn alias(&self, kind: Kind, original: &str, cut: bool) -> String {
        if original.is_empty() || kind::is_alias(original) {
            return original.to_owned();
        }
        let name = name_of(kind, original);
        if cut {
            // Which one it was is said only where it can be no other.
            let from = (Bound::Included(name.as_ref()), Bound::Unbounded);
            let mut begin = self.known.aliases.range::<str, _>(from).take_while(|(k, _)| k.starts_with(name.as_ref()));
            return match (begin.next(), begin.next()) {
                (Some((_, (_, alias))), None) => alias.clone(),
                _ => kind.word().to_owned(),
            };
        }
        if let Some((_, alias)) = self.known.aliases.get(name.as_ref()) {
            return alias.clone();
        }
        if let Some(alias) = self.heard.get(name.as_ref()) {
            return alias.clone();
        }
        let mut hash = Sha256::new();
        for part in [self.known.salt.as_str(), kind.word(), name.as_ref()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let letters = hash.finalize();
        let letters = letters.iter().take(LENGTH).map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()]));
        format!("{}-{}", kind.word(), letters.collect::<String>())
    }

    /// Numbers what a text of the estate file names.
    fn learn(&mut self, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => {
                let found: Vec<_> = find(text, self).into_iter().filter(|f| !f.cut).collect();
                let Some(known) = Arc::get_mut(&mut self.known) else { return };
                for f in found {
                    known.number(f.kind, text.get(f.at).unwrap_or_default());
                }
                known.fingerprint(text);
            }
            serde_json::Value::Array(all) => all.iter().for_each(|v| self.learn(v)),
            serde_json::Value::Object(fields) => fields.values().for_each(|v| self.learn(v)),
            _ => {}
        }
    }
}

impl Known {
    fn number(&mut self, kind: Kind, original: &str) {
        let name = name_of(kind, original).into_owned();
        if kind == Kind::Host
            && let Some((_, ending)) = name.rsplit_once('.')
        {
            self.endings.insert(ending.to_owned());
        }
        if !self.aliases.contains_key(&name) {
            let count = self.count.entry(kind).or_default();
            *count += 1;
            self.aliases.insert(name, (kind, format!("{}-{count}", kind.word())));
        }
    }

    /// A name that customers type: only its domain is masked.
    fn public(&mut self, name: &str) {
        let name = normal(name.trim_start_matches("*.")).into_owned();
        let domain = domain(&name).to_owned();
        self.number(Kind::Domain, &domain);
        let Some((_, alias)) = self.aliases.get(&domain).cloned() else { return };
        let first = name.strip_suffix(&domain).unwrap_or_default();
        if let Some((_, ending)) = name.rsplit_once('.') {
            self.endings.insert(ending.to_owned());
        }
        if !first.is_empty() {
            let alias = format!("{first}{alias}");
            self.aliases.insert(name, (Kind::Host, alias));
        }
    }

    /// A person's key is called the same by its body and by its fingerprint.
    fn fingerprint(&mut self, line: &str) {
        let Ok(key) = ssh_key::PublicKey::from_openssh(line.trim()) else { return };
        let Some(body) = line.split(' ').find(|w| w.starts_with("AAAA")) else { return };
        if let Some(alias) = self.aliases.get(body).cloned() {
            let print = key.fingerprint(ssh_key::HashAlg::Sha256).to_string();
            self.aliases.insert(print, alias);
        }
    }
}

impl Lexicon for Mask {
    fn keeps(&self, text: &str) -> bool {
        !self.known.keep.is_empty() && self.known.keep.contains(normal(text).as_ref())
    }

    fn knows(&self, text: &str, cut: bool) -> Option<Kind> {
        let name = normal(text);
        let name = name.as_ref();
        if cut {
            // Short and plain beginnings are everybody's: `portal…` is a service as well.
            if name.len() < 6 || !name.contains(['.', '-', ':']) {
                return None;
            }
            let from = (Bound::Included(name), Bound::Unbounded);
            let known = self.known.aliases.range::<str, _>(from).next().filter(|(k, _)| k.starts_with(name));
            let heard = self.heard.range::<str, _>(from).next().filter(|(k, _)| k.starts_with(name));
            return known.map(|(_, (kind, _))| *kind).or(heard.map(|_| Kind::Host));
        }
        let known = self.known.aliases.get(name).map(|(kind, _)| *kind);
        known.or_else(|| self.heard.contains_key(name).then_some(Kind::Host))
    }

    fn ending(&self, label: &str) -> bool {
        self.known.endings.contains(label)
    }

    fn is_hook(&self, path: &str) -> bool {
        self.known.hooks.contains(path.trim_end_matches('/'))
    }
}

/// What two spellings of one name have in common.
fn normal(name: &str) -> Cow<'_, str> {
    let name = name.trim().trim_end_matches('.');
    if name.chars().any(char::is_uppercase) { Cow::Owned(name.to_lowercase()) } else { Cow::Borrowed(name) }
}

/// The same; keys are told apart by capitals.
fn name_of(kind: Kind, original: &str) -> Cow<'_, str> {
    match kind {
        Kind::Key => Cow::Borrowed(original.trim_end_matches('=')),
        Kind::Hook => Cow::Borrowed(original),
        // Whichever way its digits are grouped.
        Kind::Account => Cow::Owned(original.chars().filter(char::is_ascii_digit).collect()),
        _ => normal(original),
    }
}

/// The part of a DNS name that somebody bought: its last two labels, three below a country's `co.` or `com.`.
fn domain(name: &str) -> &str {
    let dots: Vec<usize> = name.match_indices('.').map(|(i, _)| i).collect();
    let from = |n: usize| dots.len().checked_sub(n).and_then(|i| dots.get(i)).map(|i| i + 1);
    let last_two = from(2).unwrap_or(0);
    let two = &name[last_two..];
    let of_country = two.split_once('.').is_some_and(|(second, top)| top.len() == 2 && second.len() <= 3);
    let start = if of_country { from(3).unwrap_or(0) } else { last_two };
    &name[start..]
}
