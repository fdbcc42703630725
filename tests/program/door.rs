//! One door for text: nothing that somebody else wrote reaches a stream with a character in it that nobody would see,
//! whatever the command; what cannot be printed is a failure; files that people name are read to a bound.

use std::ffi::{OsStr, OsString};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use signalbox::hygiene::{hang, is_hidden, one_line, print::Door, shell, visible};
use unicode_width::UnicodeWidthStr as _;

use crate::house::rust_files;

/// What a name could do to a terminal: colours, a title, an override, no width, tags, a line, a stack of accents.
const HOSTILE: [&str; 8] = [
    "\u{1b}[31mred",
    "\u{1b}]0;title\u{7}",
    "\u{202e}desrever",
    "zero\u{200b}width",
    "tag\u{e0041}\u{e007f}",
    "\u{9b}2J",
    "a\nsignalbox: all is well",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}",
];

/// A word of a command line that stands for the hostile text.
const X: &str = "X";

/// Command lines that print what they were given. None of them waits for anything.
const LINES: &[&str] = &[
    "X",
    "--X",
    "status --X",
    "status X",
    "status --estate X",
    "status --estate estate.toml --pair X",
    "status --estate hostile.toml",
    "check X",
    "check hostile.toml",
    "check broken.toml",
    "keys X",
    "console --plain --estate estate.toml --state state --as X",
    "console --plain --estate estate.toml --state state --pair X",
    "demo --scenario X --plain --folder box",
    "demo --scenario calm --plain --estate X --folder box",
    "rehearse X",
    "rehearse calm --speed X",
    "sim --scenario X",
    "sim --estate X",
    "propose --estate estate.toml --state state --as X --to us-east-2 --reason X",
    "propose --estate estate.toml --state state --as alice --set X --reason X",
    "approve X --code X",
    "flip X --estate estate.toml --state state --approval X --as alice",
    "discover --pair X",
    "discover --endpoints X",
    "discover --refresh X",
    "discover -o X",
    "journal show X",
    "journal verify X",
    "journal show state --change X",
    "drill start X --type X",
    "drill end --estate X",
    "incident start X --as X --estate estate.toml --state state",
    "report X --journal state",
    "report --journal X",
    "report --journal state -o missing/X",
    "drills X",
    "replay X",
    "replay X --at X",
    "replay hostile.rec",
    "export-cast X",
    "export-cast hostile.rec",
    "schema --of X",
    "completions X",
    "man missing/X",
    "config X",
    "doctor --estate X",
    "help X",
];

/// Lines whose hostile text comes from the environment and the settings.
const HELPS: &[&str] = &[
    "status --help",
    "status -h",
    "console --help",
    "console -h",
    "report --help",
    "keys -h",
    "status",
    "keys",
    "config path",
    "config show",
    "config show --json",
    "journal verify",
    "report",
    "check",
];

fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
    command.current_dir(dir).env_clear().env("HOME", dir).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").stdin(Stdio::null());
    command
}

/// A folder with an estate, a journal with a drill in it, and files whose content is hostile.
fn folder(hostile: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let estate = signalbox::estate::guiding_care().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("estate.toml", &estate.to_toml().unwrap());
    let mut named = estate.clone();
    named.name = hostile.into();
    named.services[0].probes.clear();
    write("hostile.toml", &named.to_toml().unwrap());
    let quoted = serde_json::to_string(hostile).unwrap();
    write("broken.toml", &format!("name = {quoted}\n{quoted} = 3\n"));
    write("hostile.rec", &format!("{{\"signalbox\":{quoted},\"version\":1}}\n"));
    dir
}

/// Fails where a stream has a byte in it that a person would not see.
#[track_caller]
fn clean(what: &str, output: &Output) {
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let text = std::str::from_utf8(bytes).unwrap_or_else(|e| panic!("{what}: {stream}: {e}"));
        for line in text.split('\n') {
            assert!(!line.chars().any(is_hidden), "{what}: {stream} has {line:?}");
            assert_eq!(visible(line), line, "{what}: {stream}");
        }
    }
}

#[test]
fn no_argument_leaves_as_it_came() {
    let mut lies = Vec::new();
    for hostile in HOSTILE {
        let dir = folder(hostile);
        for line in LINES {
            let args = line.split(' ').map(|word| word.replace(X, hostile));
            let output = program(dir.path()).args(args).env("SIGNALBOX_STATE", "state").output().unwrap();
            let what = format!("signalbox {line} with {hostile:?}");
            clean(&what, &output);
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert!(!said.contains("panicked"), "{what}: {said}");
            // A line of its own is a line that lies.
            if said.lines().any(|l| l.starts_with("signalbox: all is well")) {
                lies.push(format!("{what}: {said}"));
            }
        }
    }
    assert!(lies.is_empty(), "{}", lies.join("\n"));
}

