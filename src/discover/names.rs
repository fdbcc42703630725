//! Names made of what other people called things.

use std::collections::BTreeSet;

use crate::estate::Region;
use crate::hygiene::visible;

/// Words that a file can use as a name: lower case, joined by hyphens; `thing` where nothing is left.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out: String = out.trim_end_matches('-').chars().take(60).collect();
    if out.is_empty() { "thing".into() } else { out }
}

/// A name that nobody has yet: with a number behind it where it has to be.
pub(super) fn unique(wanted: String, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.clone();
    let mut n = 2;
    while !taken.insert(name.clone()) {
        name = format!("{wanted}-{n}");
        n += 1;
    }
    name
}

/// Text from outside as a comment or label may hold it.
pub(super) fn shown(text: &str) -> String {
    visible(text).chars().take(120).collect()
}

/// The AWS region named in a text.
pub(super) fn region_in(text: &str) -> Option<Region> {
    // Names such as `us-east-1`: two letters, a direction, a number; longest first, so that `us-gov-east-1` is found.
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    for (i, window) in words.windows(3).enumerate() {
        let [area, direction, number] = window else { continue };
        let directions =
            ["east", "west", "north", "south", "central", "northeast", "southeast", "northwest", "southwest"];
        let right = area.len() == 2
            && area.bytes().all(|b| b.is_ascii_lowercase())
            && directions.contains(direction)
            && number.len() == 1
            && number.bytes().all(|b| b.is_ascii_digit());
        if right {
            return Some(Region::new(format!("{area}-{direction}-{number}")));
        }
        let gov = words
            .get(i..i + 4)
            .filter(|w| w.get(1) == Some(&"gov"))
            .and_then(|w| region_in(&format!("{}-{}-{}", w.first()?, w.get(2)?, w.get(3)?)));
        if let (Some(_), Some(w)) = (gov, words.get(i..i + 4)) {
            return Some(Region::new(w.join("-")));
        }
    }
    None
}

/// A name without what AWS made up in it, which differs by region: the `50dc6c495c0c9188` of `app/portal/50dc6c495c0c9188`,
/// of `tgw-0262a0e521EXAMPLE` all behind the prefix, an ARN's UUID.
pub(super) fn made_up_apart(name: &str) -> String {
    let is_hex = |text: &str| text.len() >= 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let part = |part: &str| -> String {
        let groups: Vec<&str> = part.split('-').collect();
        match groups.as_slice() {
            [a, b, c, d, e] if [a.len(), b.len(), c.len(), d.len(), e.len()] == [8, 4, 4, 4, 12] => "*".into(),
            [id] if is_hex(id) => "*".into(),
            // Direct Connect makes up more letters than the others.
            [prefix @ ("dxcon" | "dxlag" | "dxvif"), _] => format!("{prefix}-*"),
            [prefix @ .., id] if !prefix.is_empty() && is_hex(id) => format!("{}-*", prefix.join("-")),
            _ => part.to_owned(),
        }
    };
    name.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// A name without its region: `portal-us-east-1` is `portal`.
pub(super) fn without_region(name: &str, region: &Region) -> String {
    slug(&name.replace(region.as_str(), ""))
}

/// What people call a region, as AWS's own list of regions has it.
pub(super) fn title(region: &Region) -> &'static str {
    match region.as_str() {
        "us-east-1" => "N. Virginia",
        "us-east-2" => "Ohio",
        "us-west-1" => "N. California",
        "us-west-2" => "Oregon",
        "ca-central-1" => "Canada",
        "sa-east-1" => "São Paulo",
        "eu-west-1" => "Ireland",
        "eu-west-2" => "London",
        "eu-west-3" => "Paris",
        "eu-central-1" => "Frankfurt",
        "eu-central-2" => "Zurich",
        "eu-north-1" => "Stockholm",
        "eu-south-1" => "Milan",
        "eu-south-2" => "Spain",
        "ap-south-1" => "Mumbai",
        "ap-southeast-1" => "Singapore",
        "ap-southeast-2" => "Sydney",
        "ap-northeast-1" => "Tokyo",
        "ap-northeast-2" => "Seoul",
        "ap-northeast-3" => "Osaka",
        "me-south-1" => "Bahrain",
        "af-south-1" => "Cape Town",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_unique() {
        assert_eq!(slug("Portal ALB\n\u{202e}\"x\""), "portal-alb-x");
        assert_eq!(slug("日本"), "thing");
        let mut taken = BTreeSet::new();
        assert_eq!(unique("a".into(), &mut taken), "a");
        assert_eq!(unique("a".into(), &mut taken), "a-2");
    }

    #[test]
    fn what_aws_made_up_is_told_from_what_people_wrote() {
        for (name, apart) in [
            ("app/portal/50dc6c495c0c9188", "app/portal/*"),
            ("targetgroup/api/6d0ecf831eec9f09", "targetgroup/api/*"),
            ("tgw-0262a0e521d3f5b1c", "tgw-*"),
            ("s-01234567890abcdef", "s-*"),
            ("certificate/6c5ac2a7-3f6b-4c1e-9d5b-0a1b2c3d4e5f", "certificate/*"),
            ("dxcon-fgabcdef", "dxcon-*"),
            ("claims-dead", "claims-dead"),
            ("cafe/decade", "cafe/decade"),
        ] {
            assert_eq!(made_up_apart(name), apart);
        }
    }

    #[test]
    fn regions_are_found_in_names() {
        let found = |text: &str| region_in(text).map(|r| r.to_string());
        assert_eq!(found("portal-us-east-1").as_deref(), Some("us-east-1"));
        assert_eq!(found("portal.eu-central-2.elb.example.com").as_deref(), Some("eu-central-2"));
        assert_eq!(found("us-gov-west-1/api").as_deref(), Some("us-gov-west-1"));
        assert_eq!(found("failover-allowed-east"), None);
        assert_eq!(without_region("portal-us-east-1", &Region::new("us-east-1")), "portal");
    }
}
