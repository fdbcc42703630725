//! The terminal's own notification in the whole program; and a play that calls nobody outside.

use crate::term;

use std::io::ErrorKind;
use std::net::TcpListener;

use signalbox::estate::guiding_care;
use term::Term;

#[test]
fn a_proposal_rings_in_the_terminal_and_a_demo_calls_no_webhook() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut estate = guiding_care().unwrap();
    let hook = format!("on = [\"proposed\"]\nwebhook = \"http://{}/\"", listener.local_addr().unwrap());
    let osc = "on = [\"proposed\"]\nosc = 777\ntemplate = \"{who} asks: {text}\"";
    estate.notify = [hook.as_str(), osc].map(|rule| toml::from_str(rule).unwrap()).to_vec();
    let file = folder.path().join("own.toml");
    std::fs::write(&file, estate.to_toml().unwrap()).unwrap();
    let (file, folder) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
    let args = ["demo", "--scenario", "calm", "--speed", "10", "--estate", file, "--folder", folder];
    let mut console = Term::start(150, 44, &args, &[]);
    console.wait("READY 100");
    console.wait("5 of 5 answer");
    console.send("f");
    console.wait("data loss");
    console.send("a drill; \u{9}of ours");
    console.press("\r");
    console.wait("ssh-keygen");
    // The journal has it a moment after the screen shows it; the screen goes on ticking.
    let rung = |raw: &[u8]| {
        let text = String::from_utf8_lossy(raw);
        let (_, from) = text.split_once("\x1b]777;notify;signalbox;")?;
        from.split_once('\x07').map(|(inside, _)| inside.to_owned())
    };
    let mut looks = 0;
    while rung(&console.raw).is_none() {
        let clock = |s: &str| s.lines().next().map(str::to_owned);
        let before = clock(&console.text());
        console.wait_for("the clock", |s| clock(s) != before);
        looks += 1;
        assert!(looks < 50, "nothing rang:\n{}", console.text());
    }
    let inside = rung(&console.raw).unwrap();
    assert!(inside.starts_with("alice asks: fail over pair east to us-east-2, 10 controls, \"a drill,"), "{inside}");
    assert_eq!(listener.accept().map(|_| ()).unwrap_err().kind(), ErrorKind::WouldBlock, "the webhook was called");
}
