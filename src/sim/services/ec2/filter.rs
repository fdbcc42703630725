//! EC2's filters: all must match, any of a filter's values is enough, `*` and `?` stand for others.

use super::{Form, Tags, invalid};
use crate::sim::wire::Fault;

/// The filters of a call.
pub(super) struct Filters<'a>(Vec<(&'a str, Vec<&'a str>)>);

impl<'a> Filters<'a> {
    pub(super) fn read(form: &'a Form, names: &[&str]) -> Result<Self, Fault> {
        let filters = form.filters();
        for (name, values) in &filters {
            let about_tags = names.contains(&"tag") && (name.starts_with("tag:") || *name == "tag-key");
            if *name == "tag" || !(about_tags || names.contains(name)) {
                return Err(invalid(format!("The filter '{name}' is invalid")));
            }
            if values.is_empty() {
                return Err(invalid(format!("The filter '{name}' has no values")));
            }
        }
        Ok(Self(filters))
    }

    /// Whether something with these tags, and with these values of the other filters' names, passes.
    pub(super) fn pass(&self, tags: &Tags, value: impl Fn(&str) -> String) -> bool {
        self.0.iter().all(|(name, patterns)| {
            let any = |text: &str| patterns.iter().any(|pattern| matches(pattern, text));
            match name.strip_prefix("tag:") {
                Some(key) => tags.get(key).is_some_and(|v| any(v)),
                None if *name == "tag-key" => tags.keys().any(|key| any(key)),
                None => any(&value(name)),
            }
        })
    }
}

/// Whether `text` matches a pattern in which `*` stands for anything, `?` for one character, and a backslash
/// takes the meaning from the next.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go on after the last star: behind it in the pattern, one character on in the text.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match pattern.get(p) {
            None if t == text.len() => return true,
            None => None,
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some('?') if t < text.len() => Some(1),
            Some('\\') if pattern.get(p + 1).is_some() => (pattern.get(p + 1) == text.get(t)).then_some(2),
            Some(c) => (text.get(t) == Some(c)).then_some(1),
        };
        match (step, star) {
            (Some(step), _) => {
                p += step;
                t += 1;
            }
            (None, Some((after, at))) if at < text.len() => {
                star = Some((after, at + 1));
                (p, t) = (after, at + 1);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, text, want) in [
            ("web", "web", true),
            ("web", "webs", false),
            ("w*", "web", true),
            ("*b", "web", true),
            ("w?b", "web", true),
            ("w?", "web", false),
            ("*", "", true),
            ("?", "", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), want, "{pattern:?} on {text:?}");
        }
    }
}
