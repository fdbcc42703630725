//! What is wrong with routing controls as they are, whoever moved them.

use super::list;
use crate::estate::Region;

/// What is wrong with the controls of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The controls of these services are Off in all their regions.
    Off {
        /// The services.
        services: Vec<String>,
        /// Where DNS leads for them all the same: with both sides of a failover record unhealthy, Route 53 answers with
        /// the primary. None where no answer leads to a region.
        leads: Vec<Region>,
    },
    /// A safety rule does not hold; its name, and what it wants.
    Rule {
        /// The rule's name.
        name: String,
        /// The state that the rule wants, and the actual one.
        why: String,
    },
}

/// Faults as sentences, two of them and how many more; none where there are none.
#[must_use]
pub fn faults(faults: &[Fault]) -> Option<String> {
    let mut words: Vec<_> = faults.iter().take(2).map(fault).collect();
    match faults.len().saturating_sub(2) {
        0 => {}
        1 => words.push("1 more safety rule is broken.".to_owned()),
        more => words.push(format!("{more} more safety rules are broken.")),
    }
    (!words.is_empty()).then(|| words.join(" "))
}

fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Off { services, leads } => {
            let dns = match leads.as_slice() {
                [] => "no DNS answer leads to a region".to_owned(),
                leads => format!("DNS still answers {}", list(leads)),
            };
            format!("{}; {dns}.", all_off(services))
        }
        Fault::Rule { name, why } => format!("Safety rule {name} is BROKEN as the controls are: {why}."),
    }
}

/// That all controls of some services are Off: what ARC shows, and nothing of what DNS makes of it.
#[must_use]
pub fn all_off(services: &[String]) -> String {
    let names = match services {
        [one, two, rest @ ..] if !rest.is_empty() => format!("{one}, {two} and {} more", rest.len()),
        services => list(services),
    };
    format!("The routing controls of {names} are OFF IN EVERY REGION")
}
