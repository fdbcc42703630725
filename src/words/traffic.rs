//! Where traffic goes while not all of it goes one way.

use super::list;
use crate::estate::{Region, ServiceName};

/// Names that are said; how many more there are is counted.
const MOST: usize = 3;

/// Services by name: `api`, `api and sftp`, `api, sftp, portal and 2 more`.
#[must_use]
pub fn services(names: &[ServiceName]) -> String {
    let mut said: Vec<String> = names.iter().take(MOST).map(ToString::to_string).collect();
    let more = names.len().saturating_sub(MOST);
    if more > 0 {
        said.push(format!("{more} more"));
    }
    list(&said)
}

/// Whose traffic: `Traffic`, or `Traffic of api` where it is not that of all services.
#[must_use]
pub fn whose(names: &[ServiceName]) -> String {
    if names.is_empty() { "Traffic".to_owned() } else { format!("Traffic of {}", services(names)) }
}

/// How a sentence begins that says where traffic enters: how many of the answers that are given lead there is said where
/// not all of them lead to a region.
#[must_use]
pub fn seen_by(there: usize, given: usize) -> String {
    if there == given { "Traffic".to_owned() } else { format!("By {there} of {given} DNS answers, traffic") }
}

/// Answers that do not show where traffic goes, as a part of a sentence: so many lead to no region, of so many nothing
/// tells, and so many are not given.
#[must_use]
pub fn unknown_answers(elsewhere: usize, untold: usize, silent: usize) -> String {
    let said = [
        (elsewhere, format!("{elsewhere} of them lead to no region that is known")),
        (untold, format!("where {untold} of them lead nobody can tell")),
        (silent, format!("{silent} more queries got no answer")),
    ];
    said.into_iter().filter(|(n, _)| *n > 0).map(|(_, words)| words).collect::<Vec<_>>().join("; ")
}

/// What a resolver answered: the names on the way, then all addresses.
#[must_use]
pub fn answered(answers: &[String]) -> String {
    let is_address = |text: &&String| text.parse::<std::net::IpAddr>().is_ok();
    let (addresses, names): (Vec<&String>, Vec<&String>) = answers.iter().partition(is_address);
    let addresses = addresses.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let names = names.into_iter().map(String::as_str);
    names.chain((!addresses.is_empty()).then_some(addresses.as_str())).collect::<Vec<_>>().join(" → ")
}

/// A sentence that services are in different regions.
#[must_use]
pub fn apart(one: (&Region, &[ServiceName]), other: (&Region, &[ServiceName])) -> String {
    let of = |(region, names): (&Region, &[ServiceName])| format!("that of {} {region}", services(names));
    format!("Traffic enters BOTH regions: {}, {}.", of(one), of(other))
}

/// A sentence that answers differ and nothing says where to.
#[must_use]
pub fn mixed(names: &[ServiceName]) -> String {
    format!("DNS answers for {} lead to BOTH regions, and the routing controls name neither.", services(names))
}

/// That a region has too few readings to say how it is: so many of the things that are watched there have none.
#[must_use]
pub fn unseen(region: &Region, unread: usize, watched: usize) -> String {
    match watched {
        0 => format!("Whether {region} is well is not known: nothing is watched there."),
        _ => format!(
            "Whether {region} is well is not known: {unread} of {watched} things watched there have no reading."
        ),
    }
}
