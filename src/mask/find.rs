//! Finds what must be masked in a text.
//!
//! A text is split into words, and words into parts. A word that ends in `…` was cut earlier: what is left of a secret
//! is found too.

use std::ops::Range;

use super::kind::{self, Kind};

/// Something that must be masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where.
    pub(super) at: Range<usize>,
    /// What it is.
    pub(super) kind: Kind,
    /// Whether its end is missing.
    pub(super) cut: bool,
}

/// What a finder knows besides shapes.
pub(super) trait Lexicon {
    /// Whether a text stays as it is.
    fn keeps(&self, text: &str) -> bool;
    /// What a text is that has no shape: a host without a domain. With `cut`, what begins so.
    fn knows(&self, text: &str, cut: bool) -> Option<Kind>;
    /// Whether names with this last label are host names.
    fn ending(&self, label: &str) -> bool;
    /// Whether this stands behind the host of a webhook.
    fn is_hook(&self, path: &str) -> bool;
}

/// What ends a word.
fn separates(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\''
                | '`'
                | '“'
                | '”'
                | '‘'
                | '’'
                | '„'
                | '«'
                | '»'
                | '‹'
                | '›'
                | '('
                | ')'
                | '['
                | ']'
                | '<'
                | '>'
                | '{'
                | '}'
                | '|'
                | '│'
                | ','
                | ';'
                | '!'
                | '\\'
                | '…'
                | '→'
                | '·'
                | '─'
                | '–'
        )
}

/// The characters that an ARN may have, placeholders of the estate file included.
fn in_arn(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '(' | ')' | '<' | '>' | ',' | ';' | '…' | '|' | '│')
}

/// Everything in a text that must be masked, in order.
pub(super) fn find(text: &str, lexicon: &impl Lexicon) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut groups = kind::grouped_accounts(text).into_iter().peekable();
    while at < text.len() {
        let rest = &text[at..];
        let skipped = rest.len() - rest.trim_start_matches(separates).len();
        at += skipped;
        let rest = &text[at..];
        if rest.is_empty() {
            break;
        }
        if let Some(end) = arn(text, at) {
            let cut = text[end..].starts_with('…');
            found.push(Found { at: at..end, kind: Kind::Arn, cut });
            at = end.max(at + 1);
            continue;
        }
        while groups.next_if(|g| g.start < at).is_some() {}
        if let Some(group) = groups.next_if(|g| g.start == at) {
            at = group.end;
            found.push(Found { at: group, kind: Kind::Account, cut: false });
            continue;
        }
        let end = at + rest.find(separates).unwrap_or(rest.len());
        // A word ends where such a group begins, unless it is one word of another kind with it.
        let ahead = groups.peek().map_or(end, |g| g.start);
        let end = if text[at..end].contains("://") { end } else { end.min(ahead) };
        let cut = text[end..].starts_with('…');
        at = word(text, at..end, cut, lexicon, &mut found);
    }
    found
}

/// The end of an ARN that begins here.
fn arn(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let body = rest.strip_prefix("arn:")?;
    if !body.starts_with(|c: char| c.is_ascii_alphabetic()) && !body.starts_with('…') {
        return None;
    }
    let end = at + rest.find(|c| !in_arn(c)).unwrap_or(rest.len());
    Some(at + trimmed(&text[at..end]).len())
}

/// Without the punctuation of the sentence that it stands in.
fn trimmed(word: &str) -> &str {
    word.trim_end_matches(['.', ':', '?', '!', '/', '&'])
}

