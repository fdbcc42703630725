//! What the documentation says, done: each command is run, each tour walked, each file read, each link followed.
//!
//! A block of ```sh is run as it stands, all blocks of a page in one shell, in a clone with a home folder of its own.
//! A block of ```console cannot be run like that, and the comment above it says why; `full-screen` is opened in a
//! terminal, `runs until stopped` is started before the page's blocks. Whatever is a command is at least one that the
//! program understands.

use crate::term;
use crate::words;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use boon::{Compiler, Schemas};
use serde_json::Value;
use signalbox::cli::schema::Of;
use signalbox::cli::{Cli, config::Config};
use signalbox::estate::{Estate, guiding_care};
use signalbox::sim::scenario::{SHAPES, Scenario};
use signalbox::ui::{Keymap, Theme};
use term::Term;
use words::words;

/// Why a block is not run as it stands.
const REASONS: &[&str] = &["full-screen", "runs until stopped", "takes minutes", "needs a change that waits"];

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and the pages of docs/.
fn pages() -> Vec<String> {
    let docs = std::fs::read_dir(repository().join("docs")).unwrap().map(|e| e.unwrap().path());
    let mut pages: Vec<String> = docs
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .map(|p| p.strip_prefix(repository()).unwrap().display().to_string())
        .collect();
    pages.push("README.md".into());
    pages.sort();
    assert!(pages.len() > 8, "{pages:?}");
    pages
}

fn text(page: &str) -> String {
    std::fs::read_to_string(repository().join(page)).unwrap_or_else(|e| panic!("{page}: {e}"))
}

/// A fenced block.
struct Block {
    /// `README.md:12`.
    place: String,
    /// What stands after the fence: `sh`, `toml scenario`.
    kind: String,
    /// The comment on the line above, without its marks.
    comment: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let text = text(page);
    let lines: Vec<&str> = text.lines().collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(kind) = lines[at].strip_prefix("```") {
            let end = at + 1 + lines[at + 1..].iter().position(|l| *l == "```").expect("an end of the block");
            let above = at.checked_sub(1).map_or("", |n| lines[n]);
            let comment = above.strip_prefix("<!-- ").and_then(|c| c.strip_suffix(" -->")).unwrap_or_default();
            blocks.push(Block {
                place: format!("{page}:{}", at + 1),
                kind: kind.to_owned(),
                comment: comment.to_owned(),
                text: lines[at + 1..end].join("\n") + "\n",
            });
            at = end;
        }
        at += 1;
    }
    blocks
}

/// The arguments of a line that calls this program, by either of its names.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = words(line);
    let names: [&[&str]; 3] = [&["signalbox"], &["cargo", "run", "-q", "--"], &["cargo", "run", "--"]];
    let name = names.iter().find(|name| words.len() >= name.len() && words.iter().zip(**name).all(|(w, n)| w == n))?;
    Some(words[name.len()..].to_vec())
}

/// A clone with a shim for `signalbox` and `cargo run --`, and a home folder with nothing in it.
struct Clone {
    dir: tempfile::TempDir,
    left_running: Vec<Child>,
}

