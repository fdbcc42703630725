//! The arrows of the house: which room may use which. Read off the `use` lines, so a wrong one cannot creep in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each room with the rooms it may use. A room that is missing here fails the test: say where it belongs.
const ARROWS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("hygiene", &[]),
    ("files", &[]),
    ("fault", &["hygiene"]),
    ("estate", &["fault", "time", "hygiene"]),
    ("mask", &["estate"]),
    ("event", &["change", "effect", "estate", "record", "time"]),
    ("effect", &["change", "estate", "event", "record", "time"]),
    ("plain", &["change", "estate", "event", "fault", "hygiene", "model", "record", "time", "words"]),
    ("record", &["change", "estate", "event", "time"]),
    ("words", &["change", "estate", "event", "record", "time"]),
    ("change", &["estate", "event", "hygiene", "record", "time"]),
    ("model", &["change", "effect", "estate", "event", "hygiene", "mask", "record", "time", "words"]),
    ("ui", &["change", "estate", "fault", "event", "hygiene", "mask", "model", "record", "time", "words"]),
    ("replay", &["estate", "event", "files", "hygiene", "model", "time", "ui"]),
    ("aws", &["estate", "event", "files", "hygiene", "time"]),
    ("arc", &["aws", "change", "effect", "estate", "event", "time"]),
    ("launch", &["aws", "effect", "event"]),
    ("feeds", &["arc", "aws", "change", "estate", "event", "launch", "time"]),
    ("report", &["change", "estate", "event", "hygiene", "mask", "model", "record", "time", "words"]),
    ("pack", &["change", "estate", "hygiene", "time"]),
    ("journal", &["change", "estate", "event", "files", "hygiene", "record", "time"]),
    ("signing", &["change", "estate", "files", "hygiene"]),
    ("discover", &["arc", "aws", "estate", "hygiene", "fault", "time"]),
    ("sim", &["estate", "files", "time"]),
    (
        "runtime",
        &[
            "arc", "aws", "change", "effect", "estate", "event", "fault", "feeds", "files", "hygiene", "journal",
            "launch", "model", "plain", "record", "replay", "report", "signing", "time", "ui", "words",
        ],
    ),
    (
        "cli",
        &[
            "arc", "aws", "change", "discover", "effect", "estate", "event", "fault", "feeds", "files", "hygiene",
            "journal", "launch", "mask", "model", "pack", "plain", "record", "replay", "report", "runtime", "signing",
            "sim", "time", "ui", "words",
        ],
    ),
];

/// Only the runtime watches the incident folder: a screen that could say so could hand signatures in for anybody.
#[test]
fn no_screen_speaks_for_the_incident_folder() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let said: Vec<_> = rust_files(&src)
        .into_iter()
        .filter(|f| std::fs::read_to_string(f).expect("readable").contains("Courier::incident_folder"))
        .map(|f| f.strip_prefix(&src).expect("a file of src").display().to_string())
        .collect();
    assert_eq!(said, ["runtime/engine.rs"]);
}

/// Who plays a recording has nothing to act with: no engine, no cluster, no journal.
#[test]
fn nothing_that_replays_can_act() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/runtime/playback.rs");
    let text = std::fs::read_to_string(file).expect("readable");
    let used: Vec<&str> = text.lines().filter(|l| l.contains("use ") || l.contains("super::")).collect();
    assert!(!used.is_empty(), "the test looks in the wrong place");
    for actor in ["engine", "Engine", "keeper", "Keeper", "arc::", "aws::", "feeds", "journal", "signing", "effect"] {
        assert!(!used.iter().any(|line| line.contains(actor)), "playback uses `{actor}`: {used:?}");
    }
}

/// Who reads the cluster has no client to write with: one file makes them, and it alone knows the call.
#[test]
fn only_one_file_writes_to_arc() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for call in ["update_routing_control_state", ".arc("] {
        let said: Vec<_> = rust_files(&src)
            .into_iter()
            .filter(|f| std::fs::read_to_string(f).expect("readable").contains(call))
            .map(|f| f.strip_prefix(&src).expect("a file of src").display().to_string())
            .collect();
        assert_eq!(said, ["arc/write.rs"], "{call}");
    }
}

