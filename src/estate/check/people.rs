//! Checks of the people: that each is one person with keys of their own, and that somebody can approve.

use ssh_key::PublicKey;

use super::super::{Estate, Role};
use super::Check;

impl Check<'_> {
    pub fn people(&mut self, e: &Estate) {
        if e.policy.approvals == 0 {
            let message = "a change needs at least one approval: that is what the console is for";
            self.fault("policy.approvals", message);
        }
        if e.policy.approvals_for_overrides < e.policy.approvals {
            let message = "a change that overrides a safety rule needs no fewer approvals than any other";
            self.fault("policy.approvals_for_overrides", message);
        }
        self.unique("people", "name", "person", e.people.iter().map(|p| p.name.as_str()));
        self.keys(e);
        for (i, person) in e.people.iter().enumerate() {
            if person.roles.is_empty() {
                let message = format!("{} has no role: observer, operator or approver", person.name);
                self.fault(&format!("people.{i}.roles"), message);
            }
        }
        // An estate without people is one to look at: nobody can propose anything.
        if !e.people.is_empty() && self.whole("people") {
            self.somebody_approves(e);
        }
    }

    fn keys(&mut self, e: &Estate) {
        let mut seen: Vec<(PublicKey, usize)> = Vec::new();
        for (i, person) in e.people.iter().enumerate() {
            for (j, text) in person.keys.iter().enumerate() {
                let path = format!("people.{i}.keys.{j}");
                let key = match PublicKey::from_openssh(text) {
                    Ok(key) => key,
                    Err(why) => {
                        let message =
                            format!("not an OpenSSH public key ({why}); paste a line of ~/.ssh/id_ed25519.pub");
                        self.fault(&path, message);
                        continue;
                    }
                };
                let owner = seen.iter().find(|(k, _)| k.key_data() == key.key_data()).map(|(_, owner)| *owner);
                match owner.and_then(|o| Some((o, &e.people.get(o)?.name))) {
                    Some((o, name)) if o != i => {
                        let message =
                            format!("{} and {name} share one key: they would count as one person", person.name);
                        self.fault(&path, message);
                    }
                    Some((_, name)) => self.fault(&path, format!("{name} has this key twice")),
                    None => seen.push((key, i)),
                }
            }
        }
    }

    /// Somebody can propose what enough others can approve.
    fn somebody_approves(&mut self, e: &Estate) {
        let can = |role| e.people.iter().filter(move |p| p.is(role) && !p.keys.is_empty());
        let most = can(Role::Operator)
            .map(|operator| can(Role::Approver).filter(|approver| approver.name != operator.name).count())
            .max()
            .unwrap_or(0);
        if can(Role::Operator).next().is_none() {
            self.fault("people", "nobody can propose a change: no operator has a key");
        } else if most == 0 {
            self.fault("people", "nobody can approve: no approver with a key is another person than the operator");
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
