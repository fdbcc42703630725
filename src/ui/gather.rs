//! One line for a burst of similar entries: when traffic moves, every resolver gives a new answer for every name, and
//! dozens of such lines would push what people did out of sight. The timeline itself keeps them all.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::estate::{Region, ResolverName};
use crate::model::{Entry, Fact, words as say};

/// An entry as it is drawn, with the number of the oldest one in it: that one stays the same while more join.
pub(super) type Line<'m> = (u64, Cow<'m, Entry>);

/// Neighbouring DNS answers of one second and direction as one entry. Entries come newest first.
pub(super) fn gathered<'m>(entries: impl Iterator<Item = (u64, &'m Entry)>) -> Vec<Line<'m>> {
    let mut lines: Vec<Line<'m>> = Vec::new();
    let mut group: Vec<(u64, &Entry)> = Vec::new();
    for (number, entry) in entries {
        let joins = group.last().is_some_and(|(_, last)| alike(last, entry));
        if !joins {
            lines.extend(line(&group));
            group.clear();
        }
        group.push((number, entry));
    }
    lines.extend(line(&group));
    lines
}

/// The answer that an entry tells of: name, resolver, and where it led and leads.
fn answer(entry: &Entry) -> Option<(&str, &ResolverName, (&Region, &Region))> {
    match &entry.fact {
        Fact::Answer { name, resolver, was, is } => Some((name, resolver, (was, is))),
        Fact::Said | Fact::Stands(_) | Fact::Lever(_) => None,
    }
}

fn alike(one: &Entry, other: &Entry) -> bool {
    let second = |e: &Entry| say::time_of_day(e.at.wall);
    match (answer(one), answer(other)) {
        (Some((.., a)), Some((.., b))) => a == b && second(one) == second(other),
        _ => false,
    }
}

fn line<'m>(group: &[(u64, &'m Entry)]) -> Option<Line<'m>> {
    let (number, oldest) = *group.last()?;
    let Some((.., (was, is))) = answer(oldest).filter(|_| group.len() > 1) else {
        return Some((number, Cow::Borrowed(oldest)));
    };
    let all = || group.iter().filter_map(|(_, e)| answer(e));
    let names = all().map(|(name, ..)| name).collect::<BTreeSet<_>>().len();
    let resolvers = all().map(|(_, resolver, _)| resolver).collect::<BTreeSet<_>>().len();
    let many = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let (names, resolvers) = (many(names, "name"), many(resolvers, "resolver"));
    let text = format!("{} answers {was} → {is} ({names}, {resolvers})", group.len());
    Some((number, Cow::Owned(Entry { text, ..oldest.clone() })))
}
