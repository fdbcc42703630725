//! What can be masked, and how a text of each kind is recognised by its shape alone.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What a masked text was; its word begins the alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Account,
    Arn,
    Host,
    Address,
    Mail,
    Key,
    Server,
    Instance,
    Job,
    Id,
    Domain,
    /// What stands behind the host of a URL that somebody may write to.
    Hook,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Account => "account",
            Kind::Arn => "arn",
            Kind::Host => "host",
            Kind::Address => "ip",
            Kind::Mail => "mail",
            Kind::Key => "key",
            Kind::Server => "server",
            Kind::Instance => "instance",
            Kind::Job => "job",
            Kind::Id => "id",
            Kind::Domain => "domain",
            Kind::Hook => "hook",
        }
    }

    /// The kind whose alias begins with a word.
    fn of_word(word: &str) -> Option<Self> {
        const ALL: [Kind; 12] = [
            Kind::Account,
            Kind::Arn,
            Kind::Host,
            Kind::Address,
            Kind::Mail,
            Kind::Key,
            Kind::Server,
            Kind::Instance,
            Kind::Job,
            Kind::Id,
            Kind::Domain,
            Kind::Hook,
        ];
        ALL.into_iter().find(|k| k.word() == word)
    }
}

/// Letters and figures of the aliases that are made by a hash: none is taken for another, and they form no words.
pub(super) const LETTERS: &[u8] = b"23456789bcdfghjkmnpqrstvwxyz";
/// How many of them.
pub(super) const LENGTH: usize = 5;

/// Prefixes of the ids that AWS gives to things, `PREFIX-` and 8 or 17 hexadecimal digits.
const IDS: [&str; 40] = [
    "i",
    "s",
    "drsjob",
    "pit",
    "vol",
    "snap",
    "ami",
    "eni",
    "subnet",
    "vpc",
    "sg",
    "sgr",
    "rtb",
    "acl",
    "igw",
    "nat",
    "eipalloc",
    "eipassoc",
    "tgw",
    "tgw-attach",
    "tgw-rtb",
    "vpn",
    "vgw",
    "cgw",
    "pcx",
    "vpce",
    "lt",
    "cr",
    "r",
    "fs",
    "fsap",
    "dxcon",
    "dxvif",
    "dxgw",
    "mi",
    "pl",
    "dopt",
    "asg",
    "lc",
    "rs",
];

/// Last labels of names that are host names, besides those that the estate uses and all of two letters.
const ENDINGS: [&str; 29] = [
    "com",
    "net",
    "org",
    "info",
    "biz",
    "cloud",
    "app",
    "dev",
    "aws",
    "internal",
    "intern",
    "intra",
    "intranet",
    "private",
    "local",
    "localdomain",
    "lan",
    "corp",
    "home",
    "arpa",
    "gov",
    "edu",
    "mil",
    "int",
    "health",
    "care",
    "tech",
    "online",
    "systems",
];

/// Last parts of two letters that are the kind of a file.
const FILES: [&str; 8] = ["md", "rs", "py", "sh", "js", "gz", "so", "db"];

/// Whether a text is an alias that a mask has made.
pub(super) fn is_alias(part: &str) -> bool {
    // The last label of a name whose domain is masked, or the whole.
    let last = part.rsplit('.').next().unwrap_or(part);
    let Some((word, number)) = last.split_once('-') else { return false };
    let numbered = !number.is_empty() && number.len() < 5 && number.bytes().all(|b| b.is_ascii_digit());
    let hashed = number.len() == LENGTH && number.bytes().all(|b| LETTERS.contains(&b));
    match Kind::of_word(word) {
        Some(Kind::Domain) => numbered || hashed,
        Some(_) => (numbered || hashed) && last == part,
        None => false,
    }
}

/// Whether it is what a mask leaves of something that was cut: the word alone.
pub(super) fn is_stub(part: &str) -> bool {
    Kind::of_word(part).is_some()
}

fn hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// What a part of a word is, by its shape: a piece between slashes, colons and equal signs. `deep` means that it
/// follows a slash, and `cut` that its end is missing.
pub(super) fn of_part(part: &str, deep: bool, cut: bool, ending: impl Fn(&str) -> bool) -> Option<Kind> {
    if is_alias(part) {
        return None;
    }
    if is_v4(part, cut) {
        return Some(Kind::Address);
    }
    if part.len() == 12 && digits(part) == 12 {
        return Some(Kind::Account);
    }
    if is_access_key(part, cut) {
        return Some(Kind::Key);
    }
    if is_zone(part, deep, cut) {
        return Some(Kind::Id);
    }
    if let Some(kind) = aws_id(part, cut) {
        return Some(kind);
    }
    if is_uuid(part, cut) || (deep && is_long_hex(part, cut)) {
        return Some(Kind::Id);
    }
    if is_private(part, cut) {
        return Some(Kind::Host);
    }
    is_host(part, cut, ending).then_some(Kind::Host)
}