/// Looks at one word; gives where to go on.
fn word(text: &str, at: Range<usize>, cut: bool, lexicon: &impl Lexicon, found: &mut Vec<Found>) -> usize {
    let whole = &text[at.clone()];
    // An ARN behind `rule=` or `see:`; its own characters may go on beyond this word's end.
    let inner = whole
        .match_indices("arn:")
        .map(|(i, _)| i)
        .find(|i| *i > 0 && whole[..*i].ends_with(|c: char| !c.is_ascii_alphanumeric()));
    if let Some(i) = inner {
        // Characters between the two belong to neither.
        let before = whole[..i].trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len();
        word(text, at.start..at.start + before, false, lexicon, found);
        return at.start + i;
    }
    let clean = if cut { whole } else { trimmed(whole) };
    let end = at.start + clean.len();
    if clean.is_empty() || lexicon.keeps(clean) || kind::is_algorithm(clean) {
        return at.end;
    }
    // A fingerprint with something behind it, such as `SHA256:…=host`.
    if !kind::is_key(clean, cut)
        && let Some(length) = kind::fingerprint(clean).filter(|length| *length < clean.len())
    {
        let behind = at.start + length;
        found.push(Found { at: at.start..behind, kind: Kind::Key, cut: false });
        return word(text, behind..at.end, cut, lexicon, found);
    }
    if !kind::is_key(clean, cut)
        && let Some(secret) = kind::secret(clean)
    {
        let (from, behind) = (at.start + secret.start, at.start + secret.end);
        word(text, at.start..from, false, lexicon, found);
        found.push(Found { at: from..behind, kind: Kind::Key, cut: cut && behind == end });
        return if behind < end { word(text, behind..at.end, cut, lexicon, found) } else { at.end };
    }
    let mut push = |at: Range<usize>, kind: Kind, cut: bool| found.push(Found { at, kind, cut });
    if kind::is_key(clean, cut) {
        push(at.start..end, Kind::Key, cut);
    } else if let Some(scheme) = clean.find("://") {
        let host = at.start + scheme + 3;
        url(text, host..end, cut, lexicon, found);
    } else if let Some(slash) = without_scheme(clean) {
        parts(text, at.start..at.start + slash, false, lexicon, found);
        behind(text, at.start + slash..at.end, &clean[..slash], cut, lexicon, found);
    } else if clean.contains('@') {
        mail(text, at.start..end, cut, lexicon, found);
    } else if kind::is_v6(clean, cut) {
        push(at.start..end, Kind::Address, cut);
    } else {
        parts(text, at.start..end, cut, lexicon, found);
    }
    at.end
}

/// `host:port/path`: the part in this place is a host, whatever it looks like.
fn url(text: &str, at: Range<usize>, cut: bool, lexicon: &impl Lexicon, found: &mut Vec<Found>) {
    let rest = &text[at.clone()];
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // Who logs in is nobody's business either.
    let host = rest[..authority].find('@').map_or(0, |i| i + 1);
    if host > 0 {
        found.push(Found { at: at.start..at.start + host - 1, kind: Kind::Mail, cut: false });
    }
    // No host has an equals sign in its name: what is behind it is something else.
    let name = rest[host..authority].split([':', '=']).next().unwrap_or_default();
    let cut_here = cut && host + name.len() == rest.len();
    let plain = name.is_empty() || name == "localhost" || lexicon.keeps(name) || kind::is_alias(name);
    let plain = plain || (cut_here && kind::is_stub(name));
    let shape = kind::of_part(name, false, cut_here, |l| lexicon.ending(l));
    // A name of AWS that everybody has is the only one with dots that has no shape.
    if !plain && (shape.is_some() || !name.contains('.')) {
        let kind = shape.unwrap_or(Kind::Host);
        found.push(Found { at: at.start + host..at.start + host + name.len(), kind, cut: cut_here });
    }
    behind(text, at.start + host + name.len()..at.end, name, cut, lexicon, found);
}

/// What follows a host: all of it, if it could let people write to a webhook.
fn behind(text: &str, at: Range<usize>, host: &str, cut: bool, lexicon: &impl Lexicon, found: &mut Vec<Found>) {
    let rest = &text[at.clone()];
    let from = at.start + rest.find(['/', '?', '#']).map_or(rest.len(), |i| i + 1);
    let path = if cut { &text[from..at.end] } else { trimmed(&text[from..at.end]) };
    let masked = kind::is_alias(path) || (cut && kind::is_stub(path));
    if path.is_empty() || masked || (!lexicon.is_hook(path) && kind::is_harmless_path(host, path)) {
        return parts(text, at, cut, lexicon, found);
    }
    parts(text, at.start..from, false, lexicon, found);
    found.push(Found { at: from..from + path.len(), kind: Kind::Hook, cut });
}

