//! What a shell sees: examples, completions, man pages, settings.

use crate::corpus;
use crate::term;
use crate::words;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use signalbox::cli::config::{Config, SETTINGS};
use signalbox::cli::{Cli, examples, man};
use signalbox::sim::scenario::SHIPPED;
use signalbox::ui::{Keymap, Theme};
use term::Term;
use words::words;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every command by its path below `signalbox`.
fn paths(command: &clap::Command, above: &str, all: &mut Vec<String>) {
    for sub in command.get_subcommands() {
        let path = format!("{above} {}", sub.get_name()).trim_start().to_owned();
        paths(sub, &path, all);
        all.push(path);
    }
}

fn every_path() -> Vec<String> {
    let mut all = Vec::new();
    paths(&Cli::command(), "", &mut all);
    assert!(all.len() > 20, "{all:?}");
    all
}

/// The program with nothing of this machine's own set-up.
fn program(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
    command.args(args).current_dir(home).env_clear().env("HOME", home).stdin(Stdio::null());
    command.env("PATH", std::env::var("PATH").unwrap_or_default());
    command
}

fn both(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn every_command_has_examples_that_it_understands() {
    // Examples leave out what the settings say.
    let settings = Config::of_file(&repository("tests/config/valid/whole.toml"), true, None);
    for path in every_path() {
        let examples = examples::of(&path);
        assert!(!examples.is_empty(), "`signalbox {path}` has no example: src/cli/examples.rs");
        for (line, words_of_it) in examples {
            let read = Cli::understand(words(line).into_iter().map(Into::into), settings.clone());
            let error = read.err().map(|e| e.to_string());
            assert_eq!(error, None, "an example of `signalbox {path}`");
            assert!(line.starts_with(&format!("signalbox {}", path.split(' ').next().unwrap())), "{line}");
            assert!(!words_of_it.is_empty());
        }
        let line: Vec<&str> = ["signalbox"].into_iter().chain(path.split(' ')).chain(["--help"]).collect();
        let help = Cli::command().try_get_matches_from(line).unwrap_err().to_string();
        assert!(help.contains("Examples:") && help.contains(examples[0].0), "signalbox {path} --help:\n{help}");
    }
}

#[test]
fn completions_know_every_command_and_are_what_the_shell_reads() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = program(home.path(), &["completions", shell]).output().unwrap();
        assert!(output.status.success(), "{shell}: {}", both(&output));
        let script = String::from_utf8(output.stdout).unwrap();
        for path in every_path() {
            let last = path.rsplit(' ').next().unwrap();
            assert!(script.contains(last), "{shell} does not know `{path}`");
        }
        if shell == "bash" {
            let file = home.path().join("signalbox.bash");
            std::fs::write(&file, script).unwrap();
            // Where there is no bash, there is nobody to ask.
            if let Ok(checked) = Command::new("bash").arg("-n").arg(&file).output() {
                assert!(checked.status.success(), "{}", both(&checked));
            }
        }
    }
}

#[test]
fn every_command_has_a_man_page_with_its_flags_and_examples() {
    let home = tempfile::tempdir().unwrap();
    let output = program(home.path(), &["man", "share/man"]).output().unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let read = |name: &str| {
        let file = home.path().join("share/man").join(name);
        std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
    };
    for path in every_path() {
        let page = read(&format!("man1/signalbox-{}.1", path.replace(' ', "-")));
        assert!(page.contains(".SH EXAMPLES"), "{path}");
        assert!(page.contains(".SH SYNOPSIS"), "{path}");
    }
    let first = read("man1/signalbox.1");
    assert!(first.contains(".SH \"EXIT STATUS\""), "{first}");
    assert!(read("man1/signalbox-status.1").contains("\\-\\-json"));
    assert!(read("man5/signalbox-estate.5").contains("cluster.endpoints[].url"));
    for setting in SETTINGS {
        assert!(read("man5/signalbox-config.5").contains(&format!("\\fB{}\\fR", setting.name)), "{}", setting.name);
    }
    assert_eq!(man::pages().unwrap().len(), every_path().len() + 4);
    let printed = program(home.path(), &["man"]).output().unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), first);
}

