//! The program in a pseudo-terminal: what it asks the terminal, what it puts on the clipboard, a theme that is saved.

use crate::term;

use std::collections::BTreeSet;
use std::path::Path;

use term::Term;

fn demo(folder: &Path, more: &[&str], env: &[(&str, &str)]) -> Term {
    let folder = folder.to_str().unwrap();
    let args =
        [&["demo", "--speed", "10", "--scenario", "calm", "--folder", folder, "--color", "always"], more].concat();
    let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("http_proxy", "http://127.0.0.1:9")];
    Term::start(100, 30, &args, &[&proxies[..], env].concat())
}

fn wrote(term: &Term, bytes: &[u8]) -> usize {
    term.raw.windows(bytes.len()).filter(|w| *w == bytes).count()
}

/// The ground of the light theme, as a terminal is told it.
const LIGHT: &[u8] = b"48;2;251;251;248";
const DARK: &[u8] = b"48;2;17;21;27";

/// Only `auto` asks `NO_COLOR`: who says `always` means it.
#[test]
fn a_colour_that_was_asked_for_is_shown_whatever_the_environment_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = demo(folder.path(), &["--theme", "dark"], &[("NO_COLOR", "1")]);
    console.wait("5 of 5 answer");
    assert!(wrote(&console, DARK) > 0);
}

/// An empty `NO_COLOR` asks for nothing (no-color.org).
#[test]
fn no_color_counts_where_something_stands_in_it() {
    let colours = |no_color: &str| {
        let folder = tempfile::tempdir().unwrap();
        let args = ["demo", "--scenario", "calm", "--theme", "dark", "--folder", folder.path().to_str().unwrap()];
        let mut console = Term::start(100, 30, &args, &[("NO_COLOR", no_color)]);
        console.wait("5 of 5 answer");
        wrote(&console, b"48;5;")
    };
    assert!(colours("") > 0);
    assert_eq!(colours("1"), 0);
}

#[test]
fn sixteen_colours_are_written_by_the_codes_that_every_terminal_knows() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let args = ["demo", "--scenario", "calm", "--theme", "dark", "--color", "16", "--folder", folder];
    let mut console = Term::start(100, 30, &args, &[]);
    console.wait("5 of 5 answer");
    for others in [b"38;5;", b"48;5;", b"38;2;", b"48;2;"] {
        assert_eq!(wrote(&console, others), 0, "{}", String::from_utf8_lossy(others));
    }
    // Not only is nothing else written: the screen has colours.
    let written = String::from_utf8_lossy(&console.raw).into_owned();
    let sequences = written.split("\x1b[").filter_map(|s| s.split_once('m')).map(|(numbers, _)| numbers);
    let codes: BTreeSet<u8> = sequences.flat_map(|s| s.split(';')).filter_map(|n| n.parse().ok()).collect();
    let texts = codes.iter().filter(|c| matches!(c, 30..=37 | 90..=97)).count();
    let grounds = codes.iter().filter(|c| matches!(c, 40..=47 | 100..=107)).count();
    assert!(texts > 3 && grounds > 0, "{codes:?}");
}

#[test]
fn a_light_terminal_gets_the_light_theme_and_its_answer_presses_no_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut console = demo(folder.path(), &["--presenter"], &[]);
    console.wait("PRESENTER");
    assert_eq!(wrote(&console, b"\x1b]11;?\x07"), 1);
    assert_eq!(wrote(&console, LIGHT), 0);
    // Late, in the middle of what is typed, and with `b`, `f` and `r` in it, which are keys.
    console.send("n");
    console.wait("a note for the timeline");
    console.send("he\x1b]11;rgb:fbfb/fbfb/f8f8\x07llo");
    console.wait_for("the note", |s| s.contains("hello"));
    console.send("\x1b");
    console.wait_for("the end of the dialog", |s| !s.contains("a note for the timeline"));
    assert!(wrote(&console, LIGHT) > 0, "the light theme is shown");
    // At dusk it turns dark, and tells so by itself, because it was asked to (mode 2031).
    assert_eq!(wrote(&console, b"\x1b[?2031h"), 1);
    let dark = wrote(&console, DARK);
    console.send("\x1b[?997;1nn");
    console.wait("a note for the timeline");
    console.send("\x1b");
    console.wait_for("the end of the dialog", |s| !s.contains("a note for the timeline"));
    assert!(wrote(&console, DARK) > dark, "the dark theme is shown");
    // Chosen by hand, and copied: the alias, not the name.
    console.send("y");
    console.wait("copied:");
    assert_eq!(wrote(&console, b"\x1b]52;c;"), 1);
    assert_eq!(wrote(&console, b"\x1bPtmux;"), 0);
    console.send("q");
    assert_eq!(console.end(), 0);
    assert_eq!(wrote(&console, b"\x1b[?2031l"), 1, "the shell is told nothing any more");
}

#[test]
fn a_saved_theme_is_shown_and_one_with_faults_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let themes = config.join("signalbox/themes");
    std::fs::create_dir_all(&themes).unwrap();
    let file = themes.join("mine.toml");
    let write = |ground: &str| {
        let text = format!("name = \"mine\"\ninherits = \"dark\"\n[palette]\nground = \"{ground}\"\n");
        std::fs::write(&file, text).unwrap();
    };
    write("nonsense");
    // A tmux of our own, which keeps what it is handed.
    let bin = folder.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let kept = folder.path().join("kept");
    let script = format!("#!/bin/sh\necho \"$@\" >{0}.args\ncat >{0}\n", kept.display());
    std::fs::write(bin.join("tmux"), script).unwrap();
    std::fs::set_permissions(bin.join("tmux"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let env =
        [("XDG_CONFIG_HOME", config.to_str().unwrap()), ("TMUX", "/tmp/tmux-0/default,1,0"), ("PATH", path.as_str())];
    let mut console = demo(folder.path(), &["--theme", "mine"], &env);
    console.wait("the theme `mine` is not taken");
    assert!(wrote(&console, DARK) > 0, "the built-in theme is shown");
    assert_eq!(wrote(&console, b"\x1b]11;?"), 0, "who chooses a theme needs no question");
    write("#102030");
    console.wait_for("the end of the banner", |s| !s.contains("mine.toml:4:10"));
    assert!(wrote(&console, b"48;2;16;32;48") > 0, "the mended theme is shown");
    write("#zzz");
    console.wait("mine.toml:4:10");
    console.send("y");
    // The first words, "copied:", may never be on a frame: tmux can be done before the next one is drawn.
    console.wait("copied, through tmux");
    assert_eq!((wrote(&console, b"\x1bPtmux;\x1b\x1b]52;c;"), wrote(&console, b"\x1b]52;c;")), (1, 2));
    // By default tmux lets neither through: it was asked itself.
    let said = |file: &str| std::fs::read_to_string(format!("{}{file}", kept.display())).unwrap();
    assert_eq!(said(".args").trim(), "load-buffer -w -");
    assert!(said("").contains("us-east"), "{}", said(""));
    std::fs::write(bin.join("tmux"), "#!/bin/sh\necho no server running >&2\nexit 1\n").unwrap();
    console.send("y");
    console.wait("not done: tmux copies it neither");
    console.send("q");
    assert_eq!(console.end(), 0);
}
