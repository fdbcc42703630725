//! Who acts: the person whose key is here. A name alone proves nothing; `--as` only chooses among one's own names.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};
use ssh_key::HashAlg;

use super::common::env_path;
use super::exit::asked;
use super::io::{ask_secret, complain};
use crate::change::{Digest, Hands, Nonce, Operator, Presence, Proven};
use crate::estate::{Estate, MayNot, Person, PersonName, Role};
use crate::hygiene::{shell, visible};
use crate::journal::{Boot, Journal};
use crate::record::{Record, Tried};
use crate::runtime::{Clock, Signer, boot_id, owners, random_bits};
use crate::signing::{Identity, Ring};

/// Whose key signs, and what is known of the keys that are here, once they were looked for.
#[derive(Clone, Debug, Args)]
pub struct PersonArgs {
    /// Who you are, among the people whose keys are here [default: the owner of the keys here].
    #[arg(long = "as", value_name = "NAME")]
    pub who: Option<String>,
    /// Sign with this private key, or with the ssh-agent's key that matches this .pub [default: the ssh-agent's keys].
    #[arg(long, value_name = "FILE", env = "SIGNALBOX_KEY")]
    pub key: Option<PathBuf>,
    #[arg(skip)]
    here: Arc<OnceLock<Vec<Identity>>>,
}

/// A person who acts here, and the keys that sign for them.
#[derive(Clone, Debug)]
pub struct Actor {
    /// By the estate's name for them.
    pub name: PersonName,
    /// Their keys.
    pub signer: Signer,
}

impl PersonArgs {
    /// The flags again that were given, as a shell takes them, each after a blank.
    #[must_use]
    pub fn flags(&self) -> String {
        let key = self.key.iter().map(|key| ("--key", shell::path(key)));
        let who = self.who.iter().map(|who| ("--as", shell::word(who)));
        key.chain(who).map(|(flag, value)| format!(" {flag} {value}")).collect()
    }

    /// The keys that are here. A locked key file asks for its passphrase.
    ///
    /// # Errors
    /// If there are none, or they cannot be used.
    pub fn signer(&self, estate: &Arc<Estate>) -> Result<Signer> {
        let ring = self.ring();
        // Whose keys are here is known from now on. An agent that did not answer is not asked again to name somebody, and
        // a locked file proves nothing of who holds it.
        let here = ring.as_ref().map(|ring| ring.identities().to_vec()).unwrap_or_default();
        drop(self.here.set(here));
        Ok(Signer::new(estate.clone(), ring?))
    }

    fn ring(&self) -> Result<Ring> {
        let agent = env_path("SSH_AUTH_SOCK");
        let mut ring = Ring::open(self.key.as_deref(), agent.as_deref()).map_err(|e| asked(e.to_string()))?;
        if ring.is_locked() {
            let file = self.key.as_ref().map(|f| visible(&f.display().to_string()).into_owned()).unwrap_or_default();
            let mut tries = 0;
            loop {
                let question = format!("passphrase of {file}: ");
                let passphrase = ask_secret(&question)
                    .wrap_err_with(|| format!("failed to ask for the passphrase of {file}; `ssh-add` it instead"))?;
                complain!("signalbox: opening the key …");
                tries += 1;
                match ring.unlock(&passphrase) {
                    Ok(()) => break,
                    Err(e) if tries < TRIES => complain!("signalbox: {e}; once more"),
                    Err(e) => return Err(asked(e.to_string())),
                }
            }
        }
        Ok(ring)
    }

    /// The keys that are here, without asking for a passphrase or, where it was asked already, an agent.
    fn keys_here(&self) -> &[Identity] {
        self.here.get_or_init(|| {
            let ring = Ring::open(self.key.as_deref(), env_path("SSH_AUTH_SOCK").as_deref());
            ring.ok().filter(|ring| !ring.is_locked()).map(|ring| ring.identities().to_vec()).unwrap_or_default()
        })
    }