#[test]
fn no_variable_and_no_setting_leaves_as_it_came() {
    for hostile in HOSTILE {
        let dir = folder(hostile);
        let quoted = serde_json::to_string(hostile).unwrap();
        let settings = format!("as = {quoted}\nkeys = {quoted}\npair = {quoted}\nestate = {quoted}\n{quoted} = 1\n");
        std::fs::write(dir.path().join("settings.toml"), settings).unwrap();
        for line in HELPS {
            for variables in [
                &["SIGNALBOX_ESTATE", "SIGNALBOX_STATE", "SIGNALBOX_THEME", "SIGNALBOX_KEYS"][..],
                &["SIGNALBOX_CONFIG", "XDG_STATE_HOME", "HOME", "USER"],
            ] {
                let mut command = program(dir.path());
                command.env("SIGNALBOX_CONFIG", "settings.toml").args(line.split(' '));
                command.envs(variables.iter().map(|name| (name, hostile)));
                clean(&format!("signalbox {line} in {variables:?} of {hostile:?}"), &command.output().unwrap());
            }
        }
    }
}

#[test]
fn help_shows_a_variable_with_marks() {
    let dir = tempfile::tempdir().unwrap();
    for how in ["--help", "-h"] {
        let output = program(dir.path()).args(["status", how]).env("SIGNALBOX_ESTATE", "\u{1b}[31mX").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("[env: SIGNALBOX_ESTATE=‹U+001B›[31mX]"), "{said}");
        assert!(said.contains("The estate file"), "{said}");
    }
}

#[test]
fn bytes_that_are_no_text_leave_as_text() {
    let dir = tempfile::tempdir().unwrap();
    for args in [["check"], ["replay"]] {
        let bad = OsString::from_vec(b"a\xff\x1b[31m\xc3".to_vec());
        clean("bytes", &program(dir.path()).args(args).arg(bad).output().unwrap());
    }
}