#[test]
fn a_pipe_that_closes_is_no_crash() {
    let home = tempfile::tempdir().unwrap();
    for args in [&["completions", "zsh"][..], &["man"], &["schema"]] {
        let mut child = program(home.path(), args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = both(&output);
        assert!(!said.contains("panicked"), "{args:?}: {said}");
    }
}

/// What a settings file is found to say, or everything that is wrong with it.
fn said_of(file: &Path) -> (Vec<(String, String)>, Vec<String>) {
    let config = Config::of_file(file, true, Some("/home/ann".into()));
    let given = config.given.iter().map(|g| (g.setting.name.to_owned(), g.value.clone())).collect();
    let folder = format!("{}/", file.parent().unwrap().display());
    let faults = config.faults.iter().map(|f| f.to_string().replace(&folder, ""));
    (given, faults.collect())
}

#[test]
fn valid_settings_are_taken() {
    for file in corpus::files("tests/config/valid") {
        let (given, faults) = said_of(&file);
        assert!(faults.is_empty(), "{}: {faults:?}", file.display());
        assert!(!given.is_empty(), "{}", file.display());
    }
    let whole = repository("tests/config/valid/whole.toml");
    let (given, _) = said_of(&whole);
    let folder = whole.parent().unwrap();
    let value = |name: &str| given.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap();
    assert_eq!(given.len(), SETTINGS.len(), "whole.toml has every setting");
    assert_eq!(value("estate"), folder.join("estate.toml").display().to_string());
    assert_eq!(value("state"), "/home/ann/incidents");
    assert_eq!(value("color"), "256");
}

#[test]
fn faults_of_settings_are_told_all_at_once() {
    corpus::expected("tests/config/invalid", |_, name| {
        let file = repository("tests/config/invalid").join(name);
        said_of(&file).1.join("\n")
    });
}

#[test]
fn what_is_right_holds_whatever_else_is_wrong() {
    let file = repository("tests/config/invalid/misspelt.toml");
    let (given, faults) = said_of(&file);
    assert!(!faults.is_empty());
    assert!(given.iter().any(|(name, _)| name == "as"), "{given:?}");
}

#[test]
fn every_setting_is_the_default_of_a_flag() {
    let all: Vec<clap::Command> = {
        let mut whole = Cli::command();
        whole.build();
        whole.get_subcommands().cloned().collect()
    };
    for setting in SETTINGS {
        let found = all.iter().any(|c| c.get_arguments().any(|a| a.get_id() == setting.flag));
        assert!(found, "no command has a flag for `{}`", setting.name);
    }
}

fn write_settings(home: &Path, text: &str) {
    std::fs::create_dir_all(home.join(".config/signalbox")).unwrap();
    std::fs::write(home.join(".config/signalbox/config.toml"), text).unwrap();
}

#[test]
fn settings_are_begun_shown_and_never_overwritten() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".config/signalbox/config.toml");
    let run = |args: &[&str], env: &[(&str, &str)]| {
        let output = program(home.path(), args).envs(env.iter().copied()).output().unwrap();
        (output.status.code().unwrap(), both(&output))
    };
    assert_eq!(run(&["config", "path"], &[]), (0, format!("{}\n", file.display())));
    assert!(run(&["config", "show"], &[]).1.contains("not there"));
    assert_eq!(run(&["config", "init"], &[]).0, 0);
    let template = std::fs::read_to_string(&file).unwrap();
    for setting in SETTINGS {
        assert!(template.contains(&format!("# {} = ", setting.name)), "{template}");
    }
    // Each example is one that would be taken.
    let uncommented: String = template
        .lines()
        .filter_map(|l| l.strip_prefix("# "))
        .filter(|l| SETTINGS.iter().any(|s| l.starts_with(&format!("{} = ", s.name))))
        .fold(String::new(), |all, line| all + line + "\n");
    std::fs::write(&file, &uncommented).unwrap();
    let (code, shown) = run(&["config", "show"], &[]);
    assert_eq!(code, 0, "{shown}");
    let (code, said) = run(&["config", "init"], &[]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("left as it is"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), uncommented);

    write_settings(home.path(), "estate = \"e.toml\"\ntheme = \"light\"\n");
    let (_, shown) = run(&["config", "show"], &[("SIGNALBOX_THEME", "projector")]);
    let line = |name: &str| {
        let line = shown.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name}: {shown}"));
        line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let whole = home.path().join(".config/signalbox/e.toml").display().to_string();
    assert_eq!(line("estate")[1..], [whole.as_str(), "config.toml:1"]);
    assert_eq!(line("theme")[1..], ["projector", "environment,", "SIGNALBOX_THEME"]);
    assert_eq!(line("mouse")[1..], ["true", "built", "in"]);
    let (_, json) = run(&["config", "show", "--json"], &[]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["version"], &json["settings"][0]["value"]), (&1.into(), &whole.into()));
}

#[test]
fn the_command_line_comes_before_the_environment_before_the_file() {
    let home = tempfile::tempdir().unwrap();
    let named = |env: &[(&str, &str)], args: &[&str]| {
        let mut line = vec!["status"];
        line.extend(args);
        let output = program(home.path(), &line).envs(env.iter().copied()).output().unwrap();
        both(&output)
    };
    assert!(named(&[], &[]).contains("--estate"), "nothing names an estate");
    write_settings(home.path(), "estate = \"of-the-file.toml\"\n");
    assert!(named(&[], &[]).contains("of-the-file.toml"));
    let env = [("SIGNALBOX_ESTATE", "of-the-environment.toml")];
    assert!(named(&env, &[]).contains("of-the-environment.toml"));
    assert!(named(&env, &["--estate", "of-the-line.toml"]).contains("of-the-line.toml"));
    // The demo has an estate of its own, whatever the settings say.
    let understood = Cli::understand(
        ["signalbox", "demo"].map(Into::into),
        Config::of_file(&home.path().join(".config/signalbox/config.toml"), true, None),
    );
    assert!(!format!("{:?}", understood.unwrap()).contains("estate: Some"), "the demo took the user's estate");
}

