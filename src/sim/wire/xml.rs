//! XML as AWS writes it.

use super::Tree;
use crate::time::Timestamp;

/// What every document begins with.
pub(super) const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Writes `<name>…</name>`.
pub(super) fn element(out: &mut String, name: &str, tree: &Tree) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    inside(out, tree);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Writes what stands between the tags.
pub(super) fn inside(out: &mut String, tree: &Tree) {
    match tree {
        Tree::Text(text) => escape(out, text),
        Tree::Int(n) => out.push_str(&n.to_string()),
        Tree::Double(x) => out.push_str(&x.to_string()),
        Tree::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Tree::Time(at) => out.push_str(&iso(*at)),
        Tree::List(name, items) => items.iter().for_each(|item| element(out, name, item)),
        Tree::Map(members) => members.iter().for_each(|(name, value)| element(out, name, value)),
    }
}

/// A moment as ISO 8601 text with milliseconds, as EC2, Route 53 and DRS write it.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Text between tags. A control character becomes a numeric reference, as EC2 sends it: XML 1.0 has no
/// place for it, so a strict parser refuses the whole document. That trap is part of the stand-in.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("&#x{:x};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_stay_inside_their_element() {
        let mut out = String::new();
        element(&mut out, "v", &Tree::from("</v><x a='1'>&\u{1b}[31m\u{202e}\r"));
        assert_eq!(out, "<v>&lt;/v&gt;&lt;x a='1'&gt;&amp;&#x1b;[31m\u{202e}&#xd;</v>");
    }

    #[test]
    fn moments_have_milliseconds() {
        assert_eq!(iso("2026-03-04T05:06:07.0089Z".parse().unwrap()), "2026-03-04T05:06:07.008Z");
    }
}