/// Who reads Elastic Disaster Recovery only describes: one file asks it to do something, and it asks one thing.
#[test]
fn only_one_file_writes_to_drs() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    // What the service can be asked to do, by how its names begin: all but `describe` and `list` change something.
    let changes = [
        "start_",
        "stop_",
        "terminate_",
        "disconnect_",
        "create_",
        "delete_",
        "update_",
        "put_",
        "reverse_",
        "retry_",
        "initialize_",
        "associate_",
        "disassociate_",
        "export_",
        "import_",
        "tag_",
        "untag_",
    ];
    let (mut readers, mut writers, mut clients) = (Vec::new(), Vec::new(), Vec::new());
    for file in rust_files(&src).into_iter().filter(|f| !f.starts_with(src.join("sim"))) {
        let text = std::fs::read_to_string(&file).expect("readable");
        let name = file.strip_prefix(&src).expect("a file of src").display().to_string();
        let client = text.contains("sdk.drs(") || text.contains("acting.drs(");
        if client {
            clients.push(name.clone());
        }
        if text.contains("aws_sdk_drs") || client {
            let calls = text.match_indices('.').map(|(at, _)| &text[at + 1..]);
            let called = calls.filter(|rest| changes.iter().any(|verb| rest.starts_with(verb)));
            let asks = |rest: &&str| rest.split_once("()").is_some_and(|(name, _)| name.chars().all(is_of_a_name));
            match called.filter(asks).count() {
                0 => readers.push(name),
                _ => writers.push(name),
            }
        }
    }
    assert_eq!(writers, ["launch.rs"], "who only reads: {readers:?}");
    assert!(readers.len() >= 3 && clients.len() == 6, "the test looks in the wrong place: {readers:?} {clients:?}");
    let launch = std::fs::read_to_string(src.join("launch.rs")).expect("readable");
    let asks = |call: &str| launch.matches(call).count();
    assert_eq!(
        (asks("acting.drs("), asks(".start_recovery()"), asks(".send()")),
        (1, 1, 1),
        "it asks more than one thing"
    );
}

/// What looks at the world goes by clients that `doctor --without` can keep away from it: nobody else makes any. Notices
/// are sent by one of their own, which looks at nothing.
#[test]
fn every_call_outwards_goes_through_a_door_that_can_be_shut() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (maker, makers) in [
        ("Client::from_conf(", &["aws.rs", "aws/credentials/sts.rs"][..]),
        ("ConnectionPool::builder", &["aws/wires.rs"]),
        ("ConnectorBuilder::default", &["aws/wires.rs"]),
        ("Client::builder()", &["aws/web.rs", "runtime/notify/way.rs"]),
        ("reqwest::get(", &[]),
        ("reqwest::Client::new", &[]),
        ("NameServerPool::from_config", &["feeds/dns/strict.rs"]),
        ("TcpStream::connect", &[]),
        ("UdpSocket::bind", &[]),
        ("lookup_host", &[]),
    ] {
        let mut said: Vec<_> = rust_files(&src)
            .into_iter()
            .filter(|f| !f.starts_with(src.join("sim")))
            .filter(|f| std::fs::read_to_string(f).expect("readable").contains(maker))
            .map(|f| f.strip_prefix(&src).expect("a file of src").display().to_string())
            .collect();
        said.sort();
        assert_eq!(said, makers, "{maker}");
    }
    // In those files, what is made is kept away: the SDK's by the ways, the others by asking first.
    let text = |file: &str| std::fs::read_to_string(src.join(file)).expect("readable");
    for file in ["aws.rs", "aws/credentials/sts.rs"] {
        let (made, by_ways) =
            (text(file).matches("Client::from_conf(").count(), text(file).matches("wires.to(").count());
        assert!(made >= 1 && by_ways >= made, "{file}: {made} clients, {by_ways} ways");
    }
    assert_eq!(text("aws/wires.rs").matches("self.outage.keep_away(inner, target)").count(), 1);
    assert_eq!(text("aws/web.rs").matches("self.outage.pass(target, url").count(), 1);
    assert_eq!(text("feeds/dns/strict.rs").matches("self.outage.pass_resolver(").count(), 1);
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_lowercase() || c == '_'
}