impl Clone {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["themes", "keymaps", "assets"] {
            std::os::unix::fs::symlink(repository().join(folder), dir.path().join(folder)).unwrap();
        }
        for folder in ["bin", "home"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let program = env!("CARGO_BIN_EXE_signalbox");
        std::os::unix::fs::symlink(program, dir.path().join("bin/signalbox")).unwrap();
        let cargo = format!(
            "#!/bin/sh\n[ \"$1\" = run ] || exit 64\nshift\n[ \"$1\" = -q ] && shift\n[ \"$1\" = -- ] || exit 64\nshift\nexec '{program}' \"$@\"\n"
        );
        let shim = dir.path().join("bin/cargo");
        std::fs::write(&shim, cargo).unwrap();
        std::fs::set_permissions(&shim, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { dir, left_running: Vec::new() }
    }

    fn shell(&self) -> Command {
        let mut shell = Command::new("sh");
        let path = format!("{}:{}", self.dir.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
        shell.current_dir(self.dir.path()).env_clear().env("PATH", path).env("HOME", self.dir.path().join("home"));
        shell.env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null());
        shell
    }

    /// Starts what runs until it is stopped, and waits until it says that it is ready.
    fn start(&mut self, block: &Block) {
        let mut child = self.shell();
        child.args(["-c", &format!("exec {}", block.text)]).stdout(Stdio::piped());
        let mut child = child.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let ready = said.lines().map_while(Result::ok).any(|l| l.starts_with("# ready"));
        self.left_running.push(child);
        assert!(ready, "{}: it does not become ready", block.place);
    }

    fn run(&self, page: &str, blocks: &[&Block]) {
        let mut script = String::from("set -eu\n");
        for block in blocks {
            script.push_str(&format!("echo '==== {}'\n{}", block.place, block.text));
        }
        let output = self.shell().args(["-xc", &script]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{page}: {}\n{said}", output.status);
    }

    fn json(&self, file: &str) -> Option<Value> {
        Some(serde_json::from_slice(&std::fs::read(self.dir.path().join(file)).ok()?).expect("JSON"))
    }
}

impl Drop for Clone {
    fn drop(&mut self) {
        for child in &mut self.left_running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs a page's blocks; the scratch folder as they left it.
fn run(page: &str) -> Clone {
    let blocks = blocks(page);
    let mut clone = Clone::new();
    blocks.iter().filter(|b| b.comment == "runs until stopped").for_each(|b| clone.start(b));
    let to_run: Vec<&Block> = blocks.iter().filter(|b| b.kind == "sh").collect();
    assert!(!to_run.is_empty(), "{page} has nothing to run");
    clone.run(page, &to_run);
    clone
}

/// What a published schema says of a JSON output.
fn judged(of: Of, value: &Value) -> Result<(), String> {
    let mut compiler = Compiler::new();
    compiler.add_resource("it.json", serde_json::to_value(of.schema()).unwrap()).unwrap();
    let mut schemas = Schemas::new();
    let index = compiler.compile("it.json", &mut schemas).unwrap();
    schemas.validate(value, index).map_err(|e| e.to_string())
}

#[test]
fn the_commands_of_the_readme() {
    let clone = run("README.md");
    let status = clone.json("status.json").expect("status.json");
    assert_eq!(judged(Of::Status, &status), Ok(()));
    for (field, wrong) in [("version", Value::from(2)), ("at", Value::Null), ("pairs", Value::from("none"))] {
        let mut other = status.clone();
        other[field] = wrong;
        assert!(judged(Of::Status, &other).is_err(), "{field}");
    }
    assert!(judged(Of::Report, &status).is_err(), "a status is no report");
}

#[test]
fn the_commands_of_the_first_estate() {
    run("docs/first-estate.md");
}

#[test]
fn the_commands_of_the_two_person_rule() {
    run("docs/two-person-rule.md");
}

#[test]
fn the_commands_of_the_drills() {
    let clone = run("docs/drills.md");
    assert_eq!(judged(Of::Report, &clone.json("report.json").expect("report.json")), Ok(()));
}

#[test]
fn the_commands_of_every_other_page() {
    const BY_THEMSELVES: [&str; 4] = ["README.md", "docs/first-estate.md", "docs/two-person-rule.md", "docs/drills.md"];
    let others = pages().into_iter().filter(|p| !BY_THEMSELVES.contains(&p.as_str()));
    for page in others.filter(|p| blocks(p).iter().any(|b| b.kind == "sh")) {
        run(&page);
    }
}

#[test]
fn what_fills_a_screen_opens_in_a_terminal() {
    let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("http_proxy", "http://127.0.0.1:9")];
    let folder = tempfile::tempdir().unwrap();
    for block in pages().iter().flat_map(|p| blocks(p)).filter(|b| b.comment == "full-screen") {
        for line in block.text.lines().filter(|l| !l.is_empty()) {
            let mut args = arguments(line).unwrap_or_else(|| panic!("{}: {line}", block.place));
            if args[0] != "demo" {
                // A console needs its estate; that it is understood, another test says.
                continue;
            }
            args.extend(["--folder".to_owned(), folder.path().join("box").display().to_string()]);
            if let Some(at) = args.iter().position(|arg| arg == "--record") {
                args[at + 1] = folder.path().join(&args[at + 1]).display().to_string();
            }
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut console = Term::start(150, 44, &args, &proxies);
            console.wait("routing controls");
            console.send("q");
            assert_eq!(console.end(), 0, "{}: {line}\n{}", block.place, console.text());
        }
    }
}

#[test]
fn whatever_is_a_command_is_understood_and_whatever_is_not_run_says_why() {
    let settings = Config::of_file(&repository().join("tests/config/valid/whole.toml"), true, None);
    let mut read = 0;
    for block in pages().iter().flat_map(|p| blocks(p)) {
        let kind = block.kind.split(' ').next().unwrap_or_default();
        let known = ["", "sh", "console", "text", "toml", "json"].contains(&kind);
        assert!(known, "{}: what is `{kind}`?", block.place);
        if kind == "console" {
            assert!(REASONS.contains(&block.comment.as_str()), "{}: why is it not run?", block.place);
        }
        if !["console", "text"].contains(&kind) {
            continue;
        }
        for line in block.text.lines() {
            let Some(args) = arguments(line) else { continue };
            let line: Vec<String> = ["signalbox".to_owned()].into_iter().chain(args).collect();
            let understood = Cli::understand(line.iter().map(Into::into), settings.clone());
            assert!(understood.is_ok(), "{}: {line:?}: {}", block.place, understood.unwrap_err());
            read += 1;
        }
    }
    assert!(read > 30, "{read}");
}

/// What is typed: the code spans of a cell, each a key by its name or a text.
fn typed(cell: &str) -> Vec<&str> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(|key| match key {
            "enter" => "\r",
            "esc" => "\x1b",
            "space" => " ",
            "tab" => "\t",
            text => text,
        })
        .collect()
}

#[test]
fn the_tour_of_the_readme_is_as_it_says() {
    let readme = text("README.md");
    let tour = readme.split("## Ten minutes").nth(1).and_then(|t| t.split("\n## ").next()).expect("a tour");
    let rows: Vec<Vec<&str>> =
        tour.lines().filter(|l| l.starts_with('|')).skip(2).map(|l| l.split('|').collect()).collect();
    assert!(rows.len() > 8, "{tour}");
    let folder = tempfile::tempdir().unwrap();
    let args = ["demo", "--speed", "5", "--folder", folder.path().to_str().unwrap()];
    let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("http_proxy", "http://127.0.0.1:9")];
    let mut console = Term::start(150, 44, &args, &proxies);
    // The levers have to be read before one can be asked for.
    console.wait("5 of 5 answer");
    let mut last = "";
    for row in rows {
        let keys = typed(row[1]);
        for key in &keys {
            console.press(key);
        }
        if keys == ["\x1b"] {
            // A key that follows at once would be another key: escape stands before many.
            console.wait_for(&format!("“{last}” to go"), |screen| !screen.contains(last));
        }
        for seen in row[2].split("**").skip(1).step_by(2) {
            let what = format!("“{seen}” after {}", row[1]);
            let hurried = |screen: &str| screen.contains("press enter by hand");
            let screen = console.wait_for(&what, |screen| screen.contains(seen) || hurried(screen));
            // A busy machine hands on several keys at once: then it is as the program says.
            if !screen.contains(seen) {
                console.press("\r");
                console.wait_for(&what, |screen| screen.contains(seen));
            }
            last = seen;
        }
    }
    assert_eq!(console.end(), 0, "{}", console.text());
}

#[test]
fn files_in_the_pages_are_what_they_say() {
    let estate = guiding_care().unwrap();
    let mut read = BTreeSet::new();
    for block in pages().iter().flat_map(|p| blocks(p)) {
        let (place, text) = (&block.place, &block.text);
        match block.kind.as_str() {
            "toml scenario" => drop(Scenario::parse(text, place, &estate).unwrap_or_else(|f| panic!("{f}"))),
            "toml theme" => drop(Theme::parse(text, place).unwrap_or_else(|f| panic!("{f}"))),
            // What a page shows of an estate is put below the smallest one that ships.
            "toml estate" => drop(
                Estate::parse(&format!("{}\n{text}", self::text("assets/starter.toml")), place)
                    .unwrap_or_else(|f| panic!("{f}")),
            ),
            "toml keymap" => drop(Keymap::parse(text, place).unwrap_or_else(|f| panic!("{f}"))),
            _ => continue,
        }
        read.insert(block.kind.clone());
    }
    assert_eq!(read.len(), 4, "{read:?}");
}

#[test]
fn the_table_of_happenings_is_the_simulators() {
    let page = text("docs/scenarios.md");
    let code = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<String>>();
    for (what, needs, may) in SHAPES {
        let row = page.lines().find(|l| l.starts_with(&format!("| `{what}` |"))).unwrap_or_else(|| panic!("{what}"));
        let cells: Vec<&str> = row.split('|').collect();
        let all = |fields: &[&str]| fields.iter().map(|f| (*f).to_owned()).collect::<BTreeSet<String>>();
        assert_eq!((code(cells[3]), code(cells[4])), (all(needs), all(may)), "{what}");
    }
    let shipped = std::fs::read_dir(repository().join("assets/scenarios")).unwrap().count();
    assert_eq!(shipped, signalbox::sim::scenario::SHIPPED.len());
}

#[test]
fn links_lead_somewhere() {
    for page in pages() {
        // What stands between backticks is no link.
        let text: String = text(&page).split('`').step_by(2).collect();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") || link.starts_with('#') {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = repository().join(&page).parent().unwrap().join(path);
            let name = path.trim_start_matches("../");
            let name = if page.starts_with("docs/") && !path.starts_with("..") {
                format!("docs/{name}")
            } else {
                name.to_owned()
            };
            assert!(target.exists(), "{page}: {link}");
            if !anchor.is_empty() {
                let headings = self::text(&name);
                let slug = |h: &str| h.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
                assert!(headings.lines().any(|l| l.starts_with('#') && slug(l) == anchor), "{page}: {link}");
            }
        }
    }
}

