//! Certificates: who somebody is because a CA says so, and who is not.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signalbox::estate::Role;

use crate::attacks::desk::*;
use crate::ssh;

/// The wire form of a certificate's file.
fn blob(file: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(file).unwrap();
    STANDARD.decode(text.split_whitespace().nth(1).unwrap()).unwrap()
}

/// An approval signed with a seed's key under a certificate.
fn signed_under(certificate: &Path, seed: u8, message: &[u8]) -> String {
    let data = ssh::signed(ssh::NS, message);
    ssh::armor(&ssh::sshsig(&blob(certificate), ssh::NS, &ssh::ed25519_signature(&ssh::ed25519(seed), &data)))
}

/// An estate in which erin has no key of her own: the CA says who she is.
fn desk() -> Desk {
    let desk = Desk::still(|estate| {
        estate.policy.certificate_authorities = vec![public(20)];
        estate.people.push(person("erin", &[Role::Operator, Role::Approver], ""));
    });
    signalbox::signing::make_key(&desk.path("ca"), "ca", &[20; 32]).unwrap();
    signalbox::signing::make_key(&desk.path("other"), "other", &[21; 32]).unwrap();
    desk
}

#[test]
fn a_certificate_counts_for_whom_it_names_while_it_lasts_and_for_nobody_else() {
    let desk = desk();
    desk.propose("change.json");
    let text = desk.text("change.json").canonical();
    // Each key is mallory's or the requester's own; what differs is who says what of it.
    for (what, ca, seed, key, options) in [
        ("another CA", "other", 9, "mallory", &["-n", "erin"][..]),
        ("an expired one", "ca", 9, "mallory", &["-n", "erin", "-V", "20200101:20200102"]),
        ("one of the future", "ca", 9, "mallory", &["-n", "erin", "-V", "20400101:20400102"]),
        ("another principal", "ca", 9, "mallory", &["-n", "frank"]),
        ("another spelling", "ca", 9, "mallory", &["-n", "Erin"]),
        ("two principals", "ca", 9, "mallory", &["-n", "erin,bob"]),
        ("none", "ca", 9, "mallory", &[]),
        ("one command only", "ca", 9, "mallory", &["-n", "erin", "-O", "force-command=true"]),
        ("the requester's own key", "ca", 1, "alice", &["-n", "erin"]),
    ] {
        let certificate = ssh::certify(&desk.path(ca), &desk.path(key), options);
        desk.write("bad.sig", signed_under(&certificate, seed, text.as_bytes()));
        std::fs::remove_file(&certificate).unwrap();
        let said = desk
            .expect("flip --quick change.json --approval bad.sig --as alice --key alice --to us-east-2", NOT_APPROVED);
        assert!(said.contains("the signature does not count"), "{what}: {said}");
        desk.nothing_moved(what);
    }
    // Nor does she act by it.
    let certificate = ssh::certify(&desk.path("other"), &desk.path("mallory"), &["-n", "erin"]);
    desk.expect("withdraw change.json --as erin --key mallory", USAGE);
    std::fs::remove_file(certificate).unwrap();
    // The right one counts, or the others would fail for another reason.
    let certificate = ssh::certify(&desk.path("ca"), &desk.path("mallory"), &["-n", "erin"]);
    desk.write("good.sig", signed_under(&certificate, 9, text.as_bytes()));
    let said =
        desk.expect("flip --quick change.json --approval good.sig --as alice --key alice --to us-east-1", REFUSED);
    assert!(said.contains("not the receiving region's name"), "{said}");
}

/// Machines have certificates too, of the same CA in many a company, and `root@web-01` can make one of its own host name.
#[test]
fn a_machines_certificate_is_no_person() {
    let desk = desk();
    desk.propose("change.json");
    let text = desk.text("change.json").canonical();
    let certificate = ssh::certify(&desk.path("ca"), &desk.path("mallory"), &["-h", "-n", "erin"]);
    desk.write("host.sig", signed_under(&certificate, 9, text.as_bytes()));
    let (exit, said) = desk.run("flip --quick change.json --approval host.sig --as alice --key alice --to us-east-1");
    assert_eq!(exit, NOT_APPROVED, "a host certificate approves: {said}");
    let (exit, said) = desk.run("drill start d --type monthly --as erin --key mallory");
    assert_eq!(exit, USAGE, "a host certificate acts as erin: {said}");
    desk.nothing_moved("a host certificate");
}

/// Erin has a certificate and nothing else: her own program signs with it.
#[test]
fn who_has_a_certificate_alone_can_approve_and_ask() {
    let desk = desk();
    desk.propose("change.json");
    let words = desk.text("change.json").digest().words();
    ssh::certify(&desk.path("ca"), &desk.path("mallory"), &["-n", "erin"]);
    desk.expect(&format!("approve change.json --key mallory --code {words}"), DONE);
    desk.take_in("change.json");
    desk.expect("propose --quick --despite x --to us-east-2 --reason r --as erin --key mallory -o hers.json", DONE);
}