/// On a terminal clap keeps its colours, and nobody else has any.
#[test]
fn a_terminal_gets_our_own_styles_only() {
    let dir = tempfile::tempdir().unwrap();
    let on_a_terminal = |args: &[&str], estate: &str| {
        let size = portable_pty::PtySize { rows: 60, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pty = portable_pty::native_pty_system().openpty(size).unwrap();
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_signalbox"));
        command.env_clear();
        command.cwd(dir.path());
        for (name, value) in [("HOME", "/nonexistent"), ("TERM", "xterm-256color"), ("SIGNALBOX_ESTATE", estate)] {
            command.env(name, value);
        }
        command.args(args);
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut said = Vec::new();
        // Linux ends a terminal that was left with an error.
        let _ = pty.master.try_clone_reader().unwrap().read_to_end(&mut said);
        child.wait().unwrap();
        String::from_utf8(said).unwrap()
    };
    let help = on_a_terminal(&["status", "--help"], "estate.toml");
    assert!(help.contains("\u{1b}[1m\u{1b}[4mUsage:\u{1b}[0m"), "{help:?}");
    let hostile = on_a_terminal(&["status", "--help"], "\u{1b}[31mX\u{202e}");
    assert!(hostile.contains("‹U+001B›[31mX‹U+202E›") && !hostile.contains("\u{1b}[31mX"), "{hostile:?}");
    let wrong = on_a_terminal(&["status", "--no-such"], "estate.toml");
    assert!(wrong.contains("\u{1b}[31merror:\u{1b}[0m"), "{wrong:?}");
    let hostile = on_a_terminal(&["status", "--\u{1b}[31m\u{1b}[5mx"], "estate.toml");
    assert!(!hostile.contains('\u{1b}') && hostile.contains("‹U+001B›[5mx"), "{hostile:?}");
}

/// A simulator of this test's own.
struct Sim {
    dir: tempfile::TempDir,
    child: Child,
}

impl Sim {
    fn new() -> Self {
        Self::with_folder("box")
    }

    /// Whose files are in a folder of that name.
    fn with_folder(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut child = program(dir.path())
            .args(["sim", "--scenario", "calm", "--folder", name])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = std::io::BufReader::new(child.stdout.take().unwrap());
        let ready = std::io::BufRead::lines(said).map_while(Result::ok).any(|l| l.starts_with("# ready"));
        assert!(ready, "the simulator starts");
        Self { dir, child }
    }

    fn program(&self) -> Command {
        let mut command = program(self.dir.path());
        command.env("SIGNALBOX_ESTATE", "box/estate.toml").env("SIGNALBOX_STATE", "box/state");
        command
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Commands that print, on a good estate.
const PRINTING: &[&str] = &[
    "status",
    "status --json",
    "status --help",
    "--version",
    "doctor",
    "doctor --json",
    "discover --endpoints box/estate.toml",
    "check box/estate.toml",
    "schema",
    "keys",
    "journal show",
    "journal show --json",
    "journal verify",
    "report",
    "report --format json",
    "drills",
    "drills --json",
    "config path",
    "config show",
    "config show --json",
    "completions bash",
    "man",
    "sim --scenario list",
    "propose --key box/alice --to us-east-2 --reason test --quick --despite untimed -o change.json",
];

#[test]
fn what_a_full_disk_does_not_take_is_a_failure() {
    let sim = Sim::new();
    for drill in ["drill start D1 --type monthly --key box/alice", "drill end --key box/alice"] {
        assert!(sim.program().args(drill.split(' ')).output().unwrap().status.success(), "{drill}");
    }
    for line in PRINTING {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = sim.program().args(line.split(' ')).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        assert!(said.contains("failed to print: No space left"), "{line}: {said}");
        assert_eq!(said.matches("failed to print").count(), 1, "{line}: {said}");
        // A reader that has gone away is none.
        let mut child =
            sim.program().args(line.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("failed to print") && !said.contains("panicked"), "{line}: {said}");
        let well = sim.program().args(line.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), well.status.code(), "{line}: {said}");
        clean(line, &well);
    }
}

#[test]
fn files_that_people_name_are_read_to_a_bound() {
    let dir = folder("x");
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    let made = Command::new("mkfifo").arg(dir.path().join("pipe")).status().unwrap();
    assert!(made.success());
    let lines = [
        "check X",
        "status --estate X",
        "keys ./X",
        "report --presenter --estate X --journal state",
        "sim --scenario X",
        "sim --estate X",
        "demo --plain --estate X --folder box",
        "demo --plain --scenario X --folder box",
        "discover --endpoints X",
        "discover --refresh X",
        "replay X",
        "export-cast X",
        "flip X --estate estate.toml --state state --approval a.sig --as alice --to us-east-2",
        "approve X --code x",
        "approve change.json --code x --estate X",
    ];
    for line in lines {
        for (file, why) in [("/dev/zero", "longer than"), ("pipe", "nobody writes"), ("folder", "folder")] {
            // A name with a slash is a file's, also where a name would do.
            let file = if file.starts_with('/') { file.to_owned() } else { format!("./{file}") };
            let begun = Instant::now();
            let args = line.replace("./X", X).replace(X, &file);
            let output = program(dir.path()).args(args.split(' ')).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(matches!(output.status.code(), Some(1..=3)), "{args}: {said}");
            assert!(begun.elapsed() < Duration::from_secs(20), "{args}: {said}");
            let plain = said.contains("a pipe or a device");
            let other = args.starts_with("report") || args.starts_with("approve change");
            assert!(said.contains(why) || plain || other, "{args}: {said}");
        }
    }
    // A pipe that somebody writes into is a file like another.
    let mut child = program(dir.path()).args(["check", "pipe"]).stdout(Stdio::piped()).spawn().unwrap();
    let text = std::fs::read(dir.path().join("estate.toml")).unwrap();
    std::fs::OpenOptions::new().write(true).open(dir.path().join("pipe")).unwrap().write_all(&text).unwrap();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success() && said.contains("estate guiding-care"), "{said}");
    // So is standard input, and it has a bound as well.
    let zero = std::fs::File::open("/dev/zero").unwrap();
    let output = program(dir.path()).args(["check", "-"]).stdin(zero).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("longer than 16 MiB"), "{said}");
}

/// Names that do something to a shell, as they come back from one.
#[test]
fn a_word_to_be_pasted_is_one_word() {
    let names = [
        "a b",
        "it's",
        "$(touch x)",
        "`x`",
        "a\nb",
        "~",
        "~root",
        "=ls",
        "-rf",
        "a\u{202e}b\u{1b}",
        "\\",
        "!!",
        "データ",
        "a\u{301}\u{301}\u{301}\u{301}\u{301}",
        "*?[a]",
        "#x",
        "",
        "a;b|c&d>e<f",
        "{a,b}",
    ];
    for name in names {
        let word = shell::word(name);
        assert!(!word.chars().any(is_hidden), "{word:?}");
        let command = format!("printf '%s' {word}");
        let output = Command::new("bash").args(["-c", &command]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), name, "{word}");
        if !name.is_empty() {
            let two = [word.as_str(), "x"].join(" ");
            assert_eq!(shell::words(&two), [word, "x".into()]);
        }
    }
    assert_eq!(shell::path("-rf"), "./-rf");
    let bytes = OsStr::from_bytes(b"\xff it's.json");
    assert_eq!(shell::path(bytes), r"$'\377\040it\'s.json'", "a name that is no text");
    for shell in ["bash", "zsh"] {
        let line = format!("printf %s {}", shell::path(bytes));
        if let Ok(printed) = Command::new(shell).args(["-c", &line]).output() {
            assert_eq!(printed.stdout, bytes.as_bytes(), "{shell}");
        }
    }
}

