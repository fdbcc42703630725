//! A keymap written out whole, so that a recording needs no keymap file, and read again.

use super::file::Reader;
use super::{Bound, Key, Keymap};
use crate::fault::{Faults, Lines};

impl Keymap {
    /// The keymap as one file, with all that it inherits.
    #[must_use]
    pub fn text(&self) -> String {
        let quoted = |text: String| toml::Value::String(text).to_string();
        let mut out = format!("name = {}\n", quoted(self.name.clone()));
        let mut last = None;
        for Bound { context, action, .. } in self.table() {
            if last != Some(context) {
                out.push_str(&format!("\n{}\n", context.table()));
                last = Some(context);
            }
            let own = self.bindings.iter().filter(|b| (b.0, b.1) == (context, action));
            let keys: Vec<String> = own.map(|b| quoted(written(&b.2))).collect();
            out.push_str(&format!("{} = [{}]\n", action.name(), keys.join(", ")));
        }
        out
    }

    /// Reads what [`Keymap::text`] wrote. It was judged when it was read first: an older program's lacks newer actions.
    ///
    /// # Errors
    /// What cannot be understood, such as actions that this program does not have.
    pub fn recorded(text: &str, file: &str) -> Result<Self, Faults> {
        let mut reader = Reader { text, lines: Lines::of(text), file, level: 0, faults: Vec::new() };
        match reader.read() {
            Some(own) if reader.faults.is_empty() => Ok(Self::of(own.name, own.bindings)),
            _ => Err(Faults::sorted(reader.faults)),
        }
    }
}

fn written(keys: &[Key]) -> String {
    keys.iter().map(|k| k.written()).collect::<Vec<_>>().join(" ")
}
