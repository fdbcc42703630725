//! Whether a keymap can be trusted at night: no key has two meanings, no sequence is impossible to type, no way out is
//! hidden, and nothing that moves traffic is where a finger slips.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Context;
use super::file::{Binding, Reader, Written};
use super::key::Key;
use crate::ui::{Action, Danger};

/// How one sequence gets in the way of another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// They are the same.
    Same,
    /// The one before is done before the other is typed.
    Shorter,
    /// The one before goes on where the other would act.
    Longer,
}

/// Sequences that do not get in each other's way, by their first keys.
#[derive(Default)]
struct Taken<'a> {
    whole: HashMap<&'a [Key], &'a Binding>,
    begun: HashMap<&'a [Key], &'a Binding>,
}

impl<'a> Taken<'a> {
    fn in_the_way_of(&self, keys: &[Key]) -> Option<(&'a Binding, Way)> {
        if let Some(same) = self.whole.get(keys) {
            return Some((same, Way::Same));
        }
        let parts = (1..keys.len()).filter_map(|n| keys.get(..n));
        let shorter = parts.filter_map(|part| self.whole.get(part)).next();
        let longer = || self.begun.get(keys).map(|b| (*b, Way::Longer));
        shorter.map(|b| (*b, Way::Shorter)).or_else(longer)
    }

    fn take(&mut self, binding: &'a Binding) {
        self.whole.insert(binding.keys.as_slice(), binding);
        for part in (1..binding.keys.len()).filter_map(|n| binding.keys.get(..n)) {
            self.begun.entry(part).or_insert(binding);
        }
    }
}

/// A key that does nothing where it is pressed, because another is in its way.
struct Hidden<'a> {
    binding: &'a Binding,
    by: &'a Binding,
    way: Way,
}

/// The checks on all bindings of a keymap.
pub(super) struct Check<'r, 't, 'w> {
    reader: &'r mut Reader<'t>,
    /// The file with all that it inherits.
    all: &'w Written,
    /// Where it is said what is inherited: what is wrong with that can be mended there only.
    inherits: usize,
    /// Whether what is missing is truly missing, and not only misread.
    whole: bool,
    /// Actions whose key was said to be wrong already.
    said: BTreeSet<Action>,
}

impl<'r, 't, 'w> Check<'r, 't, 'w> {
    pub(super) fn new(reader: &'r mut Reader<'t>, all: &'w Written, whole: bool) -> Self {
        let inherits = all.inherits.as_ref().map_or(0, |(_, at)| *at);
        // What else an action lacks cannot be known where one of its keys could not be read.
        Self { reader, all, inherits, whole, said: all.misread.clone() }
    }

    /// Reports what is wrong, and gives what is left.
    pub(super) fn run(mut self) -> Vec<Binding> {
        for binding in self.all.bindings.iter().filter(|b| b.level == 0) {
            self.alone(binding);
        }
        let kept = self.each_context();
        // What lacks a key because of a clash lacks it no longer once that is mended.
        let clashed = self.said.clone();
        let mut reached = BTreeSet::new();
        for context in Context::ALL.iter().copied().filter(|c| *c != Context::Anywhere) {
            self.chain(context, &kept, &clashed, &mut reached);
        }
        if self.whole {
            self.complete(&reached);
        }
        kept.into_iter().cloned().collect()
    }

    /// Reports it where it can be fixed: at the first of the two that is in the file itself.
    fn fault(&mut self, one: &Binding, other: &Binding, message: &str) {
        let own = [one, other].into_iter().find(|b| b.level == 0);
        self.reader.fault(own.map_or(self.inherits, |b| b.at), message);
    }

    /// What is wrong with a key, whatever the others are.
    fn alone(&mut self, b: &Binding) {
        let (key, action) = (&b.text, b.action.name());
        let first = b.keys.first().copied();
        if b.context == Context::Field && first.is_some_and(Key::is_text) {
            let message =
                format!("a field takes `{key}` as text; `{action}` needs a key such as `f5` or `ctrl-o` there");
            self.fault(b, b, &message);
        }
        if b.action.danger() == Danger::Direct && b.keys.len() == 1 && first.is_some_and(Key::is_unmodified) {
            let message = format!(
                "`{action}` acts at once, and `{key}` alone is pressed too easily: write a capital, `ctrl-`, `alt-` or a sequence"
            );
            self.fault(b, b, &message);
        }
    }

