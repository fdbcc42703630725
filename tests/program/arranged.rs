//! The whole program: the mouse is asked for and given back, and panes stay as they were left.

use crate::term;

use std::path::Path;

use term::Term;

fn demo(folder: &Path, more: &[&str]) -> Term {
    let mut args = vec!["demo", "--scenario", "calm", "--folder", folder.to_str().expect("a plain path")];
    args.extend(more);
    Term::start(150, 44, &args, &[])
}

fn says(console: &Term, sequence: &str) -> bool {
    console.raw.windows(sequence.len()).any(|w| w == sequence.as_bytes())
}

#[test]
fn the_mouse_is_asked_for_and_given_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = demo(folder.path(), &[]);
    console.wait("routing controls");
    assert!(says(&console, "\x1b[?1000h") && says(&console, "\x1b[?1006h"), "the mouse was not asked for");
    assert!(!says(&console, "\x1b[?1003h"), "every movement was asked for");
    // A click, as terminals send it, on the tab of the changes; then the wheel.
    console.wait("7 changes");
    let row = console.text().lines().position(|l| l.contains("7 changes")).expect("the tabs") + 1;
    let line = console.text().lines().nth(row - 1).expect("the tabs").to_owned();
    let column = line.chars().collect::<Vec<_>>().windows(9).position(|w| w.iter().collect::<String>() == "7 changes");
    let column = column.expect("the tab") + 1;
    console.send(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
    console.wait("changes, newest first");
    console.send("M");
    console.wait("the mouse is off");
    assert!(says(&console, "\x1b[?1000l"), "the mouse was not given back");
    console.send("q");
    assert_eq!(console.end(), 0);

    let mut console = demo(folder.path(), &["--no-mouse"]);
    console.wait("routing controls");
    console.send("q");
    assert_eq!(console.end(), 0);
    assert!(!says(&console, "\x1b[?1000h"), "the mouse was asked for in spite of --no-mouse");
}

#[test]
fn panes_stay_as_they_were_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let line_of = |console: &mut Term| {
        console.wait("this demo plays");
        console.text().lines().position(|l| l.contains("╭ timeline")).expect("the timeline")
    };
    let mut console = demo(folder.path(), &[]);
    console.wait("routing controls");
    let before = line_of(&mut console);
    console.send("++");
    console.wait_for("two lines more", |s| s.lines().position(|l| l.contains("╭ timeline")) == Some(before - 2));
    console.send("q");
    assert_eq!(console.end(), 0);
    let kept = std::fs::read_to_string(folder.path().join("screen.toml")).expect("the layout");
    assert!(kept.contains("timeline_lines = 2"), "{kept}");
    let mut console = demo(folder.path(), &[]);
    console.wait("routing controls");
    assert_eq!(line_of(&mut console), before - 2);
    console.send("q");
    assert_eq!(console.end(), 0);
}
