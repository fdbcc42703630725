//! A signature that is handed in for another change than it was made over.

use signalbox::change::Act;

use crate::attacks::chain;
use crate::attacks::desk::*;

#[test]
fn a_signature_for_one_change_approves_nothing_where_another_was_named() {
    let desk = Desk::still(|_| {});
    desk.propose("a.json");
    desk.propose("b.json");
    let (a, b) = (desk.digest("a.json"), desk.digest("b.json"));
    desk.write("a.sig", desk.sign("bob", Act::Approve, &desk.text("a.json").canonical()));
    let flip =
        |file: &str, sig: &str| desk.run(&format!("flip --quick {file} {sig} --as alice --key alice --to us-east-2"));
    let (exit, said) = desk.run("flip --quick b.json --approval a.sig --as alice --key alice --to us-east-2");
    assert_eq!(exit, NOT_APPROVED, "{said}");
    assert!(said.contains(&format!("the signature is over change {}, not over {}", a.words(), b.words())), "{said}");
    let lines = chain::read(&desk.journal());
    assert!(!lines.iter().any(|l| l.kind() == "approved"), "nothing is approved, least of all the other one");
    let refused = &lines[chain::place(&lines, "approval_refused")].record;
    assert_eq!(refused["change"], serde_json::json!(b), "the refusal is kept, with the change that was named");
    // A's minute has not begun: it still has no approval.
    let (exit, said) = flip("a.json", "--approval b.sig");
    assert_eq!(exit, FAILED, "{said}");
    desk.expect("flip --quick a.json --as alice --key alice --to us-east-2", NOT_APPROVED);
    desk.nothing_moved("a signature for another change");
    // And it is none the worse for it: handed in for A, it counts.
    desk.expect("flip --quick a.json --approval a.sig --as alice --key alice --to us-east-1", REFUSED);
    assert!(chain::kinds(&desk.journal()).iter().any(|k| k == "approved"));
    // Once for A is not once for B.
    desk.expect("flip --quick b.json --approval a.sig --as alice --key alice --to us-east-2", NOT_APPROVED);
    desk.nothing_moved("a signature that was counted for another change");
}

/// Mail and editors respell a whole file: its line ends, a mark in front, the last line end, and the line of the approver's
/// own words with them. Plain OpenSSH signs what it is given.
#[test]
fn an_approval_of_a_respelt_file_is_one() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    let base = std::fs::read(desk.journal()).unwrap();
    let text = desk.text("change.json").canonical();
    let words = "approver says: ok fine\n";
    let with_words = format!("{text}{words}");
    let windows = |text: &str| text.replace('\n', "\r\n");
    let marked = |text: &str| format!("\u{feff}{text}");
    for (what, signed, words) in [
        ("as it is", with_words.clone(), words),
        ("words under Windows line ends", windows(&with_words), words),
        ("the same with a mark", marked(&windows(&with_words)), words),
        ("words behind Windows line ends", format!("{}{words}", windows(&text)), words),
        ("words behind a mark", marked(&with_words), words),
        ("the last line end lost", text.trim_end().to_owned(), ""),
        ("one line end more", format!("{text}\n"), ""),
        ("words without a line end", with_words.trim_end().to_owned(), words),
        ("words and one line end more", windows(&format!("{with_words}\n")), words),
    ] {
        std::fs::write(desk.journal(), &base).unwrap();
        desk.write("c.sig", format!("{words}{}", desk.sign("bob", Act::Approve, &signed)));
        let (exit, said) = desk.run("flip --quick change.json --approval c.sig --as alice --key alice --to us-east-1");
        assert!(exit == REFUSED && said.contains("not the receiving region's name"), "{what}: {exit} {said}");
        let lines = chain::read(&desk.journal());
        let approved = lines.iter().find(|line| line.kind() == "approved").unwrap();
        assert_eq!(
            approved.record["words"].as_str().unwrap_or_default(),
            if words.is_empty() { "" } else { "ok fine" }
        );
        desk.expect("journal verify state --estate estate.toml", DONE);
    }
    // What says something else is something else.
    for signed in
        [format!("{text}\n\n"), with_words.replace("ok", "not ok"), text.replacen("us-east-2", "us-east-1", 1)]
    {
        std::fs::write(desk.journal(), &base).unwrap();
        desk.write("c.sig", format!("{words}{}", desk.sign("bob", Act::Approve, &signed)));
        let (exit, said) = desk.run("flip --quick change.json --approval c.sig --as alice --key alice --to us-east-2");
        assert!(matches!(exit, REFUSED | NOT_APPROVED), "{exit} {said}");
    }
    desk.nothing_moved("a respelt file");
}