/// The name that AWS gives to a host after its address: `ip-10-1-2-3`.
fn is_private(part: &str, cut: bool) -> bool {
    let Some(rest) = part.strip_prefix("ip-") else { return false };
    let groups: Vec<&str> = rest.split(['-', '.']).take(4).collect();
    let some = groups.iter().all(|g| g.parse::<u8>().is_ok() || (cut && g.is_empty()));
    some && (groups.len() == 4 || cut)
}

fn is_v4(part: &str, cut: bool) -> bool {
    if part.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let groups: Vec<&str> = part.split('.').collect();
    let some = groups.iter().all(|g| g.is_empty() || (g.len() <= 3 && g.parse::<u8>().is_ok()));
    cut && some && (3..=4).contains(&groups.len()) && part.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a word is an IPv6 address; times of day are none.
pub(super) fn is_v6(word: &str, cut: bool) -> bool {
    if word.bytes().filter(|b| *b == b':').count() < 2 {
        return false;
    }
    let address = word.split('%').next().unwrap_or(word);
    // `::` alone is punctuation, in words such as `Some::Thing`.
    let whole = address.parse::<Ipv6Addr>().is_ok() && address.bytes().any(|b| b.is_ascii_hexdigit());
    let group = |g: &str| g.len() <= 4 && hex(g);
    let telling = |g: &str| g.len() > 2 || digits(g) < g.len();
    whole || (cut && address.split(':').all(group) && address.split(':').any(telling))
}

fn aws_id(part: &str, cut: bool) -> Option<Kind> {
    let (prefix, number) = part.rsplit_once('-')?;
    // A key of KMS that is in several regions.
    if prefix == "mrk" && hex(number) && (number.len() == 32 || (cut && number.len() < 32)) {
        return Some(Kind::Id);
    }
    let known = IDS.contains(&prefix);
    let whole = matches!(number.len(), 8 | 17) && hex(number) && digits(number) > 0;
    let begun = cut && number.len() <= 17 && hex(number);
    if !(known && (whole || begun)) {
        return None;
    }
    Some(match prefix {
        "i" => Kind::Instance,
        "s" => Kind::Server,
        "drsjob" => Kind::Job,
        _ => Kind::Id,
    })
}

fn capitals(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The id of an access key, or of whom it belongs to: four letters that say which, and sixteen or more.
fn is_access_key(part: &str, cut: bool) -> bool {
    const BEGIN: [&str; 12] =
        ["AKIA", "ASIA", "ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "ANPA", "ANVA", "APKA", "AROA", "ASCA"];
    let Some(rest) = BEGIN.iter().find_map(|begin| part.strip_prefix(begin)) else { return false };
    let least = if cut { 2 } else { 12 };
    (least..=124).contains(&rest.len()) && capitals(rest)
}

/// The id of a hosted zone: `Z2FDTNDATAQYW2`. Behind a slash it needs no digit.
fn is_zone(part: &str, deep: bool, cut: bool) -> bool {
    let least = if cut { 6 } else { 12 };
    part.starts_with('Z') && (least..=32).contains(&part.len()) && capitals(part) && (deep || digits(part) > 0)
}

/// Whether a text may hold one of these two, which need not have a digit in them.
pub(super) fn may_hold_capitals(text: &str) -> bool {
    text.as_bytes().chunk_by(|a, b| a.is_ascii_uppercase() && b.is_ascii_uppercase()).any(|run| run.len() >= 6)
}

/// The sizes of the groups that people write an account's twelve digits in.
const GROUPS: [&[usize]; 5] = [&[4, 4, 4], &[3, 3, 3, 3], &[6, 6], &[8, 4], &[4, 8]];

/// Twelve digits in groups, as people write accounts: `1111-2222-3333`, `1111 2222 3333`, `111122.223333`; also where a
/// word processor made a dash of a hyphen. Where they are.
pub(super) fn grouped_accounts(text: &str) -> Vec<std::ops::Range<usize>> {
    let digit = |c: char| c.is_ascii_digit();
    let mut all: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(begin) = text.get(at..).and_then(|rest| rest.find(digit)).map(|i| at + i) {
        let rest = text.get(begin..).unwrap_or_default();
        let found = GROUPS.iter().find_map(|sizes| grouped(text, begin, sizes));
        let run = rest.find(|c: char| !digit(c)).unwrap_or(rest.len());
        at = found.as_ref().map_or(begin + run, |found| found.end);
        all.extend(found);
    }
    all
}

/// The end of such groups that begin here, each of its size, with the same sign between them.
fn grouped(text: &str, begin: usize, sizes: &[usize]) -> Option<std::ops::Range<usize>> {
    let mut rest = text.get(begin..)?;
    let (mut sign, mut groups) = (None, Vec::new());
    for size in sizes {
        if !groups.is_empty() {
            let next = rest.chars().next().filter(|c| matches!(c, ' ' | '-' | '.' | '_' | '‐' | '‑' | '–' | '—'))?;
            if *sign.get_or_insert(next) != next {
                return None;
            }
            rest = rest.get(next.len_utf8()..)?;
        }
        let group = rest.get(..*size).filter(|group| digits(group) == *size)?;
        groups.push(group);
        rest = rest.get(*size..)?;
    }
    let (at, sign) = (begin..text.len() - rest.len(), sign?);
    let whole = text.get(at.clone())?;
    let innocent = groups.iter().any(|group| is_date(group)) || whole.parse::<Ipv4Addr>().is_ok();
    // Longer rows of figures between spaces are a table's.
    let three = sizes.len() == 3;
    (!innocent && stands_alone(text, at.clone(), sign, three)).then_some(at)
}

/// `20261124`, which a time of day may follow.
fn is_date(group: &str) -> bool {
    let number = |at: std::ops::Range<usize>| group.get(at).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    group.len() == 8
        && (1970..2100).contains(&number(0..4))
        && (1..=12).contains(&number(4..6))
        && (1..=31).contains(&number(6..8))
}

/// Whether groups of digits are no part of a UUID, or of a longer number.
fn stands_alone(text: &str, at: std::ops::Range<usize>, sign: char, three: bool) -> bool {
    let before = text.get(..at.start).unwrap_or_default();
    let after = text.get(at.end..).unwrap_or_default();
    let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    if joined(before.chars().next_back()) || joined(after.chars().next()) {
        return false;
    }
    let part = |word: Option<&str>| {
        word.is_some_and(|w| !w.is_empty() && if sign == '-' { hex(w) } else { digits(w) == w.len() })
    };
    let neighbour = |c: char| !c.is_ascii_alphanumeric();
    let behind = before.strip_suffix(sign).and_then(|b| b.rsplit(neighbour).next());
    let ahead = after.strip_prefix(sign).and_then(|a| a.split(neighbour).next());
    (sign == ' ' && three) || !(part(behind) || part(ahead))
}

/// Where a secret access key of AWS is in a word: forty characters of base64, in both cases and with digits, by
/// themselves; or whatever stands behind a name that calls it secret.
pub(super) fn secret(word: &str) -> Option<std::ops::Range<usize>> {
    const LENGTH: usize = 40;
    const LEAST: usize = 16;
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let mut at = 0;
    for run in word.as_bytes().split(|b| !base64(b)) {
        let range = at..at + run.len();
        at = range.end + 1;
        let has = |kind: fn(&u8) -> bool| run.iter().any(kind);
        let mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
        let named = range.start > 0
            && word
                .get(..range.start)
                .is_some_and(|name| name.ends_with(['=', ':']) && name.to_ascii_lowercase().contains("secret"));
        if (run.len() == LENGTH && mixed) || (named && run.len() >= LEAST) {
            return Some(range);
        }
    }
    None
}

/// Whether the part after a URL's host gives nobody the means to write there: plain words, as in `/api/v1/health`.
pub(super) fn is_harmless_path(host: &str, path: &str) -> bool {
    let word = |s: &str| {
        s.len() <= 15
            && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
    };
    let hook = |t: &str| t.to_ascii_lowercase().contains("hook");
    !hook(host) && !hook(path) && path.split('/').all(word)
}

fn is_uuid(part: &str, cut: bool) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = part.split('-').collect();
    if !groups.iter().all(|g| hex(g)) {
        return false;
    }
    if groups.len() == 5 && groups.iter().zip(lengths).all(|(g, n)| g.len() == n) {
        return true;
    }
    // The first groups whole, the last one begun.
    let begun = groups.split_last().is_some_and(|(last, first)| {
        first.iter().zip(lengths).all(|(g, n)| g.len() == n)
            && last.len() <= lengths.get(first.len()).copied().unwrap_or(0)
    });
    cut && groups.len() > 1 && digits(part) > 0 && begun
}

/// The last part of the ids that AWS puts behind a slash: a load balancer's, a control panel's.
fn is_long_hex(part: &str, cut: bool) -> bool {
    let least = if cut { 6 } else { 16 };
    (least..=40).contains(&part.len()) && hex(part) && digits(part) > 0 && digits(part) < part.len()
}

fn is_host(part: &str, cut: bool, ending: impl Fn(&str) -> bool) -> bool {
    let labels: Vec<&str> = part.split('.').collect();
    let label = |l: &&str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if cut {
        // Whether its last label is one of a host's cannot be told.
        let (last, first) = match labels.split_last() {
            Some((last, first)) if first.len() >= 2 => (*last, first),
            _ => return false,
        };
        return first.iter().all(label) && (last.is_empty() || label(&last)) && digits(part) < part.len() - first.len();
    }
    let Some(last) = labels.last().filter(|_| labels.len() >= 2) else { return false };
    if !labels.iter().all(label) || !last.bytes().all(|b| b.is_ascii_alphabetic()) {
        return false;
    }
    let last = last.to_ascii_lowercase();
    let usual = ENDINGS.contains(&last.as_str()) || (last.len() == 2 && !FILES.contains(&last.as_str()));
    (usual || ending(&last)) && !is_public(&labels)
}

/// Names that everybody has: a service of AWS in a region, such as `ec2.us-east-1.amazonaws.com`.
fn is_public(labels: &[&str]) -> bool {
    // `us-east-1`, `us-gov-west-1`; not `s3-us-east-1`, before which a bucket stands.
    let region = |l: &str| {
        let parts: Vec<&str> = l.split('-').collect();
        let letters = |p: &&str| p.bytes().all(|b| b.is_ascii_lowercase());
        match parts.split_last() {
            Some((number, [area, rest @ ..])) => {
                area.len() == 2
                    && letters(area)
                    && (1..=2).contains(&rest.len())
                    && rest.iter().all(letters)
                    && number.parse::<u8>().is_ok()
            }
            _ => false,
        }
    };
    match labels {
        [_, "amazonaws", "com"] => true,
        [_, at, "amazonaws", "com"] => region(at),
        _ => false,
    }
}

/// Whether a word is a key's fingerprint or a public key's body.
pub(super) fn is_key(word: &str, cut: bool) -> bool {
    let base64 = |t: &str| t.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    if let Some(print) = word.strip_prefix("SHA256:") {
        return base64(print) && (print.len() >= 40 || cut);
    }
    if let Some(print) = word.strip_prefix("MD5:") {
        let groups: Vec<&str> = print.split(':').collect();
        return groups.iter().all(|g| g.len() <= 2 && hex(g)) && (groups.len() == 16 || cut);
    }
    word.starts_with("AAAA") && base64(word) && (word.len() >= 32 || cut)
}

/// The length of the fingerprint that a word begins with, in bytes.
pub(super) fn fingerprint(word: &str) -> Option<usize> {
    const BEGIN: &str = "SHA256:";
    let print = word.strip_prefix(BEGIN)?;
    let length = print.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/'))).unwrap_or(print.len());
    (length >= 40).then_some(BEGIN.len() + length)
}

/// Words with an `@` that are no addresses: what OpenSSH calls its algorithms, and our signatures' namespace.
pub(super) fn is_algorithm(word: &str) -> bool {
    word.ends_with("@openssh.com") || word.ends_with("@signalbox")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_by_their_shape() {
        let of = |part| of_part(part, false, false, |l| l == "toml");
        assert_eq!(of("10.1.2.3"), Some(Kind::Address));
        assert_eq!(of("0.1.0"), None, "a version");
        assert_eq!(of("111122223333"), Some(Kind::Account));
        assert_eq!(of("20261124184207"), None, "a time");
        assert_eq!(of("i-0abc1234def567890"), Some(Kind::Instance));
        assert_eq!(of("s-0123456789abcdef0"), Some(Kind::Server));
        assert_eq!(of("tgw-attach-0123abcd"), Some(Kind::Id));
        assert_eq!(of("copper-deadbeef"), None, "no prefix of AWS");
        assert_eq!(of("90e02cc0-0c47-4ede-a0a2-9b668c17bf9f"), Some(Kind::Id));
        assert_eq!(of("sql-1.corp.internal"), Some(Kind::Host));
        assert_eq!(of("ip-10-1-2-3"), Some(Kind::Host));
        assert_eq!(of("ec2.us-east-1.amazonaws.com"), None, "everybody has it");
        assert_eq!(of("a21b7bda.route53-recovery-cluster.us-west-2.amazonaws.com"), Some(Kind::Host));
        assert_eq!(of("internal-x-1.us-east-1.elb.amazonaws.com"), Some(Kind::Host));
        assert_eq!(of("records.s3-us-east-1.amazonaws.com"), Some(Kind::Host));
        assert_eq!(of("signalbox.log"), None, "a file");
        assert_eq!(of("estate.toml"), Some(Kind::Host), "unless the estate has hosts that end so");
        assert_eq!(of("README.md"), None);
        assert_eq!(of("sys.dm_hadr"), None);
        assert_eq!(of("AKIAIOSFODNN7EXAMPLE"), Some(Kind::Key));
        assert_eq!(of("ASIAIOSFODNNEXAMPLEX"), Some(Kind::Key), "without a digit");
        assert_eq!(of("AKIA-HITO"), None, "a name");
        assert_eq!(of("Z2FDTNDATAQYW2"), Some(Kind::Id));
        assert_eq!(of("ZUVERLAESSIGKEIT"), None, "a word");
        assert_eq!(of_part("ZABCDEFGHIJKLM", true, false, |_| false), Some(Kind::Id));
        for alias in ["host-3", "account-1", "ip-k7m2q", "portal.domain-1", "domain-2", "key-bcdfg"] {
            assert_eq!(of(alias), None, "{alias}");
        }
        assert_eq!(of_part("50dc6c495c0c9188", true, false, |_| false), Some(Kind::Id));
        assert_eq!(of_part("50dc6c495c0c9188", false, false, |_| false), None, "a hash of ours, perhaps");
    }

    #[test]
    fn accounts_in_groups() {
        let of = |text: &str| grouped_accounts(text).into_iter().map(|at| text[at].to_owned()).collect::<Vec<_>>();
        assert_eq!(of("account 1111-2222-3333, or 1111 2222 3333."), ["1111-2222-3333", "1111 2222 3333"]);
        assert_eq!(of("logs-1111-2222-3333-east"), ["1111-2222-3333"]);
        assert!(of("12345678-1234-1234-1234-123456789012").is_empty(), "a UUID");
        assert!(of("1111-2222 3333 11111-2222-3333 1111-2222-33334").is_empty());
        for written in [
            "1111.2222.3333",
            "1111_2222_3333",
            "1111–2222–3333",
            "111122 223333",
            "111122-223333",
            "11112222-3333",
            "1111 22223333",
            "111-122-223-333",
            "111 122 223 333",
            "333.444.555.666",
        ] {
            assert_eq!(of(&format!("account {written}, or (x_{written}).")), [written, written], "{written}");
        }
        for innocent in [
            "20261124 184207",
            "20261124-1842",
            "1842 20261124",
            "184207 184208 184209",
            "123 456 789 012 345",
            "10.111.122.133",
            "111.122.223.133",
            "2026-11-24 18:42:07",
            "1,111,222,233",
            "0.9731 12.5 1234",
        ] {
            assert!(of(innocent).is_empty(), "{innocent}");
        }
    }

    #[test]
    fn secrets_of_aws() {
        let of = |word: &'static str| secret(word).and_then(|at| word.get(at));
        const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert_eq!(of(KEY), Some(KEY));
        assert_eq!(of("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), Some(KEY));
        assert_eq!(of("SecretAccessKey:wJalrXUtnFEMI/K7MDENG"), Some("wJalrXUtnFEMI/K7MDENG"), "cut");
        assert_eq!(of("da39a3ee5e6b4b0d3255bfef95601890afd80709"), None, "a commit");
        assert_eq!(of("https://example.com/a/B/c/1234567890/1234567890"), None);
        assert_eq!(of_part("mrk-1234abcd12ab34cd56ef1234567890ab", true, false, |_| false), Some(Kind::Id));
    }

    #[test]
    fn what_is_left_of_a_cut_one_is_still_recognised() {
        let of = |part| of_part(part, true, true, |_| false);
        assert_eq!(of("10.1.2"), Some(Kind::Address));
        assert_eq!(of("i-0abc"), Some(Kind::Instance));
        assert_eq!(of("90e02cc0-0c"), Some(Kind::Id));
        assert_eq!(of("50dc6c49"), Some(Kind::Id));
        assert_eq!(of("sql-1.corp.int"), Some(Kind::Host));
        assert_eq!(of("12.5"), None);
        assert_eq!(of("portal"), None);
        assert!(is_key("SHA256:ab", true) && !is_key("SHA256:ab", false));
        assert!(is_v6("2001:db8::1", false) && !is_v6("18:42:07", false) && !is_v6("Some::Thing", false));
    }
}
