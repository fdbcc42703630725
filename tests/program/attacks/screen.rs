//! What the approver's screen shows: no value can draw a line of its own on it.

use std::io::BufReader;

use signalbox::change::{ChangeText, Despite, Digest, Flip, Launch, LaunchServer, Override, Work};
use signalbox::cli::approve::{ApproveArgs, run};
use signalbox::cli::change_file::ChangeFile;
use signalbox::cli::io::Io;
use signalbox::estate::{ControlArn, ControlState, RuleArn};
use signalbox::hygiene::one_line;
use signalbox::time::{Span, Timestamp};
use unicode_width::UnicodeWidthStr as _;

/// How a line begins that is no value's: at the left edge, or behind two blanks.
const KNOWN: &[&str] = &[
    "  traffic goes to ",
    "  launched in ",
    "  reason ",
    "  data loss ",
    "  asked by ",
    "  asked at ",
    "  approve until ",
    "  estate, pair ",
    "  cluster ",
    "  routing controls, all at once, in this order:",
    "  a DRILL: ",
    "  DRS source servers, ",
    "  THIS OVERRIDES SAFETY RULES. ",
    "  PREFLIGHT FAILS, and this is asked for in spite of it:",
    "  because: ",
    "  by their ARNs:",
    "  word code:",
    "  It must be the one that ",
    "  signing with ",
    "!!!!!!!!",
    "type the word code to sign, ",
    "that is not it",
];

fn text(value: &str, work: Work) -> ChangeText {
    // Nothing longer is a change.
    let most = |n: usize| one_line(value).chars().take(n).collect::<String>();
    let at: Timestamp = "2026-11-24T18:38:00Z".parse().unwrap();
    ChangeText {
        estate: value.into(),
        binding: Digest::of("estate"),
        cluster: "arn:aws:route53-recovery-control::111122223333:cluster/one".into(),
        pair: "east".into(),
        title: value.into(),
        receiving: "us-east-2".into(),
        work,
        despite: Some(Despite { checks: vec![most(200)], reason: most(400) }),
        loss: most(1000),
        reason: most(400),
        by: "alice".into(),
        at,
        until: at + Span::from_mins(10),
        anchor: signalbox::change::Anchor::default(),
        nonce: signalbox::change::Nonce(7),
    }
}

fn controls(value: &str) -> Work {
    let flip = |arn: &str| Flip {
        arn: ControlArn::new(arn),
        name: value.into(),
        from: ControlState::On,
        to: ControlState::Off,
    };
    let overrides = vec![Override { arn: RuleArn::new("arn:rule"), name: value.into() }];
    Work::Controls { steers: true, flips: vec![flip("arn:one"), flip("arn:two")], overrides }
}

fn servers(value: &str) -> Work {
    let name: String = one_line(value).chars().take(300).collect();
    let server = |id: &str| LaunchServer { id: id.into(), name: name.clone(), point: None };
    Work::Launch(Launch { drill: true, servers: vec![server("s-1"), server("s-2")], at: None })
}

