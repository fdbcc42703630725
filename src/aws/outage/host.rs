//! What a request's own name says of where it goes: AWS's names have their region in them, or are of one that serves
//! all.

use std::net::IpAddr;

use crate::aws::wires::is_loopback_name;
use crate::estate::Region;

/// Where AWS's names end, and the region of those that name none.
const AWS: [(&str, &str); 6] = [
    (".us-gov.amazonaws.com", "us-gov-west-1"),
    (".aws-us-gov-global.api.aws", "us-gov-west-1"),
    (".amazonaws.com.cn", "cn-northwest-1"),
    (".api.amazonwebservices.com.cn", "cn-northwest-1"),
    (".amazonaws.com", "us-east-1"),
    (".api.aws", "us-east-1"),
];

/// How the names of Identity Center and its OIDC begin, with a dot or `-fips.` behind.
const IDENTITY_CENTER: [&str; 4] = ["portal.sso", "oidc", "sso", "identitystore"];

/// The host of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// An address.
    Address(IpAddr),
    /// A name in lower case, without the dot at its end.
    Name(String),
    /// No URL with a host.
    None,
}

pub(super) fn of(url: &str) -> Host {
    let Ok(url) = reqwest::Url::parse(url) else { return Host::None };
    let Some(host) = url.host_str() else { return Host::None };
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match bare.parse() {
        Ok(address) => Host::Address(address),
        Err(_) => Host::Name(bare.to_ascii_lowercase()),
    }
}

impl Host {
    /// Whether it is one of AWS's names for what is in this region alone.
    pub(super) fn is_in(&self, region: &Region) -> bool {
        let Host::Name(name) = self else { return false };
        let Some((_, usual)) = AWS.iter().find(|(end, _)| name.ends_with(end)) else { return false };
        // A name that somebody chose stands before the region's.
        let named = name.rsplit('.').find(|label| is_region(label));
        named.unwrap_or(usual) == region.as_str()
    }

    pub(super) fn is_identity_center(&self) -> bool {
        let Host::Name(name) = self else { return false };
        let begins = |with: &&str| {
            let rest = name.strip_prefix(*with);
            rest.is_some_and(|rest| rest.starts_with('.') || rest.starts_with("-fips."))
        };
        AWS.iter().any(|(end, _)| name.ends_with(end)) && IDENTITY_CENTER.iter().any(begins)
    }

    /// Whether somebody has to be asked for its address.
    pub(super) fn is_found_by_name(&self) -> bool {
        matches!(self, Host::Name(name) if !is_loopback_name(name))
    }
}

/// Whether a text is written as regions are: `us-east-1`, `us-gov-west-1`.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return false };
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    first.len() == 2
        && letters(first)
        && !middle.is_empty()
        && middle.iter().all(|part| letters(part))
        && matches!(last.as_bytes(), [b'1'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As botocore's rules give them out, and as load balancers and VPC endpoints are called.
    #[test]
    fn the_region_is_in_awss_names_and_some_serve_all_from_one() {
        for (name, region) in [
            ("sts.us-east-2.amazonaws.com", "us-east-2"),
            ("sts-fips.us-east-1.amazonaws.com", "us-east-1"),
            ("monitoring.eu-west-1.api.aws", "eu-west-1"),
            ("abcd1234.route53-recovery-cluster.ap-northeast-1.amazonaws.com", "ap-northeast-1"),
            ("my-app-1.us-west-1.elb.amazonaws.com", "us-west-1"),
            ("vpce-0abc-us-east-2a.sts.us-east-2.vpce.amazonaws.com", "us-east-2"),
            ("route53.amazonaws.com", "us-east-1"),
            ("iam.global.api.aws", "us-east-1"),
            ("iam-fips.amazonaws.com", "us-east-1"),
            ("STS.amazonaws.com.", "us-east-1"),
            ("route53.us-gov.amazonaws.com", "us-gov-west-1"),
            ("ec2.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ] {
            assert!(of(&format!("https://{name}:443/x")).is_in(&region.into()), "{name}");
            assert!(!of(&format!("https://{name}/x")).is_in(&"sa-east-1".into()), "{name}");
        }
        for name in ["portal.us-east-1.example.com", "evilamazonaws.com", "10.0.0.1", "[::1]"] {
            assert!(!of(&format!("https://{name}/")).is_in(&"us-east-1".into()), "{name}");
        }
    }

    #[test]
    fn identity_center_is_known_by_its_names() {
        for name in
            ["oidc.us-east-1.amazonaws.com", "portal.sso.eu-west-1.amazonaws.com", "oidc-fips.us-east-1.amazonaws.com"]
        {
            assert!(of(&format!("https://{name}/token")).is_identity_center(), "{name}");
        }
        for name in ["sts.us-east-1.amazonaws.com", "oidc.example.com", "oidcx.us-east-1.amazonaws.com"] {
            assert!(!of(&format!("https://{name}/")).is_identity_center(), "{name}");
        }
    }
}
