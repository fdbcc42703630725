//! Keys: which key does what, and where, read from files that people can write.
//!
//! A key is looked up in the narrowest context first. A sequence such as `g g` waits for its next key for as long as it
//! takes: there is no clock here.

mod check;
mod context;
mod file;
mod inherit;
mod key;
mod text;
mod trie;

use std::collections::BTreeMap;

use self::check::Check;
use self::file::{Binding, Reader};
use self::trie::{Node, Trie};
use super::Action;
use crate::fault::{Faults, Lines};

pub use self::context::Context;
pub(crate) use self::key::Key;

macro_rules! shipped {
    ($($name:literal),+) => {
        /// The shipped keymaps' files, by name.
        const SHIPPED: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../keymaps/", $name, ".toml")))),+];
    };
}

shipped!("default", "vim", "emacs");

/// Which key does what.
#[derive(Clone, Debug)]
pub struct Keymap {
    name: String,
    /// One sequence each, the file's own before inherited ones.
    bindings: Vec<(Context, Action, Vec<Key>)>,
    tries: BTreeMap<Context, Trie>,
}

/// All keys of an action in one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Where they are pressed.
    pub context: Context,
    /// What they do.
    pub action: Action,
    /// The keys, as people read them.
    pub keys: Vec<String>,
}

/// What comes of some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// They do this.
    Act(Action),
    /// They are the beginning of a sequence.
    Wait,
    /// Nothing.
    Nothing,
}

/// What a key does that may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    /// It completes this.
    Act(Action),
    /// It leads on to so many keys.
    More(usize),
}

impl Default for Keymap {
    fn default() -> Self {
        Self::builtin("default").unwrap_or_else(|| Self::of("none".into(), Vec::new()))
    }
}

impl Keymap {
    /// The names of the shipped keymaps.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A shipped keymap.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        Self::parse(shipped(name)?, &format!("keymaps/{name}.toml")).ok()
    }

    /// Reads a keymap file. It may inherit from a shipped keymap.
    ///
    /// # Errors
    /// Everything that is wrong with it: unknown names, clashes, keys that hide others, actions without a key.
    pub fn parse(text: &str, file: &str) -> Result<Self, Faults> {
        Self::parse_beside(text, file, |_| None)
    }

    /// The same; `beside` gives the text of a keymap next to the file, for it to inherit from.
    ///
    /// # Errors
    /// As for [`Keymap::parse`]; a fault in an inherited keymap belongs to that keymap, and is only mentioned here.
    pub fn parse_beside(text: &str, file: &str, beside: impl Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let mut reader = Reader { text, lines: Lines::of(text), file, level: 0, faults: Vec::new() };
        let Some(own) = reader.read() else { return Err(Faults::sorted(reader.faults)) };
        let whole = inherit::inherit(&own, &mut reader, &beside);
        let known = whole.is_some() && !own.unsure;
        let all = whole.unwrap_or(own);
        let kept = Check::new(&mut reader, &all, known).run();
        if reader.faults.is_empty() { Ok(Self::of(all.name, kept)) } else { Err(Faults::sorted(reader.faults)) }
    }

    fn of(name: String, kept: Vec<Binding>) -> Self {
        let mut tries: BTreeMap<Context, Trie> = BTreeMap::new();
        for b in &kept {
            tries.entry(b.context).or_default().insert(&b.keys, b.action);
        }
        Self { name, bindings: kept.into_iter().map(|b| (b.context, b.action, b.keys)).collect(), tries }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first key of an action, as people read it: `Tab`, `f`, `^C`, `g g`.
    #[must_use]
    pub fn key(&self, action: Action) -> String {
        self.keys(action).into_iter().next().unwrap_or_default()
    }

    /// All keys of an action, as people read them, in the widest context that has it.
    #[must_use]
    pub fn keys(&self, action: Action) -> Vec<String> {
        let own = |context| self.bindings.iter().filter(move |b| (b.0, b.1) == (context, action));
        let widest = Context::ALL.iter().find(|c| own(**c).next().is_some());
        widest.into_iter().flat_map(|c| own(*c)).map(|b| pretty(&b.2)).collect()
    }

    /// Every context with its actions and their keys, the wider contexts first.
    #[must_use]
    pub fn table(&self) -> Vec<Bound> {
        let all = Context::ALL.iter().flat_map(|c| Action::ALL.iter().map(|a| (*c, *a)));
        let bound = all.map(|(context, action)| {
            let own = self.bindings.iter().filter(|b| (b.0, b.1) == (context, action));
            Bound { context, action, keys: own.map(|b| pretty(&b.2)).collect() }
        });
        bound.filter(|b| !b.keys.is_empty()).collect()
    }

    /// The key that does an action in a context; of those that do, the first of the narrowest table.
    pub(crate) fn key_in(&self, context: Context, action: Action) -> String {
        let own = |level| self.bindings.iter().filter(move |b| (b.0, b.1) == (level, action)).map(|b| &b.2);
        let reaches = |keys: &&Vec<Key>| self.step(context, keys) == Step::Act(action);
        context.chain().flat_map(own).find(reaches).map_or_else(|| self.key(action), |keys| pretty(keys))
    }

    /// What comes of some keys in a context.
    pub(crate) fn step(&self, context: Context, keys: &[Key]) -> Step {
        match context.chain().find_map(|c| self.tries.get(&c)?.walk(keys)) {
            Some(Node::Act(action)) => Step::Act(*action),
            Some(Node::Then(_)) => Step::Wait,
            None => Step::Nothing,
        }
    }

    /// What may follow some keys in a context: the keys as people read them, and what they do.
    pub(crate) fn follows(&self, context: Context, keys: &[Key]) -> Vec<(String, Follows)> {
        let mut known: Vec<Key> = Vec::new();
        let mut follows = Vec::new();
        for node in context.chain().filter_map(|c| self.tries.get(&c)?.walk(keys)) {
            let Node::Then(then) = node else { break };
            for (key, node) in then.follows() {
                if known.contains(&key) {
                    continue;
                }
                known.push(key);
                let what = match node {
                    Node::Act(action) => Follows::Act(*action),
                    Node::Then(then) => Follows::More(then.follows().count()),
                };
                follows.push((key.pretty(), what));
            }
        }
        follows
    }
}

fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// A sequence as people read it.
pub(crate) fn pretty(keys: &[Key]) -> String {
    keys.iter().map(|k| k.pretty()).collect::<Vec<_>>().join(" ")
}