/// The simulator's `env` is sourced by shells, whatever its folder is called.
#[test]
fn the_simulators_env_file_can_be_sourced_from_any_folder() {
    let name = "my 'box' $(touch gone)";
    let sim = Sim::with_folder(name);
    let dir = sim.dir.path();
    let folder = dir.join(name);
    let script = "set -e; . \"$1\"; printf '%s' \"$SIGNALBOX_ESTATE\"";
    for shell in ["bash", "sh"] {
        let output =
            Command::new(shell).args(["-c", script, "x"]).arg(folder.join("env")).current_dir(dir).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), folder.join("estate.toml").to_str().unwrap(), "{shell}");
    }
    assert!(!dir.join("gone").exists());
}

/// By shape: only the door and the terminal have the streams themselves.
#[test]
fn nothing_prints_beside_the_door() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut read = 0;
    for file in rust_files(&src) {
        let within = file.strip_prefix(&src).unwrap().display().to_string();
        read += 1;
        // The terminal writes frames whose every text has been through the door of the screen.
        if ["hygiene/print.rs", "runtime/terminal.rs"].contains(&within.as_str()) {
            continue;
        }
        for (n, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let prints = ["println!", "print!", "dbg!"].iter().any(|m| code.contains(m));
            let streams = ["stdout()", "stderr()"].iter().any(|s| {
                code.match_indices(s).any(|(at, _)| {
                    let own = code[..at].ends_with("print::") || code[..at].ends_with('_');
                    !own && !code[at + s.len()..].starts_with(".is_terminal()")
                })
            });
            if prints || streams {
                wrong.push(format!("{within}:{}: {}", n + 1, line.trim()));
            }
        }
    }
    assert!(read > 100, "only {read} files were read: the test looks in the wrong place");
    assert!(wrong.is_empty(), "what prints goes through hygiene::print:\n{}", wrong.join("\n"));
}

