//! What matches what was typed: helix's matcher, and an exact name before everything.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::Candidate;

/// How well something matches: its name as it was typed, its name's beginning, its name somewhere, every word as it was
/// typed at the beginning of a word, every word somewhere, letters here and there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Letters,
    Words,
    Beginnings,
    Name,
    Start,
    Whole,
}

/// The candidates that match, the best first. Of those that match alike the ones that are to be had now come first, and
/// then they keep their order.
pub(super) fn matching(typed: &str, mut all: Vec<Candidate>) -> Vec<Candidate> {
    let typed = typed.trim();
    if typed.is_empty() {
        all.sort_by_key(|c| !c.usable);
        return all;
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
    let lower = typed.to_lowercase();
    // `failover`, `fail over` and `fail-over` are one.
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let bare_typed = bare(&lower);
    let mut buffer = Vec::new();
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
    let mut found: Vec<((Place, bool, u32), Candidate)> = all
        .into_iter()
        .filter_map(|c| {
            let name = c.name.to_lowercase();
            let bare_name = bare(&name);
            let all = format!("{name} {}", c.words.to_lowercase());
            let begins = |word: &str| all.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word));
            let place = if name == lower || bare_name == bare_typed && !bare_typed.is_empty() {
                Place::Whole
            } else if name.starts_with(&lower) || bare_name.starts_with(&bare_typed) && !bare_typed.is_empty() {
                Place::Start
            } else if name.contains(&lower) {
                Place::Name
            } else if lower.split_whitespace().all(begins) {
                Place::Beginnings
            } else if lower.split_whitespace().all(|word| all.contains(word)) {
                Place::Words
            } else {
                Place::Letters
            };
            // Words in another order match too, which the matcher alone would not see.
            let whole = match (score(&format!("{} {}", c.name, c.words)), place) {
                (None, Place::Letters) => return None,
                (score, _) => score.unwrap_or(0),
            };
            // A match in the name alone counts for more than one spread over the words.
            let in_name = score(&c.name).map_or(0, |s| s.saturating_mul(2));
            Some(((place, c.usable, whole.max(in_name)), c))
        })
        .collect();
    found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    found.into_iter().map(|(_, c)| c).collect()
}
