//! What is legal in the accounts of an estate, and would hurt in an incident.

use crate::estate::{AccountName, Estate};

pub(super) fn advice(estate: &Estate) -> Vec<String> {
    let mut lines = Vec::new();
    let used = estate.accounts_used();
    let from = |name: &AccountName| {
        let roles = estate.accounts.iter().flat_map(|a| a.role_to_look().into_iter().chain(&a.act));
        roles.filter_map(|role| role.from.as_ref()).any(|from| from == name)
    };
    for account in &estate.accounts {
        let name = &account.name;
        if !used.contains(&Some(name.clone())) && !from(name) {
            lines.push(format!("account {name} is named, and nothing is in it: its role is taken for nothing"));
        }
        for (role, what) in [(account.role_to_look(), "look"), (account.act.as_ref(), "act")] {
            let without = role.filter(|role| role.external_id.is_none() && role.from.is_none());
            if without.is_some() {
                lines.push(format!(
                    "account {name}: the role to {what} has no external_id, which a trust policy should ask for"
                ));
            }
        }
    }
    let acts = estate.cluster.account.as_ref().and_then(|name| estate.account_of(name));
    if let Some(account) = acts.filter(|a| a.act.is_none()) {
        lines.push(format!(
            "account {} has no role to act: the role that looks all day may move traffic, and CloudTrail does not tell for \
             which change",
            account.name
        ));
    }
    lines
}