/// By shape: what people name is opened by `files`, which never waits and has a bound.
#[test]
fn nothing_reads_a_named_file_without_a_bound() {
    // Files of the system, and those of ours that are checked otherwise.
    const OWN: [&str; 8] = [
        "files.rs",
        "runtime/input/mod.rs",
        "runtime/clock/boot.rs",
        "signing/folder.rs",
        "journal/mod.rs",
        "journal/reader.rs",
        "journal/identity.rs",
        "journal/torn.rs",
    ];
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&src) {
        let within = file.strip_prefix(&src).unwrap().display().to_string();
        if OWN.contains(&within.as_str()) {
            continue;
        }
        for (n, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let opens = |at: usize| !code[..at].ends_with(char::is_alphanumeric);
            if ["fs::read_to_string(", "fs::read("].iter().any(|c| code.contains(c))
                || code.match_indices("File::open(").any(|(at, _)| opens(at))
            {
                wrong.push(format!("{within}:{}: {}", n + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "`files` reads what people name:\n{}", wrong.join("\n"));
}

/// Every character that Unicode itself calls ignorable, bidirectional, control, format or private is hidden.
#[test]
fn what_unicode_calls_invisible_is_hidden() {
    use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory, NoncharacterCodePoint};
    use icu_properties::{CodePointMapData, CodePointSetData};
    let category = CodePointMapData::<GeneralCategory>::new();
    let sets = [
        CodePointSetData::new::<DefaultIgnorableCodePoint>(),
        CodePointSetData::new::<BidiControl>(),
        CodePointSetData::new::<NoncharacterCodePoint>(),
    ];
    for c in '\0'..=char::MAX {
        use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator, PrivateUse};
        let kind = category.get(c);
        let must = matches!(kind, Control | Format | LineSeparator | ParagraphSeparator | PrivateUse)
            || sets.iter().any(|set| set.contains(c));
        assert!(!must || is_hidden(c), "U+{:04X} ({kind:?}) is shown", u32::from(c));
        // Letters, marks, numbers, punctuation and symbols are not, but for those that are blank.
        let blank = matches!(c, '\u{2800}' | '\u{1d159}' | '\u{16fe4}' | '\u{fffc}');
        assert!(must || blank || !is_hidden(c), "U+{:04X} ({kind:?}) is hidden", u32::from(c));
    }
}

#[test]
fn one_line_has_no_room_for_lines_and_columns_of_its_own() {
    assert_eq!(one_line("  INC-4471\u{a0}\u{2003}\u{3000}\t\r\n  data loss   none "), "INC-4471 data loss none");
    assert_eq!(one_line("a\u{2028}b\u{85}c\u{202f}d"), "a b c d");
    assert_eq!(one_line("\u{2800}\u{2800}x"), "‹U+2800›‹U+2800›x");
    assert_eq!(one_line("a \u{332}\u{332}b"), "a ‹U+0332›\u{332}b");
    assert_eq!(one_line("東京 リージョン é"), "東京 リージョン é");
    assert!(matches!(one_line("plain text"), std::borrow::Cow::Borrowed(_)));
}

/// What is left of a text when nobody cares how it is spaced.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Any text, with what makes trouble more often than chance has it.
fn any_text() -> impl Strategy<Value = String> {
    let trouble = proptest::sample::select(vec![
        " ",
        "  ",
        "\n",
        "\t",
        "\u{a0}",
        "\u{3000}",
        "e\u{301}\u{302}",
        "\u{332}",
        "データ",
        "\u{1f6e1}\u{fe0f}",
        "\u{200d}",
        "क्ष्क्ष्क्ष्क्ष्",
        "각",
        "  approve until     12:00",
        "\u{1b}[2J",
        "🇩🇪",
        "x",
    ]);
    let piece = prop_oneof![trouble.prop_map(str::to_owned), "\\PC{0,12}", ".{0,6}", "[a-z]{0,40}"];
    proptest::collection::vec(piece, 0..14).prop_map(|all| all.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn visible_twice_is_visible_once(text in any_text()) {
        let once = visible(&text).into_owned();
        prop_assert!(!once.chars().any(is_hidden));
        prop_assert_eq!(visible(&once).into_owned(), once.clone());
        let line = one_line(&text).into_owned();
        prop_assert_eq!(one_line(&line).into_owned(), line.clone());
        prop_assert!(!line.contains("  ") && line.trim() == line && !line.chars().any(|c| c.is_whitespace() && c != ' '));
    }

    /// Whatever pieces it comes in, the door lets the same through, and nothing hidden.
    #[test]
    fn the_door_passes_bytes_in_any_pieces(text in any_text(), cuts in proptest::collection::vec(0usize..64, 0..6)) {
        let whole = through(&[text.as_bytes()]);
        let mut pieces = Vec::new();
        let mut rest = text.as_bytes();
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(through(&pieces), whole.clone());
        let lines: Vec<String> = text.split('\n').map(|line| visible(line).into_owned()).collect();
        prop_assert_eq!(whole, lines.join("\n"));
    }

    #[test]
    fn lines_hang_under_their_label(text in any_text(), label in 0usize..30, more in 8usize..90) {
        let columns = label + more;
        let lines = hang(label, columns, &text);
        let indent = " ".repeat(label);
        let mut values = Vec::new();
        for (i, line) in lines.iter().enumerate() {
            let value = if i == 0 { Some(line.as_str()) } else { line.strip_prefix(&indent) };
            prop_assert!(value.is_some(), "line {i} begins left of the label: {line:?}");
            let value = value.unwrap();
            prop_assert!(!value.starts_with(char::is_whitespace) && (i == 0 || !value.is_empty()), "{value:?}");
            prop_assert!(label + value.width() <= columns, "{value:?} is wider than {columns} - {label}");
            values.push(value);
        }
        prop_assert_eq!(letters(&values.concat()), letters(&one_line(&text)));
        // Blanks between words stay, where a line does not end.
        prop_assert!(values.iter().all(|v| !v.contains("  ")));
    }

    /// A shell reads a word back as the name that it was.
    #[test]
    fn words_of_a_command_stay_words(names in proptest::collection::vec("\\PC{1,12}", 1..5)) {
        let words: Vec<String> = names.iter().map(|name| shell::word(name)).collect();
        prop_assert_eq!(shell::words(&words.join(" ")), words.clone());
        prop_assert!(words.iter().all(|w| visible(w) == w.as_str()), "{:?}", words);
    }
}

fn through(pieces: &[&[u8]]) -> String {
    let mut out = Vec::new();
    let mut door = Door::new(&mut out);
    pieces.iter().for_each(|piece| door.write_all(piece).unwrap());
    drop(door);
    String::from_utf8(out).unwrap()
}