/// The AWS calls in the source, as IAM names them without their service: `.get_metric_data()` is GetMetricData.
fn calls() -> BTreeSet<String> {
    let (mut files, mut folders) = (Vec::new(), vec![repository().join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if !entry.is_dir() {
                files.push(std::fs::read_to_string(entry).unwrap());
            } else if !entry.ends_with("src/sim") {
                folders.push(entry);
            }
        }
    }
    let verbs =
        ["get_", "list_", "describe_", "update_", "start_", "stop_", "create_", "delete_", "terminate_", "simulate_"];
    let mut calls = BTreeSet::new();
    // Others than those who hold an SDK client have methods of such names too.
    for text in files.iter().filter(|text| text.contains("aws_sdk_") || text.contains("sdk.")) {
        for call in text.split('.').skip(1) {
            let letter = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_';
            let name: String = call.chars().take_while(letter).collect();
            let is_call = call[name.len()..].starts_with("()") && verbs.iter().any(|v| name.starts_with(v));
            if is_call && !["get_ref", "get_mut"].contains(&name.as_str()) {
                calls.insert(name.split('_').map(capital).collect());
            }
        }
    }
    calls
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Actions that the policies name although the source has no such call: they are denied, or AWS wants them beside
/// another one. Looked up in AWS's service authorization reference.
const BESIDES: &[&str] = &[
    "drs:StartRecovery",
    "drs:TagResource",
    "route53-recovery-cluster:UpdateRoutingControlState",
    "route53-recovery-control-config:CreateRoutingControl",
    "route53-recovery-control-config:CreateSafetyRule",
    "route53-recovery-control-config:DeleteCluster",
    "route53-recovery-control-config:DeleteControlPanel",
    "route53-recovery-control-config:DeleteRoutingControl",
    "route53-recovery-control-config:DeleteSafetyRule",
    "route53-recovery-control-config:UpdateControlPanel",
    "route53-recovery-control-config:UpdateRoutingControl",
    "route53-recovery-control-config:UpdateSafetyRule",
    "route53:ChangeResourceRecordSets",
    "route53:DeleteHealthCheck",
    "route53:UpdateHealthCheck",
];

#[test]
fn policies_name_what_the_program_calls_and_nothing_else() {
    let mut named = BTreeSet::new();
    for block in blocks("docs/two-person-rule.md").iter().filter(|b| b.kind == "json iam") {
        let policy: Value = serde_json::from_str(&block.text).unwrap_or_else(|e| panic!("{}: {e}", block.place));
        assert_eq!(policy["Version"], "2012-10-17", "{}", block.place);
        for statement in policy["Statement"].as_array().expect("statements") {
            assert!(["Allow", "Deny"].contains(&statement["Effect"].as_str().unwrap()));
            assert!(statement["Resource"].is_string() && statement["Sid"].is_string(), "{}", block.place);
            let actions = statement["Action"].as_array().expect("a list of actions");
            let actions: Vec<&str> = actions.iter().map(|a| a.as_str().expect("a text")).collect();
            assert!(actions.iter().all(|a| a.contains(':') && !a.contains('*')), "{}: {actions:?}", block.place);
            let writes = actions.iter().any(|a| a.contains(":Update"));
            let allows = statement["Effect"] == "Allow";
            let no_override =
                statement["Condition"]["Bool"]["route53-recovery-cluster:AllowSafetyRulesOverrides"] == "false";
            assert!(!(writes && allows) || no_override, "{}: it lets safety rules be overridden", block.place);
            named.extend(actions.into_iter().map(str::to_owned));
        }
    }
    let mut called = calls();
    // Need no permission.
    assert!(called.remove("GetCallerIdentity") && called.remove("GetSessionToken"));
    assert!(called.len() > 20, "{called:?}");
    let operation = |action: &String| action.split_once(':').expect("service:Operation").1.to_owned();
    let missing: Vec<String> = called.difference(&named.iter().map(operation).collect()).cloned().collect();
    assert!(missing.is_empty(), "the source calls what no policy of docs/two-person-rule.md allows: {missing:?}");
    let besides = |action: &&String| !called.contains(&operation(action)) && !BESIDES.contains(&action.as_str());
    let unneeded: Vec<&String> = named.iter().filter(besides).collect();
    assert!(unneeded.is_empty(), "a policy allows what nothing calls: {unneeded:?}");
    assert!(BESIDES.iter().all(|action| named.contains(*action)), "{named:?}");
}

/// The way to the picture is by this program alone.
#[test]
fn the_pictures_are_there() {
    for page in pages() {
        for line in text(&page).lines().filter(|l| l.starts_with("![")) {
            let path = line.split("](").nth(1).and_then(|p| p.split(')').next()).expect("a path");
            let picture = repository().join(Path::new(&page).parent().unwrap()).join(path);
            let svg = std::fs::read_to_string(&picture).unwrap_or_else(|e| panic!("{}: {e}", picture.display()));
            assert!(svg.starts_with("<svg ") && svg.contains("is impaired since"), "{}", picture.display());
        }
    }
}
