//! clap's messages about a command line, help included. They quote arguments, environment and settings.
//!
//! clap writes one string with its styles among the words. So outside text is made visible before clap gets it. Of the
//! result, only clap's own styles may bypass the print filter, and only on a terminal.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;

use clap::builder::styling::{Style, Styles};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Command, Error};

use super::exit::Exit;
use crate::hygiene::{print, visible};

/// A command whose help shows environment and settings with marks, where a reader would not see what is in them.
pub(super) fn with_marks(mut command: Command) -> Command {
    let notes: Vec<_> = command.get_arguments().filter_map(|arg| Some((arg.get_id().clone(), marks(arg)?))).collect();
    for (id, Marks { env, default }) in notes {
        command = command.mut_arg(id, |arg| {
            let said: Vec<String> = env.iter().chain(&default).cloned().collect();
            let with = |help: Option<String>| format!("{} {}", help.unwrap_or_default(), said.join(" "));
            let help = with(arg.get_help().map(ToString::to_string));
            let long = arg.get_long_help().map(ToString::to_string).map(|long| with(Some(long)));
            let arg = arg.hide_env(env.is_some()).hide_default_value(default.is_some()).help(help);
            match long {
                Some(long) => arg.long_help(long),
                None => arg,
            }
        });
    }
    command.mut_subcommands(with_marks)
}

/// What clap must not show of an argument, as it may be shown.
struct Marks {
    env: Option<String>,
    default: Option<String>,
}

fn marks(arg: &Arg) -> Option<Marks> {
    let shown = |value: &OsStr| {
        let text = value.to_string_lossy();
        let shown = visible(&text);
        (shown != text).then(|| shown.into_owned())
    };
    let value = |name: &OsStr| Some((name.to_string_lossy().into_owned(), std::env::var_os(name)?));
    let env = arg.get_env().and_then(value);
    let env = env.and_then(|(name, value)| Some(format!("[env: {name}={}]", shown(&value)?)));
    let default =
        arg.get_default_values().iter().find_map(|value| shown(value)).map(|text| format!("[default: {text}]"));
    (env.is_some() || default.is_some()).then_some(Marks { env, default })
}

/// Tells what is wrong with a command line, or the help that was asked for; the exit code.
#[must_use]
pub fn tell(mut error: Error) -> Exit {
    let hostile = quiet(&mut error, std::env::args_os());
    let ansi = error.render().ansi().to_string();
    if error.use_stderr() {
        let styled = !hostile && supports_color::on(supports_color::Stream::Stderr).is_some();
        let _ = write(&mut print::stderr(), &ansi, styled);
        Exit::Usage
    } else {
        let styled = !hostile && supports_color::on(supports_color::Stream::Stdout).is_some();
        let _ = write(&mut print::stdout(), &ansi, styled);
        Exit::Ok
    }
}

/// Makes what an error quotes visible; whether an argument has something hidden in it.
fn quiet(error: &mut Error, args: impl Iterator<Item = OsString>) -> bool {
    let hostile = args.map(|arg| arg.to_string_lossy().into_owned()).any(|arg| visible(&arg) != arg);
    let shown = |text: &String| visible(text).into_owned();
    let quoted: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(shown(text)))),
            ContextValue::Strings(all) => Some((kind, ContextValue::Strings(all.iter().map(shown).collect()))),
            // A tip repeats what was typed, among styles.
            ContextValue::StyledStrs(_) if hostile => Some((kind, ContextValue::None)),
            _ => None,
        })
        .collect();
    for (kind, value) in quoted {
        error.insert(kind, value);
    }
    hostile
}

/// Writes what clap rendered: the words through the print filter; the styles directly, or not at all.
fn write<W: std::io::Write>(door: &mut print::Door<W>, ansi: &str, styled: bool) -> std::io::Result<()> {
    let own = styles();
    let mut rest = ansi;
    let mut words = String::new();
    while let Some(first) = rest.chars().next() {
        let begins = |text: &str| !text.is_empty() && rest.starts_with(text);
        let found = own.iter().flat_map(|style| [(style, true), (style, false)]).find_map(|(style, on)| {
            let code = if on { format!("{style}") } else { format!("{style:#}") };
            begins(&code).then_some((*style, on, code.len()))
        });
        let Some((style, on, length)) = found else {
            words.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        };
        rest = rest.get(length..).unwrap_or_default();
        if styled {
            door.write_all(std::mem::take(&mut words).as_bytes())?;
            door.style(style, on)?;
        }
    }
    door.write_all(words.as_bytes())?;
    door.flush()
}

/// The styles that clap uses, the longest first: one may begin like another.
fn styles() -> Vec<Style> {
    let of = Styles::styled();
    let mut all = vec![
        *of.get_header(),
        *of.get_error(),
        *of.get_usage(),
        *of.get_literal(),
        *of.get_placeholder(),
        *of.get_valid(),
        *of.get_invalid(),
        *of.get_context(),
        *of.get_context_value(),
    ];
    all.sort_by_key(|style| std::cmp::Reverse(style.to_string().len()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(ansi: &str, styled: bool) -> String {
        let mut out = Vec::new();
        write(&mut print::Door::new(&mut out), ansi, styled).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn claps_own_styles_pass_and_nothing_else() {
        let mut command = Command::new("x").arg(Arg::new("file").long("file").env("NOTHING").help("One"));
        let help = command.render_help().ansi().to_string();
        assert!(help.contains('\x1b'), "clap styles its help");
        assert_eq!(written(&help, true), help);
        let plain = written(&help, false);
        assert!(!plain.contains('\x1b') && !plain.contains('‹') && plain.contains("Usage: x [OPTIONS]"), "{plain}");
        assert_eq!(written("a\x1b[5mb\x1b]0;c\x07\u{202e}", true), "a‹U+001B›[5mb‹U+001B›]0;c‹U+0007›‹U+202E›");
    }
}