/// What bash offers after a line, by the function of its completions.
fn offered(script: &Path, line: &[&str]) -> Option<Vec<String>> {
    let ask = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
               _signalbox signalbox \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", ask, "bash"]).arg(script).args(line).output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect())
}

#[test]
fn shells_complete_the_names_and_other_names_are_taken() {
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("signalbox.bash");
    std::fs::write(&script, program(home.path(), &["completions", "bash"]).output().unwrap().stdout).unwrap();
    let themes: Vec<&str> = Theme::names().collect();
    let keymaps: Vec<&str> = Keymap::names().collect();
    let scenarios: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    for (line, names) in [
        (&["demo", "--theme", ""][..], &themes),
        (&["console", "--keys", ""], &keymaps),
        (&["demo", "--scenario", ""], &scenarios),
        (&["sim", "--scenario", ""], &scenarios),
    ] {
        // Where there is no bash, there is nobody to ask.
        let Some(offered) = offered(&script, &[&["signalbox"], line].concat()) else { return };
        assert_eq!(&offered, names, "{line:?}");
    }
    // A command that takes a file offers none of its flags: bash itself completes file names then.
    for line in [&["signalbox", "approve", ""][..], &["signalbox", "approve", "ch"], &["signalbox", "check", ""]] {
        assert_eq!(offered(&script, line).unwrap(), Vec::<String>::new(), "{line:?}");
    }
    assert!(offered(&script, &["signalbox", "approve", "--k"]).unwrap().contains(&"--key".to_owned()));
    let line = ["signalbox", "demo", "--theme", "mine", "--keys", "./k.toml", "--scenario", "s.toml"];
    let understood = Cli::understand(line.map(Into::into), Config::default());
    assert!(understood.is_ok(), "{}", understood.unwrap_err());
}

#[test]
fn without_a_file_of_settings_it_is_said_why() {
    let home = tempfile::tempdir().unwrap();
    let run = |what: &str, config: Option<&str>| {
        let mut command = program(home.path(), &["config", what]);
        command.env_remove("HOME").env_remove("XDG_CONFIG_HOME");
        command.envs(config.map(|config| ("SIGNALBOX_CONFIG", config)));
        let output = command.output().unwrap();
        (output.status.code(), both(&output))
    };
    let (code, said) = run("path", Some(""));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("SIGNALBOX_CONFIG is empty, so there is no file of settings"), "{said}");
    let (code, said) = run("show", Some(""));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("SIGNALBOX_CONFIG is empty") && said.contains("built in"), "{said}");
    let (code, said) = run("init", None);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("set HOME or XDG_CONFIG_HOME"), "{said}");
}

#[test]
fn what_is_no_utf_8_is_told_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let file = home.path().join(".config/signalbox").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, bytes).unwrap();
        file.display().to_string()
    };
    let run = |args: &[&str]| {
        let output = program(home.path(), args).output().unwrap();
        (output.status.code(), both(&output))
    };
    let latin = b"# fine\nname = \"caf\xe9\"\n";
    let estate = write("estate.toml", latin);
    let keymap = write("keymaps/mine.toml", latin);
    for args in [&["check", &estate][..], &["check", &keymap], &["keys", "mine"], &["status", "--estate", &estate]] {
        let (code, said) = run(args);
        assert!(said.contains(".toml:2:12: the byte 0xE9 here, 18 bytes from the start, is no UTF-8"), "{said}");
        assert_eq!(code, Some(2), "{said}");
    }
    let settings = write("config.toml", latin);
    let (code, said) = run(&["config", "show"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&format!("{settings}:2:12: the byte 0xE9")), "{said}");
}

#[test]
fn settings_with_faults_stop_a_command_and_never_a_console() {
    let home = tempfile::tempdir().unwrap();
    write_settings(home.path(), "theem = \"light\"\ncolor = \"many\"\n");
    for args in [&["status", "--estate", "e.toml"][..], &["flip", "c.json", "--approval", "s", "--estate", "e.toml"]] {
        let output = program(home.path(), args).output().unwrap();
        let said = both(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("config.toml:1:1: no setting is called `theem`; did you mean `theme`?"), "{said}");
        assert!(said.contains("config.toml:2:9: ") && said.contains("SIGNALBOX_CONFIG="), "{said}");
        let without = program(home.path(), args).env("SIGNALBOX_CONFIG", "").output().unwrap();
        assert_eq!(without.status.code(), Some(1), "{}", both(&without));
    }
    let folder = home.path().join("demo");
    let args = ["demo", "--scenario", "calm", "--folder", folder.to_str().unwrap()];
    let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("http_proxy", "http://127.0.0.1:9")];
    let env = [&[("HOME", home.path().to_str().unwrap())], &proxies[..]].concat();
    let mut console = Term::start(150, 44, &args, &env);
    console.wait("no setting is called `theem`");
    console.wait("routing controls");
    console.send("\x1b");
    console.wait_for("the banner to go", |s| !s.contains("theem"));
    console.press("q");
    assert_eq!(console.end(), 0, "{}", console.text());
}
