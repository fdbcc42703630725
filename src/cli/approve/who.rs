//! Who approves: which of the keys here signs, and whether it may.

use ssh_key::HashAlg;
use ssh_key::public::KeyData;

use super::{ApproveArgs, Exit, Stop};
use crate::change::{ChangeText, Consent, Statement as _};
use crate::cli::io::Io;
use crate::estate::{Estate, MayNot, PersonName, Role};
use crate::hygiene::visible;
use crate::runtime::owners;
use crate::signing::{Identity, Ring, SecretKey, SignError};

/// What signs: the keys, and those of them that would do, the best first.
pub(super) struct Signer {
    pub(super) ring: Ring,
    mine: Vec<Mine>,
}

/// A key that would do, plain or by its certificate.
struct Mine {
    key: KeyData,
    certified: bool,
    /// Whose it is, where an estate tells.
    of: Option<PersonName>,
}

impl Signer {
    /// Signs a consent, with the first of the keys that does.
    pub(super) fn sign(&mut self, consent: &Consent) -> Result<String, SignError> {
        let Self { ring, mine } = self;
        let would = |i: &Identity| mine.iter().any(|m| m.key == *i.key() && m.certified == i.certificate().is_some());
        ring.sign_as(&would, Consent::ACT.namespace(), consent.canonical().as_bytes())
    }
}

pub(super) fn signer(
    args: &ApproveArgs,
    change: &ChangeText,
    estate: Option<&Estate>,
    io: &Io<'_>,
) -> Result<Signer, Stop> {
    let agent = io.agent.as_deref();
    // --agent with a private key's file: the agent's key of that file.
    let of_agent = args.key.as_deref().filter(|p| args.agent && p.extension().is_none_or(|e| e != "pub"));
    let (ring, wanted) = match of_agent {
        Some(path) => {
            let wanted = SecretKey::read(path)?.public().key_data().clone();
            let ring = Ring::open(None, agent)?;
            if !ring.keys().contains(&&wanted) {
                return Err(SignError::NotInAgent(wanted.fingerprint(HashAlg::Sha256).to_string()).into());
            }
            (ring, Some(wanted))
        }
        None => (Ring::open(args.key.as_deref(), agent)?, None),
    };
    let named = args.key.is_some();
    let at = (io.now)();
    let mine: Vec<Mine> = ring
        .identities()
        .iter()
        .filter(|i| wanted.as_ref().is_none_or(|key| key == i.key()))
        .filter_map(|i| {
            let of = estate.map(|e| owners(e, i, at).into_iter().find(|who| may(e, who, change)));
            // A key that was named is judged in words; of the others only an approver's would do.
            let of = match of {
                Some(None) if !named => return None,
                of => of.flatten(),
            };
            Some(Mine { key: i.key().clone(), certified: i.certificate().is_some(), of })
        })
        .collect();
    let mine =
        if mine.iter().any(|m| m.of.is_some()) { mine.into_iter().filter(|m| m.of.is_some()).collect() } else { mine };
    if !named {
        only_one(&ring, &mine)?;
    }
    Ok(Signer { ring, mine })
}

fn may(estate: &Estate, who: &PersonName, change: &ChangeText) -> bool {
    estate.person(who).is_some_and(|p| p.is(Role::Approver)) && !estate.same_person(who, &change.by)
}

/// Of an agent's keys, those of one approver who did not ask would do; with no estate to ask, the only one there is.
fn only_one(ring: &Ring, mine: &[Mine]) -> Result<(), SignError> {
    match mine {
        [] if ring.keys().is_empty() => Err(SignError::AgentEmpty(ring.others())),
        [] => Err(SignError::NoApproverKey),
        [_] => Ok(()),
        // Two keys of one person do equally well.
        [first, rest @ ..] if first.of.is_some() && rest.iter().all(|m| m.of == first.of) => Ok(()),
        several => {
            let line = |m: &Mine| {
                let comment = ring.identities().iter().find(|i| *i.key() == m.key).map_or("", |i| i.comment());
                let name = m.of.as_ref().map(|name| format!("  ({name})")).unwrap_or_default();
                format!("  {}  {}{name}", m.key.fingerprint(HashAlg::Sha256), visible(comment))
            };
            Err(SignError::Ambiguous(several.iter().map(line).collect()))
        }
    }
}

/// Tells who signs; with an estate, whether they may.
pub(super) fn tell(signer: &Signer, change: &ChangeText, estate: Option<&Estate>, io: &mut Io<'_>) -> Result<(), Stop> {
    let first = signer.mine.first().ok_or(SignError::NoneMine)?;
    let print = first.key.fingerprint(HashAlg::Sha256);
    let Some(estate) = estate else {
        super::show::line("signing with", &format!("{print} (give --estate to check that it may approve)"), io)?;
        writeln!(io.out)?;
        return Ok(());
    };
    if let Some(name) = &first.of {
        let by = if first.certified { "the certificate of " } else { "" };
        super::show::line("signing as", &format!("{} with {by}{print}", visible(name.as_str())), io)?;
        writeln!(io.out)?;
        return Ok(());
    }
    let why = match estate.owners(&first.key, (io.now)()) {
        Err(why) => format!("{why} ({print})"),
        Ok(owners) if owners.iter().any(|p| estate.same_person(&p.name, &change.by)) => {
            format!("{print} is a key of {}, who asked: somebody else must approve", change.by)
        }
        Ok(owners) => {
            let lacks = owners.first().map(|p| MayNot::Lacks(p.name.clone(), Role::Approver).to_string());
            lacks.unwrap_or_else(|| format!("{print} is nobody's key"))
        }
    };
    Err(Stop(Exit::Refused, why))
}
