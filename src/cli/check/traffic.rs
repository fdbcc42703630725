//! What of an estate would not tell where DNS answers lead.

use std::collections::BTreeSet;

use crate::estate::{Estate, Service};

/// A line for each service whose traffic would not be seen to move, or not surely.
pub(super) fn advice(estate: &Estate) -> Vec<String> {
    estate.services.iter().filter(|s| !s.dns.is_empty()).filter_map(|s| blind(estate, s)).collect()
}

fn blind(estate: &Estate, service: &Service) -> Option<String> {
    let name = &service.name;
    let without: Vec<&str> = service
        .controls
        .iter()
        .filter(|c| c.target.is_empty())
        .filter_map(|c| Some(c.region.as_ref()?.as_str()))
        .collect();
    if !without.is_empty() {
        return Some(format!(
            "service {name} has no target for {}: an alias record's answer does not name its region, so nothing would tell \
             where it leads",
            without.join(" and ")
        ));
    }
    // An entry that is several regions' own, of this service or of another, tells nobody apart.
    let own = |target: &str| target.trim_end_matches('.').to_ascii_lowercase();
    for target in service.controls.iter().flat_map(|c| &c.target) {
        let all =
            estate.services.iter().flat_map(|s| &s.controls).filter(|c| c.target.iter().any(|t| own(t) == own(target)));
        let regions: BTreeSet<&str> = all.filter_map(|c| Some(c.region.as_ref()?.as_str())).collect();
        if regions.len() > 1 {
            let regions: Vec<&str> = regions.into_iter().collect();
            return Some(format!(
                "service {name} has the target {target}, which is that of {}: nothing tells where its DNS answers lead",
                regions.join(" and ")
            ));
        }
    }
    None
}