    /// Who asks, as far as that shows without asking a key: whose keys are here, or which. A name that is only said says
    /// nothing of who was there, and stands in brackets.
    #[must_use]
    pub fn asker(&self, estate: &Arc<Estate>) -> Option<PersonName> {
        let (keys, now) = (self.keys_here(), Clock::real().now().wall);
        let mut prints: Vec<String> = keys.iter().map(|i| i.key().fingerprint(HashAlg::Sha256).to_string()).collect();
        prints.dedup();
        prints.truncate(MOST_KEYS);
        let mut names: Vec<String> = Vec::new();
        for name in keys.iter().flat_map(|i| owners(estate, i, now)).map(|name| name.to_string()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let said = self.who.as_deref().map(|who| visible(who).into_owned());
        if let Some(said) = said.as_ref().filter(|said| names.contains(said)) {
            return Some(PersonName::from(said.as_str()));
        }
        let here = if names.is_empty() { prints } else { names }.join(", ");
        match (here.as_str(), said) {
            ("", None) => None,
            ("", Some(said)) => Some(PersonName::from(format!("somebody (as {said})").as_str())),
            (here, None) => Some(PersonName::from(here)),
            (here, Some(said)) => Some(PersonName::from(format!("{here} (as {said})").as_str())),
        }
    }

    /// The person that `--as` names.
    ///
    /// # Errors
    /// When the estate lists nobody of that name.
    pub fn named<'e>(&self, estate: &'e Estate) -> Result<Option<&'e Person>> {
        let Some(name) = self.who.as_deref() else { return Ok(None) };
        let found = estate.person(&PersonName::from(name)).ok_or_else(|| {
            let listed: Vec<&str> = estate.people.iter().map(|p| p.name.as_str()).collect();
            asked(format!("failed to find `{name}` in the estate's people; it lists {}", listed.join(", ")))
        })?;
        Ok(Some(found))
    }

    /// Who acts here. No key is asked yet: what they do is signed, and that is the proof.
    ///
    /// # Errors
    /// If nobody's key is here, the named person's is not, or several people's are and none is named.
    pub fn actor(&self, estate: &Arc<Estate>, role: Option<Role>) -> Result<Actor> {
        let named = self.named(estate)?;
        let signer = self.signer(estate)?;
        let now = Clock::real().now().wall;
        let mine = signer.people(now);
        if let Some(why) = signer.refused(now).into_iter().next().filter(|_| mine.is_empty()) {
            return Err(asked(format!("the key here does not count: {why}")));
        }
        let name = match named {
            Some(person) if mine.contains(&person.name) => person.name.clone(),
            Some(person) => {
                let whose = if mine.is_empty() { "nobody's".to_owned() } else { names(&mine) };
                let name = &person.name;
                let what = format!("no key here is a key of {name} (the keys here are {whose}): `ssh-add` it or give");
                return Err(asked(format!("{what} --key FILE; nobody acts by another's name")));
            }
            None => one_of(estate, &mine, role)?,
        };
        if let Some(role) = role {
            estate.in_role(&name, role).map_err(|why| asked(why.to_string()))?;
        }
        Ok(Actor { name, signer })
    }
}

/// The one person whose keys are here; several names of one person are one, and the login name decides among people.
fn one_of(estate: &Estate, mine: &[PersonName], role: Option<Role>) -> Result<PersonName> {
    let fits = |name: &&PersonName| role.is_none_or(|role| estate.person(name).is_some_and(|p| p.is(role)));
    let login = std::env::var("USER").ok();
    let fit: Vec<&PersonName> = mine.iter().filter(fits).collect();
    let fit = if fit.is_empty() { mine.iter().collect() } else { fit };
    match fit.as_slice() {
        [] => {
            Err(asked("none of the keys here belongs to a person of the estate: `ssh-add` yours, or give --key FILE"))
        }
        [first, rest @ ..] => {
            if rest.iter().all(|other| estate.same_person(first, other)) {
                return Ok((*first).clone());
            }
            let own = fit.iter().find(|name| Some(name.as_str()) == login.as_deref());
            own.map(|name| (*name).clone()).ok_or_else(|| {
                asked(format!("the keys here belong to several people, {}: say with --as who you are", names(mine)))
            })
        }
    }
}

fn names(people: &[PersonName]) -> String {
    people.iter().map(|p| format!("{p}'s")).collect::<Vec<_>>().join(" and ")
}

impl Actor {
    /// What they may do as an operator.
    ///
    /// # Errors
    /// When they are none.
    pub fn operator(&self, estate: &Estate) -> Result<Operator> {
        let hands = Hands::of(estate, &self.name);
        hands.operator.ok_or_else(|| asked(MayNot::Lacks(self.name.clone(), Role::Operator).to_string()))
    }

    /// Has their key answer a challenge, so that what is not signed by itself has somebody behind it.
    ///
    /// # Errors
    /// When the key does not.
    pub fn present(&self) -> Result<Proven<Presence>> {
        let bits = random_bits().ok_or_else(|| eyre!("failed to get random bits from the system"))?;
        let now = Clock::real().now();
        let proof = self.signer.present(&self.name, now, Nonce(bits));
        proof.map_err(|why| asked(format!("failed to prove that {} sits here: {why}", self.name)))
    }
}

/// Keeps in the journal that something was refused before a console opened. If the journal cannot take it, the program
/// says so, and the refusal stands.
pub fn keep_refusal(state: &Path, change: Option<Digest>, by: Option<PersonName>, what: Tried, why: &str) {
    let record = Record::Refused { change, by, what, why: visible(why).chars().take(LONGEST_WHY).collect() };
    let kept = Journal::open(state, Boot { id: boot_id() })
        .and_then(|(mut journal, _)| journal.append(record, Clock::real().now()));
    if let Err(error) = kept {
        complain!("signalbox: the refusal is not in the journal: {error}");
    }
}

/// Keys that a refusal names where they are nobody's.
const MOST_KEYS: usize = 3;
/// How often a passphrase may be mistyped.
const TRIES: u32 = 3;
/// Of a refusal's reason, in characters.
const LONGEST_WHY: usize = 1000;