#[test]
fn no_arrow_runs_the_wrong_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rooms: BTreeSet<&str> = ARROWS.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    let mut read = 0;
    for file in rust_files(&src) {
        let within = file.strip_prefix(&src).expect("a file of src");
        let first = within.components().next().expect("a name").as_os_str().to_string_lossy();
        let room = first.trim_end_matches(".rs").to_owned();
        if room == "lib" || room == "main" {
            continue;
        }
        let Some((_, may)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: room `{room}` stands in no arrow", within.display()));
            continue;
        };
        read += 1;
        let text = std::fs::read_to_string(&file).expect("readable");
        for (line, used) in rooms_used(&text) {
            if rooms.contains(used.as_str()) && used != room && !may.contains(&used.as_str()) {
                wrong.push(format!("{}:{line}: `{room}` uses `{used}`", within.display()));
            }
        }
    }
    assert!(read > 30, "only {read} files were read: the test looks in the wrong place");
    assert!(wrong.is_empty(), "arrows that run the wrong way:\n{}", wrong.join("\n"));
}

/// What a file names of its own crate, `crate::NAME` and each NAME of a list `crate::{NAME::…, NAME}`, with the lines.
fn rooms_used(text: &str) -> Vec<(usize, String)> {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect();
    let mut used = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let begin = at + found.len();
        let mut depth = 0_usize;
        // A name counts where a path may begin: at once, or in the outer list behind `{` or `,`.
        let mut begins = true;
        for (i, c) in code[begin..].char_indices() {
            match c {
                '{' => (depth, begins) = (depth + 1, depth == 0),
                '}' => depth = depth.saturating_sub(1),
                ',' => begins = depth == 1,
                c if c.is_whitespace() => {}
                c if begins && (c.is_alphabetic() || c == '_') => {
                    let line = code[..begin + i].matches('\n').count();
                    let name =
                        code[begin + i..].split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                    used.push((line + 1, name.to_owned()));
                    begins = false;
                }
                _ => begins = false,
            }
            if depth == 0 && !begins {
                break;
            }
        }
    }
    used
}

#[test]
fn every_name_of_a_list_is_read() {
    let text =
        "use crate::{a::X, b::{self, c}, // crate::d\n e};\nuse crate::f::{g, h};\nlet x = crate::i::J { crate::k };";
    let names: Vec<_> = rooms_used(text).into_iter().map(|(line, name)| format!("{line}{name}")).collect();
    assert_eq!(names, ["1a", "1b", "2e", "3f", "4i", "4k"]);
}