/// Where the path of a webhook begins whose scheme nobody wrote: `hooks.slack.com/services/…`.
fn without_scheme(word: &str) -> Option<usize> {
    let slash = word.find('/')?;
    let (host, path) = word.split_at(slash);
    let is_host =
        host.contains('.') && !host.starts_with('.') && kind::of_part(host, false, false, |_| false).is_some();
    let masked = kind::is_alias(path.trim_start_matches('/'));
    (is_host && !masked && word.to_ascii_lowercase().contains("hook")).then_some(slash)
}

/// An e-mail address, `user@host` included, and the rest of the word around it.
fn mail(text: &str, at: Range<usize>, cut: bool, lexicon: &impl Lexicon, found: &mut Vec<Found>) {
    let whole = &text[at.clone()];
    let Some(sign) = whole.rfind('@') else { return };
    let local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%' | '~' | '@');
    let start = at.start + whole[..sign].trim_end_matches(local).len();
    let after = &whole[sign + 1..];
    let domain = after.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(after.len());
    let end = at.start + sign + 1 + after[..domain].trim_end_matches('.').len();
    match whole[..start - at.start].contains('@') {
        true => mail(text, at.start..start, false, lexicon, found),
        false => parts(text, at.start..start, false, lexicon, found),
    }
    let cut_here = cut && end == at.end;
    // Signs around what is masked already make no address of it.
    let who = whole[start - at.start..sign].trim_matches('@');
    let masked = kind::is_alias(who) || kind::is_alias(&text[at.start + sign + 1..end]);
    if !who.is_empty() && !masked && (domain > 0 || cut_here) {
        found.push(Found { at: start..end, kind: Kind::Mail, cut: cut_here });
    }
    parts(text, end..at.end, cut, lexicon, found);
}

/// The parts of a word between slashes, colons and the like.
fn parts(text: &str, at: Range<usize>, cut: bool, lexicon: &impl Lexicon, found: &mut Vec<Found>) {
    let divides = |c: char| matches!(c, '/' | ':' | '=' | '?' | '&' | '#' | '%' | '+' | '~');
    let mut start = at.start;
    while start < at.end {
        let rest = &text[start..at.end];
        let length = rest.find(divides).unwrap_or(rest.len());
        let end = start + length;
        let deep = start > at.start && text[..start].ends_with('/');
        let cut_here = cut && end == at.end;
        part(text, start..end, deep, cut_here, lexicon, found);
        start = end + rest[length..].chars().next().map_or(1, char::len_utf8);
    }
}

fn part(text: &str, at: Range<usize>, deep: bool, cut: bool, lexicon: &impl Lexicon, found: &mut Vec<Found>) {
    let whole = &text[at.clone()];
    let ahead = whole.len() - whole.trim_start_matches(['*', '.', '-', '$', '@']).len();
    let start = at.start + ahead;
    let name = if cut { &text[start..at.end] } else { trimmed(&text[start..at.end]) };
    if name.is_empty() || lexicon.keeps(name) {
        return;
    }
    let kind = lexicon.knows(name, cut).or_else(|| kind::of_part(name, deep, cut, |l| lexicon.ending(l)));
    if let Some(kind) = kind {
        found.push(Found { at: start..start + name.len(), kind, cut });
        return;
    }
    accounts(text, start..start + name.len(), found);
}

/// Twelve digits inside of a name: `logs-111122223333-east`, or in groups.
fn accounts(text: &str, at: Range<usize>, found: &mut Vec<Found>) {
    let part = &text[at.clone()];
    let mut groups = kind::grouped_accounts(part).into_iter().peekable();
    if groups.peek().is_some() {
        let found_at =
            |g: Range<usize>| Found { at: at.start + g.start..at.start + g.end, kind: Kind::Account, cut: false };
        found.extend(groups.map(found_at));
        return;
    }
    let mut from = 0;
    for run in part.split(|c: char| !c.is_ascii_alphanumeric()) {
        if run.len() == 12 && run.bytes().all(|b| b.is_ascii_digit()) {
            found.push(Found { at: at.start + from..at.start + from + 12, kind: Kind::Account, cut: false });
        }
        from += run.len();
        from += part[from..].chars().next().map_or(0, char::len_utf8);
    }
}
