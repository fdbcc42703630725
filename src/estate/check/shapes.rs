//! What names look like: ARNs, DNS names, URLs, and characters that no name may hold.

/// Whether a character shows nothing itself and may change what is shown: control, bidi, zero-width, tag.
pub fn unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text in which such characters are shown as `<U+202E>`.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if unseen(c) {
            shown.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The part of an ARC ARN after the account, and the account: `arn:aws:route53-recovery-control::ACCOUNT:REST`.
pub fn arc(arn: &str) -> Option<(&str, &str)> {
    let mut fields = arn.splitn(6, ':');
    let head = [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
    let [arn, partition, service, region] = head;
    let (account, rest) = (fields.next()?, fields.next()?);
    let right = arn == "arn"
        && (partition == "aws" || partition.starts_with("aws-"))
        && service == "route53-recovery-control"
        && region.is_empty();
    right.then_some((account, rest))
}

/// The account of a role's ARN: `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
pub fn role(arn: &str) -> Option<&str> {
    let mut fields = arn.splitn(6, ':');
    let head = [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
    let [arn, partition, service, region] = head;
    let (account, rest) = (fields.next()?, fields.next()?);
    let name = rest.strip_prefix("role/")?;
    let right = arn == "arn"
        && (partition == "aws" || partition.starts_with("aws-"))
        && service == "iam"
        && region.is_empty()
        && is_account(account)
        && (1..=575).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-/".contains(c));
    right.then_some(account)
}

/// Whether the rest of an ARN is these words, each with an id behind it: `controlpanel/ID/routingcontrol/ID`.
pub fn resource(rest: &str, words: &[&str]) -> bool {
    let parts: Vec<&str> = rest.split('/').collect();
    parts.len() == words.len() * 2
        && parts.chunks(2).zip(words).all(|(pair, word)| matches!(pair, [w, id] if w == word && is_id(id)))
}

/// The id of an ARC resource. AWS uses hexadecimal digits and promises nothing.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Whether a text is an AWS account number.
pub fn is_account(account: &str) -> bool {
    account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
}

/// What is wrong with a DNS name, if anything is. The first label may be `*`.
pub fn dns_fault(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let rest = name.strip_prefix("*.").unwrap_or(name);
    if name.len() > 253 {
        return Some("is longer than 253 characters");
    }
    if rest.split('.').count() < 2 {
        return Some("has fewer than two labels");
    }
    for label in rest.split('.') {
        if label.is_empty() {
            return Some("has an empty label");
        }
        if label.len() > 63 {
            return Some("has a label of more than 63 characters");
        }
        if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Some("has a label with other characters than letters, digits, `-` and `_`");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Some("has a label that begins or ends with `-`");
        }
    }
    None
}

/// What is wrong with a URL, if anything is.
pub fn url_fault(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return Some("does not begin with https:// or http://");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("holds a user or password");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() {
        return Some("names no host");
    }
    if port.is_some_and(|p| p.parse::<u16>().is_err()) {
        return Some("has a port that is no number up to 65535");
    }
    if url.chars().any(char::is_whitespace) {
        return Some("has a space in it");
    }
    None
}

/// What is wrong with a webhook's URL, if anything. Never quotes it, because anyone who knows it can write there.
pub fn webhook_fault(url: &str) -> Option<&'static str> {
    if let Some(why) = url_fault(url) {
        return Some(why);
    }
    let rest = url.strip_prefix("http://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let here = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
    (!here).then_some("is not encrypted: https:// is wanted, and http:// for this machine alone")
}
