//! Checks of the people: that each is one person with keys of their own, and that somebody can approve.

use std::collections::BTreeMap;

use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use super::super::fold::Folded;
use super::super::point::{Point, weakness};
use super::super::{Electorate, Estate, Role};
use super::Check;

impl Check<'_> {
    pub fn people(&mut self, e: &Estate) {
        if e.policy.approvals == 0 {
            let message = "a change needs at least one approval: that is what the console is for";
            self.fault("policy.approvals", message);
        }
        if e.policy.approvals_for_overrides < e.policy.approvals {
            let message = "a change that overrides a safety rule needs at least as many approvals as any other";
            self.fault("policy.approvals_for_overrides", message);
        }
        self.unique("people", "name", "person", e.people.iter().map(|p| p.name.as_str()));
        let owned = self.keys(e);
        // Two names that are one person by mistake are reported as that, and not also as one person too few.
        let apart = [owned.is_some(), self.look_alikes(e), self.principals(e)].iter().all(|apart| *apart);
        let owned = owned.unwrap_or_default();
        self.authorities(e, &owned);
        self.revoked(e);
        for (i, person) in e.people.iter().enumerate() {
            if person.roles.is_empty() {
                let message = format!("{} has no role: observer, operator or approver", person.name);
                self.fault(&format!("people.{i}.roles"), message);
            }
            for (j, group) in person.groups.iter().enumerate().filter(|(_, group)| group.trim().is_empty()) {
                self.fault(&format!("people.{i}.groups.{j}"), format!("a group needs a name; this is `{group}`"));
            }
        }
        // An estate without people is one to look at: nobody can propose anything.
        let known = apart && !e.people.is_empty() && self.whole("people");
        if known {
            self.somebody_approves(e);
        }
        if self.whole("policy") {
            self.approval_rules(e, known);
        }
    }

    /// Reports names that look the same to a reader but not to a program; whether there are none.
    fn look_alikes(&mut self, e: &Estate) -> bool {
        let before = self.faults.len();
        let folded: Vec<Folded> = e.people.iter().map(|p| Folded::of(p.name.as_str())).collect();
        for (i, (person, own)) in e.people.iter().zip(&folded).enumerate() {
            let earlier = e.people.iter().zip(&folded).take(i);
            // The very same name again is reported as a duplicate.
            let alike = earlier.enumerate().find(|(_, (p, name))| p.name != person.name && name.is(own));
            if let Some((first, (other, _))) = alike {
                let line = self.line(&format!("people.{first}.name"));
                let (name, other) = (spelt(person.name.as_str()), spelt(other.name.as_str()));
                let message = format!(
                    "{name} and {other} on line {line} look alike: they would count as one person; rename one of them"
                );
                self.fault(&format!("people.{i}.name"), message);
            }
        }
        self.faults.len() == before
    }

    /// A key that can be read and proves something; its faults are reported.
    fn key(&mut self, path: &str, text: &str) -> Option<PublicKey> {
        if text.split_whitespace().next().is_some_and(|kind| kind.contains("-cert-v01@")) {
            let message = "a certificate, not a key: list its CA in `policy.certificate_authorities` instead";
            self.fault(path, message);
            return None;
        }
        match PublicKey::from_openssh(text) {
            Ok(key) => match weakness(key.key_data()) {
                Some(why) => {
                    self.fault(path, why);
                    None
                }
                None => Some(key),
            },
            Err(why) => {
                let message = format!("not an OpenSSH public key ({why}); paste a line of ~/.ssh/id_ed25519.pub");
                self.fault(path, message);
                None
            }
        }
    }

    /// Each key is one person's, once. Whose each is; none where two people share one.
    fn keys(&mut self, e: &Estate) -> Option<BTreeMap<Point, usize>> {
        let mut shared = false;
        let mut owned: BTreeMap<Point, usize> = BTreeMap::new();
        let mut seen: BTreeMap<Point, (String, KeyData)> = BTreeMap::new();
        for (i, person) in e.people.iter().enumerate() {
            for (j, listed) in person.keys.iter().enumerate() {
                let path = format!("people.{i}.keys.{j}");
                let Some(key) = self.key(&path, listed.text()) else { continue };
                let point = Point::of(key.key_data());
                let kind = key.algorithm().to_string();
                let spelt = match seen.get(&point) {
                    Some((other, _)) if *other != kind => format!(", here as {kind}, there as {other}"),
                    Some((_, other)) if other != key.key_data() => ", in another spelling".into(),
                    _ => String::new(),
                };
                match owned.get(&point).copied().and_then(|o| Some((o, &e.people.get(o)?.name))) {
                    Some((o, name)) if o != i => {
                        let message =
                            format!("{} and {name} share one key{spelt}: they would count as one person", person.name);
                        self.fault(&path, message);
                        shared = true;
                    }
                    Some((_, name)) => self.fault(&path, format!("{name} has this key twice{spelt}")),
                    None => {
                        owned.insert(point.clone(), i);
                        seen.insert(point, (kind, key.key_data().clone()));
                    }
                }
            }
        }
        (!shared).then_some(owned)
    }

    fn authorities(&mut self, e: &Estate, owned: &BTreeMap<Point, usize>) {
        let mut seen: Vec<Point> = Vec::new();
        for (i, line) in e.policy.certificate_authorities.iter().enumerate() {
            let path = format!("policy.certificate_authorities.{i}");
            let Some(key) = self.key(&path, line) else { continue };
            let point = Point::of(key.key_data());
            if let Some(person) = owned.get(&point).and_then(|owner| e.people.get(*owner)) {
                let message = format!("this CA's key is {}'s own: they could name themselves anybody", person.name);
                self.fault(&path, message);
            }
            if seen.contains(&point) {
                self.fault(&path, "this CA stands here twice");
            }
            seen.push(point);
        }
    }

    fn revoked(&mut self, e: &Estate) {
        for (i, line) in e.policy.revoked_keys.iter().enumerate() {
            let print = line.trim().parse::<ssh_key::Fingerprint>().is_ok_and(ssh_key::Fingerprint::is_sha256);
            if !print && PublicKey::from_openssh(line).is_err() {
                let message =
                    "neither an OpenSSH public key nor a fingerprint as `ssh-keygen -lf` tells it: `SHA256:…`";
                self.fault(&format!("policy.revoked_keys.{i}"), message);
            }
        }
    }

    /// A name in certificates is one person's; whether all are.
    fn principals(&mut self, e: &Estate) -> bool {
        let before = self.faults.len();
        let owner = |name: &str, but: usize| {
            let others = e.people.iter().enumerate().filter(|(i, _)| *i != but);
            others.map(|(_, p)| p).find(|p| p.is_named(name))
        };
        for (i, person) in e.people.iter().enumerate() {
            for (j, name) in person.principals.iter().enumerate() {
                let path = format!("people.{i}.principals.{j}");
                if name.trim().is_empty() {
                    self.fault(&path, "a principal is a name in certificates; this is empty");
                } else if let Some(other) = owner(name, i) {
                    let message = format!(
                        "certificates that name `{name}` would be {}'s and {}'s: a principal is one person's",
                        person.name, other.name
                    );
                    self.fault(&path, message);
                }
            }
        }
        self.faults.len() == before
    }

    /// Somebody can propose what enough others can approve.
    fn somebody_approves(&mut self, e: &Estate) {
        let electorate = Electorate::of(e, None);
        let operators = || e.people.iter().filter(|p| p.is(Role::Operator) && e.can_sign(p, None));
        let most = operators().map(|operator| electorate.besides(&operator.name)).max().unwrap_or(0);
        if operators().next().is_none() {
            self.fault("people", "nobody can propose a change: no operator has a key");
        } else if most == 0 {
            self.fault("people", "nobody can approve: no approver with a key is a different person from the operator");
        } else {
            for (field, needed) in
                [("approvals", e.policy.approvals), ("approvals_for_overrides", e.policy.approvals_for_overrides)]
            {
                if usize::try_from(needed).is_ok_and(|n| n > most) {
                    let message = format!("`{field}` asks for {needed} approvals; {most} people at most can give them");
                    self.fault(&format!("policy.{field}"), message);
                }
            }
        }
    }
}

/// A name in backquotes, with the characters that are no ASCII: those of another script look like ours.
fn spelt(name: &str) -> String {
    let others: Vec<String> =
        name.chars().filter(|c| !c.is_ascii()).map(|c| format!("U+{:04X}", u32::from(c))).collect();
    if others.is_empty() { format!("`{name}`") } else { format!("`{name}` (with {})", others.join(", ")) }
}