/// Every Rust file of a folder, and of those in it.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable folder") {
        let path = entry.expect("readable entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// `cargo run` and `cargo test` use one build of every dependency: the tests add no feature to a crate of the program.
#[test]
fn the_program_and_its_tests_are_one_build() {
    let features = |edges: &str| -> BTreeSet<String> {
        let tree = ["tree", "--locked", "--offline", "--prefix", "none", "--format", "{p} {f}", "--edges", edges];
        let out = Command::new(env!("CARGO")).current_dir(env!("CARGO_MANIFEST_DIR")).args(tree).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8(out.stdout).unwrap();
        text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    };
    let (program, tests) = (features("normal,build"), features("normal,build,dev"));
    assert!(program.len() > 100, "{program:?}");
    let built_twice: Vec<_> = program.difference(&tests).collect();
    assert!(built_twice.is_empty(), "{built_twice:#?}");
}

/// What the tests of a binary do without: `pure` starts in a moment and needs nothing of the machine.
const WITHOUT: &[(&str, &[&str])] = &[
    ("pure", &["Command::new", "CARGO_BIN_EXE", "TcpListener", "TcpStream", "UdpSocket", "UnixListener", "tokio"]),
    ("wire", &["CARGO_BIN_EXE"]),
    ("program", &[]),
];

/// Nothing looks for tests by itself (`autotests = false`): a file that no binary declares would never run.
#[test]
fn every_test_file_is_a_module_of_one_binary_and_in_the_right_one() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut wrong = Vec::new();
    let mut read = 0;
    for file in rust_files(&tests) {
        let within = file.strip_prefix(&tests).expect("a file of tests");
        if within.starts_with("support") || within.ends_with("main.rs") {
            continue;
        }
        let first = within.iter().next().and_then(|f| f.to_str()).expect("a name");
        let Some((_, without)) = WITHOUT.iter().find(|(binary, _)| *binary == first) else {
            wrong.push(format!("{}: in no binary's folder", within.display()));
            continue;
        };
        read += 1;
        let module = if file.ends_with("mod.rs") { file.parent().expect("a folder").to_owned() } else { file.clone() };
        let (name, folder) = (module.file_stem().expect("a name"), module.parent().expect("a folder"));
        let declared = [folder.join("main.rs"), folder.join("mod.rs"), folder.with_extension("rs")]
            .iter()
            .filter_map(|above| std::fs::read_to_string(above).ok())
            .any(|text| text.lines().any(|l| l.ends_with(&format!("mod {};", name.display()))));
        if !declared {
            wrong.push(format!("{}: no `mod {};` above it", within.display(), name.display()));
        }
        let text = std::fs::read_to_string(&file).expect("readable");
        let used = without.iter().filter(|word| text.contains(**word));
        wrong.extend(used.map(|word| format!("{}: `{word}` is not for `{first}`", within.display())));
    }
    assert!(read > 60, "only {read} files were read: the test looks in the wrong place");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The documented policies allow what the program calls, and nothing that it does not: each call of the SDK by the action
/// of its service, both ways.
#[test]
fn the_documented_policies_are_the_calls() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/two-person-rule.md")).expect("readable");
    let services = [
        ("aws_sdk_route53recoverycluster", ".arc(", "route53-recovery-cluster"),
        ("aws_sdk_route53recoverycontrolconfig", ".control_config(", "route53-recovery-control-config"),
        ("aws_sdk_cloudwatch", ".cloudwatch(", "cloudwatch"),
        ("aws_sdk_drs", ".drs(", "drs"),
        ("aws_sdk_ec2", ".ec2(", "ec2"),
        ("aws_sdk_route53:", ".route53(", "route53"),
        ("aws_sdk_iam", ".iam(", "iam"),
        ("aws_sdk_sts", ".sts(", "sts"),
    ];
    let snake = |operation: &str| {
        let mut out = String::new();
        for c in operation.chars() {
            if c.is_ascii_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        }
        out
    };
    // Allowed by name; what a policy denies, and what an arming control takes away, stands under other headings.
    let allowed: BTreeSet<(&str, String)> = page
        .split("```json iam\n")
        .skip(1)
        .map(|block| block.split("```").next().expect("a block"))
        .filter(|block| !block.contains("\"Deny\""))
        .flat_map(|block| block.split('"'))
        .filter_map(|word| word.split_once(':'))
        .filter(|(service, operation)| {
            services.iter().any(|(.., s)| s == service) && operation.starts_with(|c: char| c.is_ascii_uppercase())
        })
        .filter(|(_, operation)| !operation.starts_with("AllowSafetyRules"))
        .map(|(service, operation)| (service, snake(operation)))
        .collect();
    let mut called: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut without: Vec<String> = Vec::new();
    for room in ["arc", "feeds", "discover", "cli/doctor", "launch.rs"] {
        let place = root.join("src").join(room);
        let files = if place.is_dir() { rust_files(&place) } else { vec![place] };
        for file in files {
            let text = std::fs::read_to_string(&file).expect("readable");
            let here: Vec<&str> = services
                .iter()
                .filter(|(sdk, door, _)| text.contains(sdk) || text.contains(door))
                .map(|s| s.2)
                .collect();
            for call in text.split('.').filter_map(|part| part.split_once("()").map(|(name, _)| name)) {
                let begins = ["list_", "get_", "describe_", "start_", "update_", "simulate_"];
                let is_name = call.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                let is_call = is_name && begins.iter().any(|b| call.starts_with(b)) && !call.starts_with("get_mut");
                if !is_call || here.is_empty() {
                    continue;
                }
                let of: Vec<_> = here.iter().filter(|s| allowed.contains(&(**s, call.to_owned()))).collect();
                called.extend(of.iter().map(|s| (**s, call.to_owned())));
                if of.is_empty() && call != "get_caller_identity" {
                    without.push(format!("{}: {call}", file.display()));
                }
            }
        }
    }
    assert_eq!(without, [""; 0], "no documented policy allows these");
    // A tag comes with the launch; a single control is set by people and the AWS CLI alone.
    let beside = ["tag_resource", "update_routing_control_state"];
    let idle: Vec<_> = allowed.difference(&called).filter(|(_, o)| !beside.contains(&o.as_str())).collect();
    assert!(idle.is_empty(), "nothing calls these: {idle:?}");
}
