//! Themes and keymaps as the whole program finds them: shipped, in the config folder, in a file; and what it does with
//! those that have faults, which is to open all the same.

use crate::term;

use std::path::Path;
use std::process::Command;

use term::Term;

/// A home with keymaps and a theme in its config folder.
fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let file = home.path().join(".config/signalbox").join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, text).expect("written");
    }
    home
}

fn demo(home: &Path, more: &[&str]) -> Term {
    let folder = home.join("demo");
    let mut args = vec!["demo", "--speed", "10", "--scenario", "calm", "--folder", folder.to_str().expect("a path")];
    args.extend(more);
    let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("HOME", home.to_str().expect("a path"))];
    let mut console = Term::start(120, 40, &args, &proxies);
    console.wait("5 of 5 answer");
    console
}

#[test]
fn a_keymap_of_the_config_folder_builds_on_the_one_beside_it() {
    let home = home(&[
        ("keymaps/team.toml", "name = \"team\"\ninherits = \"vim\"\n[keys]\nhelp = [\"g h\"]\n"),
        ("keymaps/mine.toml", "name = \"mine\"\ninherits = \"team\"\n[keys]\nnote = [\"N\"]\n"),
    ]);
    let mut console = demo(home.path(), &["--keys", "mine"]);
    console.send("g");
    console.wait("esc breaks it off");
    console.send("h");
    console.wait("keys mine, theme dark");
    console.send("\x1b");
    console.wait_for("the help to be closed", |s| !s.contains("keys mine"));
    console.press("Z");
    console.press("Z");
    assert_eq!(console.end(), 0, "{}", console.text());
}

#[test]
fn a_bad_keymap_and_a_bad_theme_never_stop_the_console() {
    let home = home(&[
        (
            "keymaps/mine.toml",
            "name = \"mine\"\ninherits = \"default\"\n[keys]\nnote = [\"N\"]\nreport = [\"N\", \"k\"]\n",
        ),
        ("themes/mine.toml", "name = \"mine\"\ninherits = \"drak\"\n"),
    ]);
    let mut console = demo(home.path(), &["--keys", "mine", "--theme", "mine"]);
    // However the lines are broken.
    console.wait_for("both notices", |screen| {
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        words.contains("the keymap is not used, the built-in one is")
            && words.contains("`N` is bound to both `report` and")
            && words.contains("and 1 more: `signalbox keys mine` tells all")
            && words.contains("no theme is called `drak`; did you mean `dark`?")
    });
    console.send("\x1b");
    console.wait_for("the notices to be taken away", |s| !s.contains("is not used"));
    console.send("?");
    console.wait("keys default, theme dark");
    console.send("\x1b");
    console.wait_for("the help to be closed", |s| !s.contains("keys default"));
    console.press("q");
    assert_eq!(console.end(), 0, "{}", console.text());
    // All of it stands on the terminal that is left.
    assert!(console.text().contains("mine.toml:5:11"), "{}", console.text());
}

#[test]
fn keys_shows_a_keymap_or_everything_that_is_wrong_with_it() {
    let home = home(&[(
        "keymaps/mine.toml",
        "name = \"mine\"\ninherits = \"vim\"\n[keys]\nquit = [\"Q\", \"C-q\"]\nqiut = []\n",
    )]);
    let keys = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
        let command = command.args(["keys", name]).env_clear().env("HOME", home.path());
        let output = command.output().expect("signalbox runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, out, err) = keys("vim");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("[keys]  everywhere") && out.contains("g g, Home") && out.contains("[keys.field]"), "{out}");
    let (code, out, err) = keys("mine");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("mine.toml:4:14: `C-q` is no key") && err.contains("did you mean `ctrl-q`?"), "{err}");
    assert!(err.contains("mine.toml:5:1: no action is called `qiut`; did you mean `quit`?"), "{err}");
    assert!(err.contains("2 faults"), "{err}");
    let (code, _, err) = keys("nobody");
    assert_eq!(code, Some(2));
    assert!(err.contains("no keymap is called `nobody`; there are default, vim, emacs, or a file in"), "{err}");
}

#[test]
fn a_theme_that_was_chosen_is_the_theme_of_the_next_start() {
    let settings = "theme = \"projector\"\n";
    let home = home(&[("config.toml", settings)]);
    let named = |console: &mut Term, theme: &str| {
        console.press("?");
        console.wait(&format!("theme {theme}"));
        console.send("\x1b");
        console.wait_for("the help to be closed", |s| !s.contains("keys default"));
    };
    let mut console = demo(home.path(), &[]);
    named(&mut console, "projector");
    for key in ["C", "k", "\r"] {
        console.press(key);
    }
    named(&mut console, "monochrome");
    console.send("++");
    console.press("q");
    assert_eq!(console.end(), 0, "{}", console.text());
    let mut console = demo(home.path(), &[]);
    named(&mut console, "monochrome");
    console.send("q");
    assert_eq!(console.end(), 0, "{}", console.text());
    // The command line comes before it, the settings come after it and are left as they are.
    let mut console = demo(home.path(), &["--theme", "light"]);
    named(&mut console, "light");
    console.send("q");
    assert_eq!(console.end(), 0, "{}", console.text());
    let file = home.path().join(".config/signalbox/config.toml");
    assert_eq!(std::fs::read_to_string(file).expect("the settings"), settings);
    let shown = |state: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
        command.args(["config", "show"]).env_clear().env("HOME", home.path());
        command.env("SIGNALBOX_STATE", home.path().join(state));
        let out = String::from_utf8(command.output().expect("signalbox runs").stdout).expect("text");
        let line = out.lines().find(|l| l.starts_with("theme")).expect("the theme").to_owned();
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    let left = home.path().join("demo/screen.toml").display().to_string();
    assert_eq!(shown("demo"), format!("theme monochrome chosen in the console, {left}"));
    assert_eq!(shown("elsewhere"), "theme projector config.toml:1");
}
