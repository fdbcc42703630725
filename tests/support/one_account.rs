//! The reference estate as a company of one account would have it: what most tests watch.

use signalbox::estate::{Estate, Route53, guiding_care};

/// The shipped estate, all of it in the account of whoever signs in.
pub fn one_account() -> Estate {
    let mut estate = guiding_care().expect("the shipped estate is valid");
    estate.accounts.clear();
    (estate.monitoring, estate.route53, estate.cluster.account) = (None, Route53::default(), None);
    estate.pairs.iter_mut().for_each(|p| p.account = None);
    estate.services.iter_mut().for_each(|s| s.account = None);
    estate.systems.iter_mut().for_each(|s| s.account = None);
    estate
}
