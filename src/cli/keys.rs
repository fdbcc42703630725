//! `signalbox keys`: which key does what in a keymap, or everything that is wrong with it.

use clap::Args;

use super::common::config_folder;
use super::exit::Exit;
use super::io::Io;
use super::known::KEYMAPS;
use crate::hygiene::visible;
use crate::runtime::shelf;
use crate::ui::{Context, Keymap};

/// Show a keymap, or all of its faults
///
/// Your own keymaps are in the folder keymaps of your settings. Every fault is reported with file:line:column.
#[derive(Args, Clone, Debug)]
pub struct KeysArgs {
    /// A shipped keymap (default, vim, emacs), one of your own, or a file
    #[arg(value_name = "NAME|FILE", default_value = "default", env = "SIGNALBOX_KEYS", value_parser = KEYMAPS, hide_possible_values = true)]
    pub keymap: String,
}

/// Runs `signalbox keys`: 0 when the keymap is good, 2 when it has faults.
pub fn run(args: &KeysArgs, io: &mut Io<'_>) -> Exit {
    let keymap: Keymap = match shelf::named(&args.keymap, config_folder().as_deref()) {
        Ok(keymap) => keymap,
        Err(faults) => {
            for fault in faults.lines() {
                drop(writeln!(io.err, "{}", visible(fault)));
            }
            let n = faults.lines().count();
            drop(writeln!(io.err, "✖ {}: {n} {}", visible(&args.keymap), if n == 1 { "fault" } else { "faults" }));
            return Exit::Usage;
        }
    };
    let mut last = None;
    for bound in keymap.table() {
        if last != Some(bound.context) {
            let name = if bound.context == Context::Anywhere {
                "keys".to_owned()
            } else {
                format!("keys.{}", bound.context.name())
            };
            drop(writeln!(io.out, "{}[{name}]  {}", if last.is_some() { "\n" } else { "" }, bound.context.words()));
            last = Some(bound.context);
        }
        let danger = if bound.action.dangerous() { " ▲" } else { "" };
        let keys = bound.keys.join(", ");
        drop(writeln!(io.out, "{:<14} {keys:<22} {}{danger}", bound.action.name(), bound.action.words()));
    }
    Exit::Ok
}
