//! Mends single items that would spoil a whole answer. The SDK rejects a list of a thousand for one character that XML
//! does not allow, or for one invalid timestamp. Here such an item is marked or left out, and the rest can be read.
//!
//! Only XML needs it (EC2, Route 53, STS, IAM). The JSON of ARC and DRS holds timestamps as text, which are read one by
//! one. Nothing that decides about a write is changed here.

use std::borrow::Cow;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use bytes::Bytes;

/// Stands in for a character that XML does not allow.
const MARK: char = '\u{fffd}';
/// How the names of elements end that hold moments.
const MOMENTS: [&str; 5] = ["Time", "Date", "Timestamp", "Change", "Until"];

/// The answer as the SDK can read it. What is no XML stays as it is.
pub(super) fn mend(body: Vec<u8>) -> Bytes {
    let begins = body.iter().find(|b| !b.is_ascii_whitespace());
    if begins != Some(&b'<') {
        return Bytes::from(body);
    }
    match readable(&body) {
        Some(text) => Bytes::from(text),
        None => Bytes::from(body),
    }
}

/// The text with unreadable items marked or left out; none if there is nothing to mend.
fn readable(body: &[u8]) -> Option<String> {
    let decoded = String::from_utf8_lossy(body);
    let spelt = characters(&decoded);
    let (whole, spoilt) = moments(&spelt);
    if spoilt > 0 {
        tracing::warn!(spoilt, "an answer has moments that are none: they are left out, the rest is read");
    }
    let same = [&decoded, &spelt, &whole].into_iter().all(|step| matches!(step, Cow::Borrowed(_)));
    (!same).then(|| whole.into_owned())
}

/// Whether XML 1.0 has a place for a character.
fn has_place(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Marks instead of characters, and of references to characters, that XML has no place for.
fn characters(text: &str) -> Cow<'_, str> {
    let reference = |rest: &str| {
        let (digits, _) = rest.strip_prefix("#")?.split_once(';')?;
        let code = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        };
        let good = code.and_then(char::from_u32).is_some_and(has_place);
        (!good).then_some(digits.len() + 2)
    };
    let mut out = String::new();
    let mut from = 0;
    let mut skip_to = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| *c == '&' || !has_place(*c)) {
        if at < skip_to {
            continue;
        }
        let length = if c == '&' {
            match text.get(at + 1..).and_then(reference) {
                Some(length) => 1 + length,
                None => continue,
            }
        } else {
            c.len_utf8()
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push(MARK);
        from = at + length;
        skip_to = from;
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// The text without elements that should hold a moment and do not, and how many these were. A leap second is the
/// second before it: so do clocks that know none.
fn moments(text: &str) -> (Cow<'_, str>, usize) {
    let (mut out, mut from, mut spoilt) = (String::new(), 0, 0);
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("</")) {
        let close = at + found;
        let Some(end) = text.get(close..).and_then(|rest| rest.find('>')).map(|n| close + n + 1) else { break };
        at = end;
        let name = text.get(close + 2..end - 1).unwrap_or_default().trim_end();
        let Some(inside) = text.get(..close).and_then(|before| before.rfind('>')).map(|n| n + 1) else { continue };
        let open = format!("<{name}>");
        let content = text.get(inside..close).unwrap_or_default();
        let Some(begin) = inside.checked_sub(open.len()).filter(|b| text.get(*b..inside) == Some(open.as_str())) else {
            continue;
        };
        let leap = without_leap(content);
        // Of an element that need not hold a moment only the leap second is mended.
        let spoils = MOMENTS.iter().any(|m| name.ends_with(m)) && !content.is_empty() && !is_moment(content);
        if begin < from || (leap.is_none() && !spoils) {
            continue;
        }
        out.push_str(text.get(from..begin).unwrap_or_default());
        match leap {
            Some(moment) => out.push_str(&format!("{open}{moment}</{name}>")),
            None => spoilt += 1,
        }
        from = end;
    }
    if from == 0 {
        return (Cow::Borrowed(text), 0);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    (Cow::Owned(out), spoilt)
}

/// Whether the SDK reads a text as a moment.
fn is_moment(text: &str) -> bool {
    DateTime::from_str(text, Format::DateTimeWithOffset).is_ok()
}

/// A moment in a leap second, a second earlier.
fn without_leap(text: &str) -> Option<String> {
    let (minute, rest) = (text.get(..17)?, text.get(19..)?);
    let earlier = format!("{minute}59{rest}");
    (text.get(17..19) == Some("60") && is_moment(&earlier)).then_some(earlier)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        String::from_utf8(mend(text.as_bytes().to_vec()).to_vec()).unwrap()
    }

    #[test]
    fn what_is_well_stays_as_it_is() {
        for text in [
            "{\"launchTime\": \"2016-12-31T23:59:60Z\"}",
            "<a><launchTime>2016-12-31T23:59:59.000Z</launchTime><n>&lt;&#x9;&#10;\u{1f30d}</n></a>",
            "<a><startTime/><startTime></startTime><b x='Time'>no moment</b></a>",
            "",
            "   ",
        ] {
            assert_eq!(mended(text), text);
        }
    }

    #[test]
    fn one_character_spoils_no_list() {
        assert_eq!(
            mended("<a>x&#x1b;y&#27;z\u{1b}&#xFFFF;&#0;</a>"),
            "<a>x\u{fffd}y\u{fffd}z\u{fffd}\u{fffd}\u{fffd}</a>"
        );
        assert_eq!(mended("<a>&#99999999999;&#x;</a>"), "<a>\u{fffd}\u{fffd}</a>");
        assert_eq!(mend(b"<a>\xff</a>".to_vec()).as_ref(), "<a>\u{fffd}</a>".as_bytes());
    }

    #[test]
    fn one_moment_spoils_no_list() {
        assert_eq!(
            mended("<i><startTime>2016-12-31T23:59:60.000Z</startTime></i><i><startTime>never</startTime><n>b</n></i>"),
            "<i><startTime>2016-12-31T23:59:59.000Z</startTime></i><i><n>b</n></i>"
        );
        assert_eq!(mended("<i><startTime>2026-02-30T00:00:00Z</startTime></i>"), "<i></i>");
    }
}