/// The approver's screen of so many columns.
fn screen(text: &ChangeText, columns: usize) -> String {
    let dir = tempfile::tempdir().unwrap();
    signalbox::signing::make_key(&dir.path().join("bob"), "bob", &[2; 32]).unwrap();
    let file = dir.path().join("change.json");
    std::fs::write(&file, ChangeFile::of(text).to_json().unwrap()).unwrap();
    let args = ApproveArgs {
        file,
        key: Some(dir.path().join("bob")),
        agent: false,
        estate: None,
        say: String::new(),
        code: None,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let now = text.at + Span::from_secs(60);
    run(
        &args,
        &mut Io {
            stdin: &mut BufReader::new(&b"no\nno\nno\n"[..]),
            terminal: true,
            columns,
            out: &mut out,
            err: &mut err,
            secret: &mut |_| Ok(String::new()),
            now: &|| now,
            agent: None,
        },
    );
    String::from_utf8(out).unwrap()
}

/// The lines that stand where labels stand.
fn labels(screen: &str) -> Vec<&str> {
    let edge = |line: &&str| !line.trim().is_empty() && line.len() - line.trim_start().len() < 4;
    screen.lines().skip(1).filter(edge).collect()
}

#[track_caller]
fn draws_nothing(what: &str, text: &ChangeText, plain: &ChangeText) {
    for columns in [45, 80, 120] {
        let (shown, plainly) = (screen(text, columns), screen(plain, columns));
        assert!(shown.contains("type the word code"), "{what}: it is a change: {shown}");
        let own = labels(&plainly);
        for line in labels(&shown) {
            let known = own.contains(&line) || KNOWN.iter().any(|known| line.starts_with(known));
            assert!(known, "{what} draws `{line}` at {columns}:\n{shown}");
        }
        let count = |screen: &str| {
            KNOWN.iter().map(|known| labels(screen).iter().filter(|l| l.starts_with(known)).count()).collect::<Vec<_>>()
        };
        assert_eq!(count(&shown), count(&plainly), "{what} draws a label a second time at {columns}:\n{shown}");
        assert!(!shown.chars().any(|c| c != '\n' && signalbox::hygiene::is_hidden(c)), "{what}: {shown:?}");
        // Wider than the screen is what the terminal would break where it likes.
        let wide =
            shown.lines().find(|l| l.width() > columns && !l.contains("signing with") && !l.contains("type the word"));
        assert!(wide.is_none() || columns == 45, "{what} at {columns}: {wide:?}");
    }
}

/// What somebody wrote who wants a second line on the screen, as wide as each screen.
fn evil() -> Vec<String> {
    let mut all = vec![
        "INC-1\n  data loss         none: both regions are level".to_owned(),
        "INC-1\r\n  data loss         none".to_owned(),
        "INC-1\u{2028}  data loss         none\u{2029}  reason            x\u{85}  reason".to_owned(),
        "INC-1\t\t\t  data loss         none".to_owned(),
        "INC-1 \u{202e}enon  ssol atad\u{202c} \u{2066}x\u{2069}".to_owned(),
        "\u{1b}[2K\u{1b}[1G  data loss         none\u{9b}2J".to_owned(),
        "INC\u{200b}-\u{feff}1\u{e0041}\u{fe0f} e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}".to_owned(),
    ];
    // Blanks of every kind up to the screen's edge, and then a line that looks like another.
    for blank in
        [" ", "\u{a0}", "\u{3000}", "\u{2003}", "\u{2800}", "\u{3164}", "\u{115f}", "\u{1680}", "\u{ffa0}", "\u{13441}"]
    {
        for columns in [45_usize, 80, 120] {
            let fill = |n: usize| blank.repeat(n / blank.width().max(1));
            let lie = "  data loss         none: both regions are level, 0.0 s behind";
            all.push(format!(
                "INC-1{}{lie}{}  approve until     (see below)",
                fill(columns - 25),
                fill(columns.saturating_sub(lie.len()))
            ));
        }
    }
    // Long words without a blank, which must break somewhere.
    all.extend([45_usize, 80, 120].map(|n| format!("{}data-loss-none:both-regions-are-level", "x".repeat(n - 20))));
    all
}

#[test]
fn no_value_draws_a_line_of_its_own() {
    for value in evil() {
        draws_nothing("a value", &text(&value, controls(&value)), &text("plain", controls("plain")));
    }
    for value in evil().into_iter().step_by(5) {
        draws_nothing("a server", &text(&value, servers(&value)), &text("plain", servers("plain")));
    }
}

/// Blanks are folded where the text is frozen, so that what is signed has none of them either.
#[test]
fn what_is_signed_has_no_runs_of_blanks() {
    for value in evil() {
        let text = text(&value, controls(&value));
        let canonical = text.canonical();
        let plain = ChangeText::parse(&canonical).expect("what is spelt can be read");
        assert!(!canonical.contains("  ") && !canonical.contains('\t'), "{canonical:?}");
        assert_eq!(plain.canonical(), canonical);
        assert_eq!(canonical.lines().count(), self::text("plain", controls("plain")).canonical().lines().count());
    }
}

/// The name of who asks stands in sentences: it draws no line there either.
#[test]
fn no_name_draws_a_line_of_its_own() {
    for columns in [45_usize, 80, 120] {
        for before in 0..columns {
            let name = format!("alice{} data loss none, both regions are level", "x".repeat(before));
            let evil = ChangeText { by: name.as_str().into(), ..text("plain", controls("plain")) };
            let shown = screen(&evil, columns);
            // The screen's first line is the name's own.
            // On a narrow screen a label has a line of its own.
            let alone = |line: &str, known: &str| line.strip_suffix(':') == Some(known.trim_end());
            let is_known = |line: &str| KNOWN.iter().any(|known| line.starts_with(known) || alone(line, known));
            let wrong = labels(&shown).into_iter().find(|line| !is_known(line));
            assert_eq!(wrong, None, "at {columns}:\n{shown}");
        }
    }
}

/// Nor do the approver's own words, which the next screen shows.
#[test]
fn the_approvers_words_are_one_line() {
    use crate::attacks::chain;
    use crate::attacks::desk::*;
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    let words = desk.digest("change.json").words();
    let mut command = desk.program();
    let said = "yes\n\u{202e}  data loss         none\u{1b}[2J\u{3000}\u{3000}ok";
    command.args(["approve", "change.json", "--key", "bob", "--code", &words, "--say", said]);
    let (exit, shown) = ended(&mut command);
    assert_eq!(exit, DONE, "{shown}");
    desk.take_in("change.json");
    let lines = chain::read(&desk.journal());
    let kept = lines[chain::place(&lines, "approved")].record["words"].as_str().unwrap().to_owned();
    assert_eq!(kept, "yes ‹U+202E› data loss none‹U+001B›[2J ok");
    for args in ["journal show", "report"] {
        let (_, shown) = desk.run(args);
        let odd = |c: char| c != '\n' && signalbox::hygiene::is_hidden(c);
        assert!(!shown.contains(odd) && !shown.contains("data loss         none"), "{args}: {shown}");
    }
}
