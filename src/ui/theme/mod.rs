//! Themes: what each meaning looks like, read from files that people can write.

mod contrast;
mod depth;
mod file;
mod role;

pub use depth::Depth;
pub use role::Role;

use std::collections::BTreeMap;

use ratatui::style::{Color, Style};

use self::file::{Look, Named, Reader, Written};
use crate::fault::{Faults, Lines, nearest};

macro_rules! shipped {
    ($($name:literal),+) => {
        /// The shipped themes' files, by name.
        const SHIPPED: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../themes/", $name, ".toml")))),+];
    };
}

shipped!("dark", "light", "high-contrast", "colour-blind-safe", "monochrome", "projector");

/// Themes that take from each other, at most.
const DEEPEST: usize = 8;

/// What every meaning looks like.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Theme {
    name: String,
    styles: BTreeMap<Role, Style>,
}

impl Default for Theme {
    fn default() -> Self {
        Self::builtin("dark").unwrap_or_else(|| Self { name: "plain".into(), styles: BTreeMap::new() })
    }
}

impl Theme {
    /// The names of the shipped themes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A shipped theme.
    #[must_use]
    pub fn builtin(name: &str) -> Option<Self> {
        Self::parse(shipped(name)?, &format!("themes/{name}.toml")).ok()
    }

    /// Reads a theme file. It may inherit from a shipped theme.
    ///
    /// # Errors
    /// Everything that is wrong with it: unknown names, missing roles, colours that cannot be read on their ground.
    pub fn parse(text: &str, file: &str) -> Result<Self, Faults> {
        Self::parse_beside(text, file, |_| None)
    }

    /// The same; `beside` gives the text of a theme next to the file, for it to inherit from.
    ///
    /// # Errors
    /// As for [`Theme::parse`]; a fault in an inherited theme belongs to that theme, and is only mentioned here.
    pub fn parse_beside(text: &str, file: &str, beside: impl Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let mut reader = Reader { text, lines: Lines::of(text), file, faults: Vec::new() };
        let Some(own) = reader.read() else { return Err(Faults::sorted(reader.faults)) };
        let Some(whole) = inherit(&own, &mut reader, &beside) else { return Err(Faults::sorted(reader.faults)) };
        let theme = styles(&own, &whole, &mut reader);
        if reader.faults.is_empty() { Ok(theme) } else { Err(Faults::sorted(reader.faults)) }
    }

    /// The theme in the colours that a terminal has.
    #[must_use]
    pub fn at(&self, depth: Depth) -> Self {
        match depth {
            Depth::True => self.clone(),
            // What colours alone would have said is said by reverse and underline there.
            Depth::None => Self::builtin("monochrome").unwrap_or_default(),
            _ => {
                let styles = self.styles.iter().map(|(role, style)| (*role, depth::fit(*style, depth)));
                Self { name: self.name.clone(), styles: styles.collect() }
            }
        }
    }

