//! Whether a keymap can be trusted in the night: no key with two meanings, no sequence that can never be typed, no
//! way out that is hidden, nothing that moves traffic where a finger slips.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Context;
use super::file::{Binding, Reader, Written};
use super::key::Key;
use crate::ui::{Action, Danger};

/// How one sequence stands in the way of another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// They are the same.
    Same,
    /// The one before is done before the other is typed.
    Shorter,
    /// The one before goes on where the other would act.
    Longer,
}

/// Sequences that do not stand in each other's way, by what they begin with.
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

/// A key that does nothing where it is pressed, because another stands in its way.
struct Hidden<'a> {
    binding: &'a Binding,
    by: &'a Binding,
    way: Way,
}

/// The checks on all bindings of a keymap.
pub(super) struct Check<'r, 't> {
    reader: &'r mut Reader<'t>,
    /// Where it is said what is inherited: what is wrong with that can be mended there only.
    inherits: usize,
    /// Whether what is missing is truly missing, and not only misread.
    whole: bool,
    /// Actions with a key that could not be read: what else they lack cannot be known.
    misread: BTreeSet<Action>,
    /// Actions whose key was said to be wrong already.
    said: BTreeSet<Action>,
}

impl<'r, 't> Check<'r, 't> {
    pub(super) fn new(reader: &'r mut Reader<'t>, own: &Written, whole: bool) -> Self {
        let inherits = own.inherits.as_ref().map_or(0, |(_, at)| *at);
        Self { reader, inherits, whole, misread: own.misread.clone(), said: BTreeSet::new() }
    }

    /// Says what is wrong, and gives what is left: the file's own keys win over inherited ones.
    pub(super) fn run(mut self, bindings: &[Binding]) -> Vec<Binding> {
        for binding in bindings.iter().filter(|b| b.level == 0) {
            self.alone(binding);
        }
        let (kept, lost) = self.each_context(bindings);
        let mut reached = BTreeSet::new();
        for context in Context::ALL.iter().copied().filter(|c| !matches!(c, Context::Anywhere | Context::View)) {
            self.chain(context, &kept, &lost, &mut reached);
        }
        if self.whole {
            self.complete(&reached, &lost);
        }
        kept.into_iter().cloned().collect()
    }

    /// Says it where it can be mended: at the first of two that stands in the file itself.
    fn fault(&mut self, one: &Binding, other: &Binding, message: &str) {
        let own = [one, other].into_iter().find(|b| b.level == 0);
        self.reader.fault(own.map_or(self.inherits, |b| b.at), message);
    }

    /// What is wrong with a key whatever the others are.
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

