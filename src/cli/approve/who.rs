//! Who approves: which of the keys here signs, and whether it may.

use ssh_key::HashAlg;
use ssh_key::public::KeyData;

use super::{ApproveArgs, Exit, Stop};
use crate::change::ChangeText;
use crate::cli::io::Io;
use crate::estate::{Estate, Person, Role};
use crate::hygiene::visible;
use crate::signing::{Ring, SecretKey, SignError};

/// What signs: the keys, and those of them that would do, the best first.
pub(super) struct Signer {
    pub(super) ring: Ring,
    pub(super) mine: Vec<KeyData>,
}

pub(super) fn signer(
    args: &ApproveArgs,
    change: &ChangeText,
    estate: Option<&Estate>,
    io: &Io<'_>,
) -> Result<Signer, Stop> {
    let agent = io.agent.as_deref();
    let secret = args.key.as_deref().filter(|p| args.agent && p.extension().is_none_or(|e| e != "pub"));
    let (ring, mine) = match (&args.key, secret) {
        (_, Some(path)) => {
            let wanted = SecretKey::read(path)?.public().key_data().clone();
            let ring = Ring::open(None, agent)?;
            if !ring.keys().contains(&&wanted) {
                return Err(SignError::NotInAgent(wanted.fingerprint(HashAlg::Sha256).to_string()).into());
            }
            (ring, vec![wanted])
        }
        (Some(path), None) => {
            let ring = Ring::open(Some(path), agent)?;
            let mine = ring.keys().into_iter().cloned().collect();
            (ring, mine)
        }
        (None, None) => {
            let ring = Ring::open(None, agent)?;
            let mine = choose(&ring, estate.map(|e| (e, change)))?;
            (ring, mine)
        }
    };
    Ok(Signer { ring, mine })
}

/// Which of an agent's keys would do: those of one approver of the estate who did not ask; else, with no estate to
/// ask, the only one there is.
fn choose(ring: &Ring, estate: Option<(&Estate, &ChangeText)>) -> Result<Vec<KeyData>, SignError> {
    let owner = |key: &KeyData| -> Option<Option<&Person>> {
        let Some((estate, change)) = estate else { return Some(None) };
        let lists = |p: &&Person| p.keys.iter().any(|k| k.public().is_some_and(|k| k.key_data() == key));
        let may = |p: &&Person| p.is(Role::Approver) && !estate.same_person(&p.name, &change.by);
        estate.people.iter().filter(may).find(lists).map(Some)
    };
    let fit: Vec<(&KeyData, Option<&Person>)> =
        ring.keys().into_iter().filter_map(|k| owner(k).map(|person| (k, person))).collect();
    let first = fit.first().map(|(_, person)| person.map(|p| &p.name));
    match (fit.len(), first) {
        (0, _) if ring.keys().is_empty() => Err(SignError::AgentEmpty(ring.others())),
        (0, _) => Err(SignError::NoApproverKey),
        (1, _) => Ok(fit.into_iter().map(|(k, _)| k.clone()).collect()),
        // Two keys of one person do equally well.
        (_, Some(Some(name))) if fit.iter().all(|(_, p)| p.is_some_and(|p| p.name == *name)) => {
            Ok(fit.into_iter().map(|(k, _)| k.clone()).collect())
        }
        _ => {
            let line = |(key, person): &(&KeyData, Option<&Person>)| {
                let comment = ring.identities().iter().find(|i| i.key() == *key).map_or("", |i| i.comment());
                let name = person.map(|p| format!("  ({})", p.name)).unwrap_or_default();
                format!("  {}  {}{name}", key.fingerprint(HashAlg::Sha256), visible(comment))
            };
            Err(SignError::Ambiguous(fit.iter().map(line).collect()))
        }
    }
}

/// Tells who signs; with an estate, whether they may.
pub(super) fn tell(signer: &Signer, change: &ChangeText, estate: Option<&Estate>, io: &mut Io<'_>) -> Result<(), Stop> {
    let key = signer.mine.first().ok_or(SignError::NoneMine)?;
    let print = key.fingerprint(HashAlg::Sha256);
    let Some(estate) = estate else {
        writeln!(io.out, "  signing with      {print} (give --estate to check that it may approve)\n")?;
        return Ok(());
    };
    let refuse = |why: String| Err(Stop(Exit::Refused, why));
    // A certificate is judged when it has signed.
    let certified = signer.ring.identities().iter().any(|i| i.key() == key && i.certificate().is_some());
    let owners = match estate.owners(key, (io.now)()) {
        Ok(owners) => owners,
        Err(_) if certified => {
            writeln!(io.out, "  signing with      {print} and its certificate\n")?;
            return Ok(());
        }
        Err(why) => return refuse(format!("{why} ({print})")),
    };
    if owners.iter().any(|p| estate.same_person(&p.name, &change.by)) {
        return refuse(format!("{print} is a key of {}, who asked: somebody else must approve", change.by));
    }
    match owners.iter().find(|p| p.is(Role::Approver)) {
        Some(person) => {
            writeln!(io.out, "  signing as        {} with {print}\n", visible(person.name.as_str()))?;
            Ok(())
        }
        None => refuse("you do not have the approver role in the estate file".to_owned()),
    }
}
