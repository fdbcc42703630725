//! What a keymap takes from others. A line of its own replaces the whole line that it would take.

use super::file::{Reader, Written};
use super::{Keymap, shipped};
use crate::fault::{Lines, nearest};

/// Keymaps that take from each other, at most.
const DEEPEST: usize = 8;

/// The bindings of a keymap and of all that it takes from, its own first; none when a parent cannot be read.
pub(super) fn inherit(
    own: &Written,
    reader: &mut Reader<'_>,
    beside: &dyn Fn(&str) -> Option<String>,
) -> Option<Written> {
    let mut whole = own.clone();
    let mut seen = vec![own.name.clone()];
    let mut next = own.inherits.clone();
    let at = own.inherits.as_ref().map_or(0, |(_, at)| *at);
    while let Some((name, _)) = next {
        let again = seen.contains(&name);
        // A user's `vim` may build on the shipped one.
        if (again && shipped(&name).is_none()) || seen.len() > DEEPEST {
            seen.push(name);
            reader.fault(at, &format!("keymaps inherit from each other in a circle: {}", seen.join(" → ")));
            return None;
        }
        let Some(text) = beside(&name).filter(|_| !again).or_else(|| shipped(&name).map(str::to_owned)) else {
            let names: Vec<&str> = Keymap::names().collect();
            reader.fault(at, &format!("no keymap is called `{name}`{}", nearest(&name, &names)));
            return None;
        };
        let file = format!("{name}.toml");
        let mut parent =
            Reader { text: &text, lines: Lines::of(&text), file: &file, level: seen.len(), faults: Vec::new() };
        let written = parent.read();
        let Some(written) = written.filter(|_| parent.faults.is_empty()) else {
            let first = parent.faults.first().map(ToString::to_string).unwrap_or_default();
            reader.fault(at, &format!("the keymap `{name}` has faults of its own: {first}"));
            return None;
        };
        let takes = |context, action| !whole.said.contains(&(context, action));
        let taken: Vec<_> = written.bindings.into_iter().filter(|b| takes(b.context, b.action)).collect();
        whole.bindings.extend(taken);
        whole.said.extend(written.said);
        seen.push(name);
        next = written.inherits;
    }
    Some(whole)
}