    /// Two meanings of one key in one context.
    fn each_context<'a>(&mut self, bindings: &'a [Binding]) -> (Vec<&'a Binding>, Vec<Hidden<'a>>) {
        let (mut kept, mut lost) = (Vec::new(), Vec::new());
        let mut taken: BTreeMap<Context, Taken<'a>> = BTreeMap::new();
        for b in bindings {
            let here = taken.entry(b.context).or_default();
            let Some((by, way)) = here.in_the_way_of(&b.keys) else {
                here.take(b);
                kept.push(b);
                continue;
            };
            if by.level < b.level {
                lost.push(Hidden { binding: b, by, way });
                continue;
            }
            self.said.insert(b.action);
            let (one, other) = (by.action.name(), b.action.name());
            match way {
                Way::Same if one == other => {
                    self.fault(b, by, &format!("`{}` stands twice for `{one}`: at {} too", b.text, by.place));
                }
                Way::Same => {
                    self.fault(
                        b,
                        by,
                        &format!("`{}` is bound to both `{other}` and, at {}, `{one}`", b.text, by.place),
                    );
                }
                Way::Shorter => self.never(by, b),
                Way::Longer => self.never(b, by),
            }
        }
        (kept, lost)
    }

    /// A sequence that can never be typed, because its beginning acts at once.
    fn never(&mut self, short: &Binding, long: &Binding) {
        let name = |b: &Binding| match b.level {
            0 => format!("`{}`", b.action.name()),
            _ => format!("`{}` ({})", b.action.name(), b.place),
        };
        let mut there = String::new();
        if short.context != long.context {
            there = format!(" in {}", short.context.table());
        }
        let message = format!(
            "`{}` is {}{there} at once, so `{}` of `{}` ({}) can never be typed",
            short.text,
            name(short),
            long.text,
            long.action.name(),
            long.place
        );
        self.fault(short, long, &message);
    }

    /// Narrow contexts that stand in the way of wider ones.
    fn chain<'a>(
        &mut self,
        context: Context,
        kept: &[&'a Binding],
        lost: &[Hidden<'a>],
        reached: &mut BTreeSet<Action>,
    ) {
        let mut taken = Taken::default();
        let (mut here, mut hidden) = (BTreeSet::new(), Vec::new());
        for b in context.chain().flat_map(|level| kept.iter().filter(move |b| b.context == level)) {
            match taken.in_the_way_of(&b.keys) {
                None => {
                    taken.take(b);
                    here.insert(b.action);
                }
                Some((by, way)) => hidden.push(Hidden { binding: b, by, way }),
            }
        }
        for h in &hidden {
            self.stands_between(h, here.contains(&h.binding.action), context);
        }
        for action in basic(context) {
            let known = self.whole && !self.misread.contains(action);
            if !known || here.contains(action) || hidden.iter().any(|h| h.binding.action == *action) {
                continue;
            }
            match lost.iter().find(|h| h.binding.action == *action && context.chain().any(|c| c == h.binding.context)) {
                Some(h) => self.taken(h),
                None => self.none_here(*action, context),
            }
        }
        reached.extend(here);
    }

    /// One key of a narrow context in the way of one of a wider.
    fn stands_between(&mut self, h: &Hidden<'_>, reached: bool, context: Context) {
        let (b, by) = (h.binding, h.by);
        let (action, other) = (b.action.name(), by.action.name());
        let (here, there) = (by.context.table(), b.context.table());
        let gone = self.whole && !reached && !self.misread.contains(&b.action);
        if h.way == Way::Same && by.action.dangerous() && !b.action.dangerous() {
            let message = format!(
                "`{}` is `{other}` in {here}, but `{action}` in {there} ({}): what moves traffic needs a key of its own",
                by.text, b.place
            );
            self.fault(by, b, &message);
        } else if h.way == Way::Shorter && (gone || b.level == 0 && by.level == 0) {
            self.said.insert(b.action);
            self.never(by, b);
        } else if gone && b.action != by.action && (b.action.dangerous() || basic(context).contains(&b.action)) {
            self.said.insert(b.action);
            let message = format!(
                "`{}` is `{other}` in {here}, which hides `{action}` of {there} ({}), and that has no other key there",
                by.text, b.place
            );
            self.fault(by, b, &message);
        }
    }

    /// An inherited action whose last key is the file's own for another.
    fn taken(&mut self, h: &Hidden<'_>) {
        let (b, by) = (h.binding, h.by);
        self.said.insert(b.action);
        let message = format!(
            "`{}` is `{}`, and so `{}` ({}) has no key left: give it one",
            by.text,
            by.action.name(),
            b.action.name(),
            b.place
        );
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
    fn complete(&mut self, reached: &BTreeSet<Action>, lost: &[Hidden<'_>]) {
        let known = |a: &&Action| reached.contains(a) || self.said.contains(a) || self.misread.contains(a);
        let mut missing: Vec<Action> = Action::ALL.iter().filter(|a| !known(a)).copied().collect();
        missing.retain(|action| match lost.iter().find(|h| h.binding.action == *action) {
            Some(h) => {
                self.taken(h);
                false
            }
            None => true,
        });
        if !missing.is_empty() {
            let (actions, have) = if missing.len() == 1 { ("action", "has") } else { ("actions", "have") };
            let names: Vec<&str> = missing.iter().map(|a| a.name()).collect();
            let message = format!(
                "the {actions} `{}` {have} no key that works anywhere; or inherit a keymap",
                names.join("`, `")
            );
            self.reader.fault(0, &message);
        }
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