    /// Two meanings of one key in one context: a file's own key never takes an inherited one in silence.
    fn each_context(&mut self) -> Vec<&'w Binding> {
        let mut kept = Vec::new();
        let mut taken: BTreeMap<Context, Taken<'w>> = BTreeMap::new();
        let all = self.all;
        for b in &all.bindings {
            let here = taken.entry(b.context).or_default();
            let Some((by, way)) = here.in_the_way_of(&b.keys) else {
                here.take(b);
                kept.push(b);
                continue;
            };
            let inherited = by.level < b.level;
            // What could not be read may have been the line that frees the key.
            if inherited && !self.whole {
                continue;
            }
            self.said.insert(b.action);
            let (one, other) = (by.action.name(), b.action.name());
            let mut message = match way {
                Way::Same if one == other => format!("`{}` stands twice for `{one}`: at {} too", b.text, by.place),
                Way::Same if inherited => {
                    format!("`{}` is bound to both `{one}` and the inherited `{other}` ({})", b.text, b.place)
                }
                Way::Same => format!("`{}` is bound to both `{other}` and, at {}, `{one}`", b.text, by.place),
                Way::Shorter => never(by, b),
                Way::Longer => never(b, by),
            };
            if inherited {
                let same = |r: &&Binding| (r.context, r.action, r.level) == (b.context, b.action, b.level);
                let free = |r: &&Binding| here.in_the_way_of(&r.keys).is_none_or(|(by, _)| by.level == r.level);
                message.push_str(&meant(b, b.context, all.bindings.iter().filter(same).filter(free)));
            }
            self.fault(b, by, &message);
        }
        kept
    }

    /// Narrow contexts that get in the way of wider ones.
    fn chain(
        &mut self,
        context: Context,
        kept: &[&'w Binding],
        clashed: &BTreeSet<Action>,
        reached: &mut BTreeSet<Action>,
    ) {
        let mut taken = Taken::default();
        let (mut here, mut hidden) = (Vec::new(), Vec::new());
        for b in context.chain().flat_map(|level| kept.iter().copied().filter(move |b| b.context == level)) {
            match taken.in_the_way_of(&b.keys) {
                None => {
                    taken.take(b);
                    here.push(b);
                }
                Some((by, way)) => hidden.push(Hidden { binding: b, by, way }),
            }
        }
        // What a wider context hides is said of that one.
        for h in hidden.iter().filter(|h| h.by.context == context) {
            self.stands_between(h, &here);
        }
        reached.extend(here.iter().map(|b| b.action));
        if !self.whole {
            return;
        }
        // Of what is hidden it has been said.
        let of_hidden = hidden.iter().map(|h| h.binding);
        let known: BTreeSet<Action> = here.into_iter().chain(of_hidden).map(|b| b.action).collect();
        for action in basic(context).iter().filter(|a| !known.contains(a) && !clashed.contains(a)) {
            self.none_here(*action, context);
        }
    }

    /// One key of a narrow context that gets in the way of one of a wider context. A line for the hidden action, in the
    /// narrow context, says that it is meant, and which key does it there instead.
    fn stands_between(&mut self, h: &Hidden<'_>, here: &[&Binding]) {
        let (b, by) = (h.binding, h.by);
        let (action, other) = (b.action.name(), by.action.name());
        let (narrow, wide) = (by.context.table(), b.context.table());
        if h.way == Way::Same && by.action.dangerous() && !b.action.dangerous() {
            let message = format!(
                "`{}` is `{other}` in {narrow}, but `{action}` in {wide} ({}): what moves traffic needs a key of its own",
                by.text, b.place
            );
            self.fault(by, b, &message);
            return;
        }
        if b.action == by.action || !self.whole || self.all.said.contains(&(by.context, b.action)) {
            return;
        }
        self.said.insert(b.action);
        let mut message = match h.way {
            Way::Shorter => never(by, b),
            _ => format!("`{}` is `{other}` in {narrow}, which hides `{action}` of {wide} ({})", by.text, b.place),
        };
        message.push_str(&meant(b, by.context, here.iter().copied().filter(|r| r.action == b.action)));
        self.fault(by, b, &message);
    }

    /// What everybody must be able to do, and cannot.
    fn none_here(&mut self, action: Action, context: Context) {
        let is_wide = |c: &Context| matches!(c, Context::View | Context::Dialog | Context::Field);
        let wide = context.chain().find(is_wide).unwrap_or(context);
        let tables = if wide == Context::Field { wide.table() } else { format!("[keys] or {}", wide.table()) };
        let message =
            format!("`{}` has no key {}: write one into {tables}, or inherit a keymap", action.name(), wide.words());
        self.said.insert(action);
        self.reader.fault(0, &message);
    }

    /// Every action needs a key that reaches it.
    fn complete(&mut self, reached: &BTreeSet<Action>) {
        let known = |a: &&Action| reached.contains(a) || self.said.contains(a);
        let missing: Vec<&str> = Action::ALL.iter().filter(|a| !known(a)).map(|a| a.name()).collect();
        if !missing.is_empty() {
            let (actions, have) = if missing.len() == 1 { ("action", "has") } else { ("actions", "have") };
            let message = format!(
                "the {actions} `{}` {have} no key that works anywhere: write some into [keys], or inherit a keymap",
                missing.join("`, `")
            );
            self.reader.fault(0, &message);
        }
    }
}

/// A sequence that can never be typed, because its beginning acts at once.
fn never(short: &Binding, long: &Binding) -> String {
    let name = format!("`{}` ({})", short.action.name(), short.place);
    let there = if short.context == long.context { String::new() } else { format!(" in {}", short.context.table()) };
    format!(
        "`{}` is {name}{there} at once, so `{}` of `{}` ({}) can never be typed",
        short.text,
        long.text,
        long.action.name(),
        long.place
    )
}

/// What to write where it is meant that an action loses a key: the line that says which keys are left to it.
fn meant<'b>(lost: &Binding, context: Context, left: impl Iterator<Item = &'b Binding>) -> String {
    let mut keys: Vec<String> = left.map(|b| toml::Value::String(b.text.clone()).to_string()).collect();
    let (action, table) = (lost.action.name(), context.table());
    keys.dedup();
    match keys.as_slice() {
        [] => format!("; if that is meant, give `{action}` another key in {table}"),
        keys => format!("; if that is meant, write `{action} = [{}]` into {table}", keys.join(", ")),
    }
}

/// What everybody must be able to do in a context.
fn basic(context: Context) -> &'static [Action] {
    match context {
        Context::Field => &[Action::Back, Action::Look],
        Context::Dialog | Context::Draft | Context::Change => &[Action::Back, Action::Look, Action::Quit],
        _ => &[Action::Back, Action::Help, Action::Quit],
    }
}
