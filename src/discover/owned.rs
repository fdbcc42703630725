//! Which account each system is in, said as shortly as it can be: for a pair where most of it is, for a system only
//! where that is elsewhere.

use std::collections::BTreeMap;

use crate::estate::{Account, AccountName, EachSide, Estate, PairName, PerSide, Side, System};

/// What the account of whoever signs in is called where something must name it.
const HOME: &str = "home";

/// A system, and the account of each side where it is; none within where that is whoever signs in.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    pub(super) system: System,
    pub(super) owners: [Option<Option<AccountName>>; 2],
}

impl Owned {
    /// In one account.
    pub(super) fn of(system: System, account: Option<&AccountName>) -> Self {
        Self { system, owners: [Some(account.cloned()), Some(account.cloned())] }
    }

    fn on(&self, side: Side) -> Option<&Option<AccountName>> {
        match side {
            Side::Active => self.owners[0].as_ref(),
            Side::Standby => self.owners[1].as_ref(),
        }
    }
}

/// Takes the systems into the estate.
pub(super) fn settle(estate: &mut Estate, owned: Vec<Owned>) {
    let pairs: Vec<PairName> = estate.pairs.iter().map(|p| p.name.clone()).collect();
    for pair in pairs {
        let of_pair: Vec<&Owned> = owned.iter().filter(|o| o.system.pair == pair).collect();
        let [active, standby] = Side::BOTH.map(|side| most(&of_pair, side));
        // A side of which nothing is known is where the other is.
        let (active, standby) = (active.clone().or(standby.clone()), standby.or(active));
        let account = written(estate, active.flatten(), standby.flatten());
        if let Some(found) = estate.pairs.iter_mut().find(|p| p.name == pair) {
            found.account = account;
        }
    }
    for Owned { system, owners: [active, standby] } in owned {
        let pair = estate.pairs.iter().find(|p| p.name == system.pair);
        let usual = |side| pair.and_then(|p| p.account(side));
        let own = |owner: Option<Option<AccountName>>, side| owner.unwrap_or_else(|| usual(side));
        let (active, standby) = (own(active, Side::Active), own(standby, Side::Standby));
        let as_usual = active == usual(Side::Active) && standby == usual(Side::Standby);
        let account = if as_usual { None } else { Some(named(estate, active, standby)) };
        estate.systems.push(System { account, ..system });
    }
}

/// The account that most systems of a side are in.
fn most(owned: &[&Owned], side: Side) -> Option<Option<AccountName>> {
    let mut count: BTreeMap<&Option<AccountName>, usize> = BTreeMap::new();
    for owner in owned.iter().filter_map(|o| o.on(side)) {
        *count.entry(owner).or_default() += 1;
    }
    count.into_iter().max_by_key(|(_, n)| *n).map(|(owner, _)| owner.clone())
}

/// A pair's accounts; nothing where both sides are whoever signs in.
fn written(estate: &mut Estate, active: Option<AccountName>, standby: Option<AccountName>) -> Option<PerSide> {
    (active.is_some() || standby.is_some()).then(|| named(estate, active, standby))
}

fn named(estate: &mut Estate, active: Option<AccountName>, standby: Option<AccountName>) -> PerSide {
    if active == standby {
        return PerSide::Same(name(estate, active));
    }
    PerSide::Each(EachSide { active: name(estate, active), standby: name(estate, standby) })
}

/// What an account is called; that of whoever signs in gets a name once something needs it.
fn name(estate: &mut Estate, account: Option<AccountName>) -> String {
    if let Some(account) = account {
        return account.to_string();
    }
    let home = AccountName::from(HOME);
    if estate.account_of(&home).is_none() {
        let id = estate.account.clone();
        estate.accounts.push(Account { name: home, id, look: None, act: None });
    }
    HOME.to_owned()
}
