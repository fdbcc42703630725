//! What is unwise about the people of an estate and their keys, at a time.

use std::collections::BTreeSet;

use ssh_key::public::KeyData;

use crate::estate::{ChangeKind, Electorate, Estate, Need, Person, Role};
use crate::time::Timestamp;

pub(super) fn advice(estate: &Estate, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    let operators: Vec<&Person> =
        estate.people.iter().filter(|p| p.is(Role::Operator) && estate.can_sign(p, Some(now))).collect();
    if operators.is_empty() {
        lines.push("nobody has the operator role and a key: no change can be proposed".into());
    }
    let electorate = Electorate::of(estate, Some(now));
    for operator in operators {
        if electorate.besides(&operator.name) == 0 {
            let name = &operator.name;
            lines.push(format!("nobody else can approve a change of {name}: list a second person as approver"));
        } else {
            lines.extend(out_of_reach(estate, &electorate, operator));
        }
    }
    for person in &estate.people {
        keys(estate, person, now, &mut lines);
    }
    lines
}

/// The kinds of change that an operator can propose and the others cannot approve.
fn out_of_reach(estate: &Estate, electorate: &Electorate<'_>, operator: &Person) -> Option<String> {
    let (mut kinds, mut needs) = (Vec::new(), Vec::new());
    for kind in ChangeKind::ALL {
        let wanted = estate.policy.needs(&BTreeSet::from([kind]));
        if let Err(missing) = electorate.can_give(&wanted, &operator.name) {
            kinds.push(kind.as_str());
            needs.extend(missing.iter().map(Need::words).filter(|words| !needs.contains(words)).collect::<Vec<_>>());
        }
    }
    let (kinds, needs) = (kinds.join(", "), needs.join(" and "));
    let name = &operator.name;
    (!kinds.is_empty()).then(|| {
        format!("the others cannot approve all that {name} may propose ({kinds}): {needs} more would be needed")
    })
}

fn keys(estate: &Estate, person: &Person, now: Timestamp, lines: &mut Vec<String>) {
    let name = &person.name;
    for listed in &person.keys {
        let Some(key) = listed.public() else { continue };
        let print = key.fingerprint(ssh_key::HashAlg::Sha256);
        if estate.is_revoked(key.key_data()) {
            lines.push(format!("{name}'s key {print} is revoked and no longer counts: remove it from their keys"));
        } else if let Some(end) = listed.valid_until().filter(|_| listed.has_ended(now)) {
            lines.push(format!("{name}'s key {print} ended at {end} and no longer counts: list a newer one"));
        } else if let KeyData::Other(other) = key.key_data() {
            let kind = other.algorithm();
            lines.push(format!("{name}'s key {print} is of a type that is not known here ({kind}): it proves nothing"));
        }
    }
}
