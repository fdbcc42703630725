//! The keys of one context as a tree: what a key does, or what may follow it.

use super::key::Key;
use crate::ui::Action;

/// What stands behind a key.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// It does this.
    Act(Action),
    /// It waits for one of these.
    Then(Trie),
}

/// Keys, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Trie {
    next: Vec<(Key, Node)>,
}

impl Trie {
    /// Puts a sequence in. One that does not fit to those before it (the checks have said so) is left out.
    pub(super) fn insert(&mut self, keys: &[Key], action: Action) {
        let Some((first, rest)) = keys.split_first() else { return };
        let at = match self.next.iter().position(|(k, _)| k == first) {
            Some(at) => at,
            None if rest.is_empty() => return self.next.push((*first, Node::Act(action))),
            None => {
                self.next.push((*first, Node::Then(Trie::default())));
                self.next.len() - 1
            }
        };
        if let Some((_, Node::Then(then))) = self.next.get_mut(at) {
            then.insert(rest, action);
        }
    }

    /// What stands behind some keys.
    pub(super) fn walk(&self, keys: &[Key]) -> Option<&Node> {
        let (first, rest) = keys.split_first()?;
        match self.next.iter().find(|(k, _)| k == first)? {
            (_, node) if rest.is_empty() => Some(node),
            (_, Node::Then(then)) => then.walk(rest),
            (_, Node::Act(_)) => None,
        }
    }

    /// What may follow, in the order of the file.
    pub(super) fn follows(&self) -> impl Iterator<Item = (Key, &Node)> {
        self.next.iter().map(|(key, node)| (*key, node))
    }
}
