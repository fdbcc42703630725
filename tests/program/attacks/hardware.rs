//! Hardware keys, and keys that are dressed up as such.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signalbox::change::{Binding, ChangeText, Nonce};
use signalbox::estate::Role;

use crate::attacks::desk::*;
use crate::attacks::{chain, forged};
use crate::ssh::{self, s};

const KIND: &str = "sk-ssh-ed25519@openssh.com";

fn sk_public(seed: u8, application: &str) -> Vec<u8> {
    ssh::join(&[s(KIND), s(ssh::ed25519(seed).verifying_key().to_bytes()), s(application)])
}

fn sk_line(seed: u8) -> String {
    format!("{KIND} {}", STANDARD.encode(sk_public(seed, "ssh:")))
}

/// An approval as a hardware key makes it, with these flags.
fn sk_approval(seed: u8, application: &str, flags: u8, text: &str) -> String {
    use ed25519_dalek::Signer as _;
    let data = ssh::touched_data(application, flags, 7, &ssh::signed(ssh::NS, text.as_bytes()));
    let raw = ssh::ed25519(seed).sign(&data).to_bytes();
    let signature = ssh::join(&[s(KIND), s(raw), ssh::trailer(flags, 7)]);
    ssh::armor(&ssh::sshsig(&sk_public(seed, application), ssh::NS, &signature))
}

#[test]
fn a_hardware_key_counts_when_it_was_touched() {
    for (verify, flags, counts) in [
        (false, 0, false),
        // It knew its person, and nobody touched it.
        (false, 4, false),
        (false, 1, true),
        (true, 1, false),
        (true, 4, false),
        (true, 5, true),
    ] {
        let desk = Desk::still(|e| {
            e.policy.verify_required = verify;
            e.people.push(person("dora", &[Role::Approver], &sk_line(12)));
        });
        desk.propose("change.json");
        let text = desk.text("change.json").canonical();
        desk.write("dora.sig", sk_approval(12, "ssh:", flags, &text));
        let (exit, said) =
            desk.run("flip --quick change.json --approval dora.sig --as alice --key alice --to us-east-1");
        if counts {
            assert_eq!(exit, REFUSED, "{flags} {verify}: {said}");
            assert!(said.contains("not the receiving region's name"), "{said}");
        } else {
            assert_eq!(exit, NOT_APPROVED, "{flags} {verify}: {said}");
            assert!(said.contains("was not touched") || said.contains("did not verify its owner"), "{said}");
            assert!(chain::kinds(&desk.journal()).iter().any(|k| k == "approval_refused"));
        }
        // Of another application it is another key.
        desk.write("other.sig", sk_approval(12, "ssh:evil", 5, &text));
        if !counts {
            desk.expect(
                "flip --quick change.json --approval other.sig --as alice --key alice --to us-east-2",
                NOT_APPROVED,
            );
        }
        desk.nothing_moved("a hardware key");
    }
}

/// Alice's own key file listed again as a hardware key of dora's: she makes dora's signatures by herself.
#[test]
fn the_requesters_own_key_is_hers_as_whatever_it_is_listed() {
    // Such a file is refused by every command.
    let desk = Desk::still(|_| {});
    let mut estate = desk.estate.clone();
    estate.people.push(person("dora", &[Role::Approver], &sk_line(1)));
    desk.write_estate("dora.toml", &estate);
    for args in [
        "propose --quick --despite x --as alice --key alice --to us-east-2 --reason r --estate dora.toml -o c.json",
        "check dora.toml",
    ] {
        let said = desk.expect(args, USAGE);
        assert!(said.contains("share one key"), "{said}");
    }
    // And where one got by, as in the text of an estate in the journal, she is still alice.
    desk.propose("change.json");
    let mut lines = chain::read(&desk.journal());
    let binding = Binding::of(&estate);
    let text = ChangeText { binding: binding.digest(), nonce: Nonce(9), ..desk.text("change.json") };
    let change = text.digest();
    let print =
        ssh_key::PublicKey::from_openssh(&sk_line(1)).unwrap().fingerprint(ssh_key::HashAlg::Sha256).to_string();
    let signature = desk.sign("alice", signalbox::change::Act::Propose, &text.canonical());
    let last = lines.last().unwrap().clone();
    for record in [
        serde_json::json!({ "kind": "estate", "estate": binding.digest(), "text": binding.text() }),
        serde_json::json!({ "kind": "proposed", "change": change, "text": text.canonical(), "signature": signature }),
        chain::approved(&change, "dora", &print, &sk_approval(1, "ssh:", 1, &text.canonical())),
    ] {
        lines.push(last.saying(record));
    }
    chain::write(&desk.journal(), &lines);
    let said = desk.expect("journal verify state --estate estate.toml", JOURNAL);
    assert!(said.contains(&format!("line {}: approved", lines.len())), "{said}");
    // Dora's signature over an honest change is a stranger's.
    desk.write("dora.sig", sk_approval(1, "ssh:", 1, &desk.text("change.json").canonical()));
    desk.expect("flip --quick change.json --approval dora.sig --as alice --key alice --to us-east-2", NOT_APPROVED);
    desk.nothing_moved("the requester's own key");
    assert_eq!(forged::identity(&desk.path("state")).len(), 16);
}
