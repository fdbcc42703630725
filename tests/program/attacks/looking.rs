//! Who only looks on writes nothing.

use signalbox::change::Act;

use crate::attacks::desk::*;

#[test]
fn looking_appends_no_record() {
    let desk = Desk::still(|_| {});
    // Where there is no journal none is made.
    desk.run("status");
    assert!(!desk.journal().exists());
    desk.propose("change.json");
    let text = desk.text("change.json").canonical();
    // Things to see: a signature that counts, one that does not.
    desk.write("state/incident/bob.sig", desk.sign("bob", Act::Approve, &text));
    desk.write("state/incident/bad.sig", desk.sign("mallory", Act::Approve, &text));
    let before = std::fs::read(desk.journal()).unwrap();
    let same = |what: &str| assert!(std::fs::read(desk.journal()).unwrap() == before, "{what} wrote into the journal");
    for args in [
        "status",
        "status --json",
        "status --pair east",
        "journal show",
        "journal verify",
        "journal verify --estate estate.toml",
        "report",
        "drills",
        "doctor",
        "doctor --as alice --key alice",
        "check estate.toml",
    ] {
        desk.run(args);
        same(args);
    }
    for args in
        ["--read-only", "--read-only --as alice --key alice", "--key mallory", "--as alice --key bob", "--as alice", ""]
    {
        let (exit, said) =
            console_says(&desk, args, "status\nnote hello\nsecond key us-east-2\nwithdraw\nreject no\ntold\n");
        assert_eq!(exit, DONE, "{args}: {said}");
        same(&format!("console {args}"));
    }
    let words = desk.digest("change.json").words();
    desk.expect(&format!("approve change.json --key bob --code {words}"), DONE);
    same("approve");
    desk.nothing_moved("looking");
}
