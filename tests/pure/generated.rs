//! What is made from the program's own tables and checked in: documentation, JSON Schemas. Written anew by
//! `UPDATE_GENERATED=1 cargo test --test pure generated`; read the difference before committing it.

use crate::support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use signalbox::cli::{Exit, docs, man};
use signalbox::ui::{Action, Keymap, Screen};
use support::Stage;
use support::eye::{buffer, lines, press};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_default()
}

/// What a file should be: its made parts as the program makes them.
fn wanted() -> Vec<(String, String)> {
    let mut files = docs::files().expect("schemas are JSON");
    for (file, name, made) in docs::sections() {
        let at = files.iter().position(|(path, _)| path == file).unwrap_or_else(|| {
            files.push((file.to_owned(), text(file)));
            files.len() - 1
        });
        let whole = &mut files[at].1;
        let (begin, end) = (format!("<!-- made: {name} -->\n"), "<!-- made: end -->");
        let from = whole.find(&begin).unwrap_or_else(|| panic!("{file} has no `{}`", begin.trim())) + begin.len();
        let to = from + whole[from..].find(end).unwrap_or_else(|| panic!("{file}: `{}` has no end", begin.trim()));
        whole.replace_range(from..to, &format!("\n{}\n", made.trim_end()));
    }
    files
}

#[test]
fn what_is_checked_in_is_what_the_program_makes() {
    let mut old = Vec::new();
    for (path, wanted) in wanted() {
        if text(&path) == wanted {
            continue;
        }
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::create_dir_all(repository(&path).parent().unwrap()).unwrap();
            std::fs::write(repository(&path), wanted).unwrap();
        } else {
            old.push(path);
        }
    }
    assert!(old.is_empty(), "out of date: {old:?}; run UPDATE_GENERATED=1 cargo test --test pure generated");
}

/// The names in one column of a page's tables.
fn column(text: &str, column: usize) -> BTreeSet<String> {
    let rows = text.lines().filter(|l| l.starts_with('|') && !l.starts_with("|--"));
    // A bar within a cell is escaped.
    let cells = rows.filter_map(|l| l.replace("\\|", "¦").split('|').nth(column).map(|c| c.trim().to_owned()));
    cells.map(|c| c.trim_matches('`').to_owned()).filter(|c| c != "action").collect()
}

#[test]
fn docs_man_page_and_keymap_name_the_same_actions() {
    let all: BTreeSet<String> = Action::ALL.iter().map(|a| a.name().to_owned()).collect();
    assert_eq!(all.len(), Action::ALL.len(), "two actions have one name");
    assert_eq!(column(&text("docs/keys.md"), 1), all, "docs/keys.md");
    let page = man::pages()
        .unwrap()
        .into_iter()
        .find(|p| p.name == "signalbox-keys" && p.section == 5)
        .expect("a page of keys")
        .text;
    // A name stands in bold alone at the start of a paragraph's line; hyphens are escaped in roff.
    let named: BTreeSet<String> =
        page.lines().filter_map(|l| Some(l.strip_prefix("\\fB")?.split("\\fR").next()?.replace("\\-", "-"))).collect();
    assert_eq!(named, all, "signalbox-keys(5)");
}

#[test]
fn help_and_palette_show_every_action_and_every_shipped_keymap_reaches_it() {
    let stage = Stage::calm();
    let seen = |keys: &str| {
        let mut screen = Screen::new(support::setup(&stage, "alice", "dark"));
        press(&mut screen, &stage, keys);
        lines(&buffer(&mut screen, &stage, (240, 140))).concat()
    };
    let help = seen("?");
    for action in Action::ALL {
        // Long words are cut or wrapped there.
        let words: String = action.words().chars().take(20).collect();
        assert!(help.contains(words.trim_end()), "{} is not in the help screen", action.name());
        // Where it is not to be had now, the reason stands in place of its words.
        let palette = seen(&format!(":{}", action.name()));
        assert!(palette.matches(action.name()).count() > 1, "{} is not in the palette", action.name());
    }
    for name in Keymap::names() {
        let keymap = Keymap::builtin(name).unwrap();
        let missing: Vec<_> = Action::ALL.iter().filter(|a| keymap.keys(**a).is_empty()).map(|a| a.name()).collect();
        assert!(missing.is_empty(), "{name} has no key for {missing:?}");
    }
}

#[test]
fn the_docs_tell_every_exit_code() {
    let page = text("docs/exit-codes.md");
    for exit in Exit::ALL {
        let row = page.lines().find(|l| l.starts_with(&format!("| {} |", exit.code())));
        assert!(row.is_some_and(|row| row.contains(exit.words())), "{exit:?}");
    }
    assert_eq!(page.lines().filter(|l| l.starts_with("| ") && !l.contains("exit code")).count(), Exit::ALL.len());
}

/// Its tables of commands, keys and exit codes belong in `docs/`.
#[test]
fn the_readme_holds_nothing_made_and_links_what_is() {
    let readme = text("README.md");
    assert!(!readme.contains("<!-- made:"));
    for page in ["docs/commands.md", "docs/keys.md", "docs/exit-codes.md"] {
        assert!(readme.contains(&format!("]({page})")), "{page}");
    }
}