    /// The same theme with frames tinted towards a badge's colour, so that the whole screen shows its mode. They are
    /// only tinted: the full colour may mean something else in a row. Frames that would become invisible stay as they
    /// are.
    #[must_use]
    pub(crate) fn framed(mut self, badge: Role) -> Self {
        let border = self.style(Role::Border);
        let Some(badge) = self.style(badge).bg else { return self };
        let colour = border.fg.map_or(badge, |line| contrast::between(line, badge));
        let ground = self.style(Role::Text).bg;
        let seen = ground.and_then(|ground| contrast::contrast(colour, ground));
        if seen.is_none_or(|contrast| contrast >= Role::Border.contrast()) {
            self.styles.insert(Role::Border, Style { fg: Some(colour), ..border });
        }
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a meaning looks like.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

/// The palette and looks of a theme and of all that it takes from, its own first; none when a parent cannot be read.
fn inherit(own: &Written, reader: &mut Reader<'_>, beside: &dyn Fn(&str) -> Option<String>) -> Option<Written> {
    let mut whole = own.clone();
    let mut seen = vec![own.name.clone()];
    let mut next = own.inherits.clone();
    let at = own.inherits.as_ref().map_or(0, |i| i.at);
    while let Some(Named { text: name, .. }) = next {
        // A user's `dark` may build on the shipped one.
        let round = seen.contains(&name) && shipped(&name).is_none();
        if round || seen.len() > DEEPEST {
            seen.push(name);
            reader.fault(at, &format!("themes inherit from each other in a circle: {}", seen.join(" → ")));
            return None;
        }
        let again = seen.contains(&name);
        let Some(text) = beside(&name).filter(|_| !again).or_else(|| shipped(&name).map(str::to_owned)) else {
            let names: Vec<&str> = Theme::names().collect();
            reader.fault(at, &format!("no theme is called `{name}`{}", nearest(&name, &names)));
            return None;
        };
        let mut parent = Reader { text: &text, lines: Lines::of(&text), file: &name, faults: Vec::new() };
        let written = parent.read();
        let Some(written) = written.filter(|_| parent.faults.is_empty()) else {
            let first = parent.faults.first().map(ToString::to_string).unwrap_or_default();
            reader.fault(at, &format!("the theme `{name}` has faults of its own: {first}"));
            return None;
        };
        for (name, colour) in written.palette {
            whole.palette.entry(name).or_insert(colour);
        }
        for (role, look) in written.looks {
            whole.looks.entry(role).or_insert(look);
        }
        seen.push(name);
        next = written.inherits;
    }
    Some(whole)
}

/// Looks as styles, and whether they are complete and can be read.
fn styles(own: &Written, whole: &Written, reader: &mut Reader<'_>) -> Theme {
    let missing: Vec<_> = Role::ALL.iter().filter(|r| !whole.looks.contains_key(r)).map(|r| r.name()).collect();
    // What was misspelt is not missing as well.
    if !missing.is_empty() && reader.faults.is_empty() {
        let (roles, are) = if missing.len() == 1 { ("role", "is") } else { ("roles", "are") };
        let message = format!("the {roles} `{}` {are} missing; or inherit a theme", missing.join("`, `"));
        reader.fault(0, &message);
    }
    let mut styles = BTreeMap::new();
    for (role, look) in &whole.looks {
        // A fault in what was inherited can only be mended where it is inherited.
        let is_own = own.looks.contains_key(role);
        let at = own.inherits.as_ref().map_or(0, |i| i.at);
        let mut colour = |named: &Option<Named>| {
            let named = named.as_ref()?;
            let found = whole.palette.get(&named.text).copied().or_else(|| file::colour(&named.text));
            if found.is_none() && !own.unsure {
                let names: Vec<&str> = whole.palette.keys().map(String::as_str).collect();
                reader.fault(
                    if is_own { named.at } else { at },
                    &file::no_colour(&named.text, &nearest(&named.text, &names)),
                );
            }
            found
        };
        let (fg, bg) = (colour(&look.fg), colour(&look.bg));
        styles.insert(*role, Style { fg, bg, ..Style::default() }.add_modifier(look.modifiers));
    }
    let theme = Theme { name: own.name.clone(), styles };
    if reader.faults.is_empty() {
        readable(own, whole, &theme, reader);
    }
    theme
}

/// Every role on its ground, and those of rows on the ground of the row under the cursor.
fn readable(own: &Written, whole: &Written, theme: &Theme, reader: &mut Reader<'_>) {
    let text = theme.style(Role::Text);
    let selected = theme.style(Role::Selected);
    // Where it can be mended: its own role, its own colour, or where it is inherited from.
    let at = |role: Role| {
        if let Some(Look { at, .. }) = own.looks.get(&role) {
            return *at;
        }
        let named = whole.looks.get(&role).into_iter().flat_map(|l| [&l.fg, &l.bg]).flatten();
        let colour = named.filter_map(|n| own.colours_at.get(&n.text)).next();
        colour.copied().unwrap_or_else(|| own.inherits.as_ref().map_or(0, |i| i.at))
    };
    for role in whole.looks.keys().copied() {
        let style = theme.style(role);
        let Some(fg) = style.fg.or(text.fg) else { continue };
        let mut faint = |ground: Option<Color>, place: Role, on: &str| {
            let Some(contrast) = ground.and_then(|bg| contrast::contrast(fg, bg)) else { return };
            if contrast < role.contrast() {
                let message = format!(
                    "`{}` cannot be read {on}: contrast {:.1}, and it takes {:.1}",
                    role.name(),
                    (contrast * 10.0).floor() / 10.0,
                    role.contrast()
                );
                reader.fault(at(place), &message);
            }
        };
        let own_ground = style.bg.is_some();
        faint(style.bg.or(text.bg), role, if own_ground { "on its own ground" } else { "on the ground of `text`" });
        if role.in_rows() && !own_ground {
            faint(selected.bg, if own.looks.contains_key(&role) { role } else { Role::Selected }, "on `selected`");
        }
    }
}
