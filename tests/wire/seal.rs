//! What a signature proves: real ones of OpenSSH, hardware keys made by hand, forgeries, and what chat does to them.

use crate::ssh;

use proptest::prelude::*;
use signalbox::change::paste::paste;
use signalbox::change::seal::{Seal, SealError, open};
use signalbox::time::Timestamp;
use ssh::{MESSAGE, NS, armor, ed25519, ed25519_public, ed25519_signature, ed25519_sshsig, join, s, signed, sshsig};

fn opened(blob: &[u8]) -> Result<Seal, SealError> {
    open(&armor(blob), NS, MESSAGE)
}

fn weak(result: Result<Seal, SealError>, word: &str) {
    assert!(matches!(&result, Err(SealError::Weak(w)) if w.contains(word)), "{word}: {result:?}");
}

fn no_signature(result: &Result<Seal, SealError>, what: &str) {
    assert!(matches!(result, Err(SealError::NotASignature(_))), "{what}: {result:?}");
}

#[test]
fn what_openssh_signs_opens() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ssh::KINDS {
        let key = ssh::keygen(dir.path(), &kind.join(""), kind);
        let armored = ssh::openssh_sign(&key, NS, MESSAGE);
        let seal = open(&armored, NS, MESSAGE).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        assert_eq!(seal.fingerprint(), ssh::openssh_fingerprint(&key));
        assert!(!seal.is_hardware() && seal.touched() && !seal.user_verified() && seal.certificate().is_none());
        assert!(matches!(open(&armored, NS, b"another"), Err(SealError::OtherText { .. })), "{kind:?}");
        assert_eq!(open(&armored, "proposal@signalbox", MESSAGE), Err(SealError::Namespace(NS.to_owned())));
        // What `paste` writes is what OpenSSH wrote.
        assert_eq!(paste(&armored).unwrap().armored, armored);
    }
}

#[test]
fn weak_keys_prove_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let small = ssh::keygen(dir.path(), "small", &["rsa", "-b", "1024"]);
    weak(open(&ssh::openssh_sign(&small, NS, MESSAGE), NS, MESSAGE), "1024 bits");
    let rsa = |e: &[u8], bytes: usize, name: &str| {
        let mut n = vec![0];
        n.extend(vec![0xc3; bytes]);
        opened(&sshsig(&join(&[s("ssh-rsa"), s(e), s(n)]), NS, &join(&[s(name), s(vec![1; bytes])])))
    };
    weak(rsa(&[1, 0, 1], 1024, "rsa-sha2-512"), "8192 bits");
    weak(rsa(&[1, 0, 1], 256, "ssh-rsa"), "SHA-1");
    weak(rsa(&[1], 256, "rsa-sha2-512"), "exponent");
    weak(rsa(&[4], 256, "rsa-sha2-512"), "exponent");
    weak(rsa(&[], 256, "rsa-sha2-512"), "exponent");
    let even = join(&[s("ssh-rsa"), s([1, 0, 1]), s([vec![0], vec![0xc2; 256]].concat())]);
    weak(opened(&sshsig(&even, NS, &join(&[s("rsa-sha2-512"), s(vec![1; 256])]))), "even");
    let mpint = |n: usize| s(vec![0x33; n]);
    let dsa = join(&[s("ssh-dss"), mpint(128), mpint(20), mpint(128), mpint(128)]);
    weak(opened(&sshsig(&dsa, NS, &join(&[s("ssh-dss"), s(vec![1; 40])]))), "DSA");
}

/// For these points one signature is good for every text, where nobody looks.
#[test]
fn ed25519_keys_of_small_order_prove_nothing() {
    let mut one = [0; 32];
    one[0] = 1;
    let mut forged = one.to_vec();
    forged.extend([0; 32]);
    let signature = join(&[s("ssh-ed25519"), s(&forged)]);
    weak(opened(&sshsig(&join(&[s("ssh-ed25519"), s(one)]), NS, &signature)), "small order");
    let hardware = join(&[s("sk-ssh-ed25519@openssh.com"), s(one), s("ssh:")]);
    let signature = join(&[s("sk-ssh-ed25519@openssh.com"), s(&forged), ssh::trailer(5, 1)]);
    weak(opened(&sshsig(&hardware, NS, &signature)), "small order");
}

/// A key and a point of order 2: another text, for which the same secret signs. Who has it twice is two people.
#[test]
fn twins_of_ed25519_keys_prove_nothing() {
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as BASE, EIGHT_TORSION};
    use curve25519_dalek::scalar::Scalar;
    use sha2::{Digest as _, Sha512};
    let secret = Scalar::from(0xdead_beef_u64);
    let twin = (secret * BASE + EIGHT_TORSION[4]).compress().to_bytes();
    let data = signed(NS, MESSAGE);
    // The point of order 2 falls out where the challenge is even: one of two tries.
    let forged = (1u64..64).find_map(|n| {
        let nonce = Scalar::from(n);
        let commitment = (nonce * BASE).compress().to_bytes();
        let hash = Sha512::new().chain_update(commitment).chain_update(twin).chain_update(&data).finalize();
        let challenge = Scalar::from_bytes_mod_order_wide(&hash.as_slice().try_into().unwrap());
        let even = challenge.to_bytes()[0].is_multiple_of(2);
        even.then(|| [commitment, (nonce + challenge * secret).to_bytes()].concat())
    });
    let forged = forged.unwrap();
    let strict = ed25519_dalek::VerifyingKey::from_bytes(&twin).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&forged).unwrap();
    assert!(strict.verify_strict(&data, &signature).is_ok(), "the library alone takes it");
    let blob = sshsig(&join(&[s("ssh-ed25519"), s(twin)]), NS, &join(&[s("ssh-ed25519"), s(&forged)]));
    weak(opened(&blob), "twin");
}

/// Adding the group's order to the second half gives the same signature another spelling.
#[test]
fn an_ed25519_signature_has_one_spelling() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = ed25519(7);
    let mut blob = ed25519_sshsig(&key);
    assert!(opened(&blob).is_ok());
    let at = blob.len() - 32;
    let mut carry = 0;
    for (byte, add) in blob[at..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert!(opened(&blob).is_err());
}

#[test]
fn hardware_keys_tell_of_touch_and_pin() {
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::Signer as _;
    let key = ed25519(9);
    let point = key.verifying_key().to_bytes();
    let ed = join(&[s("sk-ssh-ed25519@openssh.com"), s(point), s("ssh:")]);
    let ec_key = SigningKey::from_slice(&[9; 32]).unwrap();
    let ec_point = ec_key.verifying_key().to_encoded_point(false);
    let ec = join(&[s("sk-ecdsa-sha2-nistp256@openssh.com"), s("nistp256"), s(ec_point.as_bytes()), s("ssh:")]);
    for (flags, touched, verified) in [(0, false, false), (1, true, false), (4, false, true), (5, true, true)] {
        let data = ssh::touched_data("ssh:", flags, 77, &signed(NS, MESSAGE));
        let raw = ed25519_dalek::Signer::sign(&key, &data).to_bytes();
        let with = |f: u8, c: u32| join(&[s("sk-ssh-ed25519@openssh.com"), s(raw), ssh::trailer(f, c)]);
        let seal = opened(&sshsig(&ed, NS, &with(flags, 77))).unwrap();
        assert!(seal.is_hardware());
        assert_eq!((seal.touched(), seal.user_verified()), (touched, verified));
        // Flags and counter are signed, and so is what the key is for.
        assert!(opened(&sshsig(&ed, NS, &with(flags ^ 1, 77))).is_err());
        assert!(opened(&sshsig(&ed, NS, &with(flags, 78))).is_err());
        let other = join(&[s("sk-ssh-ed25519@openssh.com"), s(point), s("ssh:other")]);
        assert!(opened(&sshsig(&other, NS, &with(flags, 77))).is_err());

        let made: p256::ecdsa::Signature = ec_key.sign(&data);
        let mpint = |n: &[u8]| s(if n[0] < 0x80 { n.to_vec() } else { join(&[vec![0], n.to_vec()]) });
        let (r, sig_s) = made.split_bytes();
        if r[0] == 0 || sig_s[0] == 0 {
            continue;
        }
        let numbers = join(&[mpint(&r), mpint(&sig_s)]);
        let with = |f: u8| join(&[s("sk-ecdsa-sha2-nistp256@openssh.com"), s(&numbers), ssh::trailer(f, 77)]);
        let seal = opened(&sshsig(&ec, NS, &with(flags))).unwrap();
        assert_eq!((seal.is_hardware(), seal.touched(), seal.user_verified()), (true, touched, verified));
        assert!(opened(&sshsig(&ec, NS, &with(flags ^ 1))).is_err());
    }
    // The same key without its hardware is another kind, whose signatures are not of this one.
    let plain = ed25519_signature(&key, &signed(NS, MESSAGE));
    no_signature(&opened(&sshsig(&ed, NS, &plain)), "a plain signature under a hardware key's name");
}

#[test]
fn a_signature_is_read_as_strictly_as_openssh_reads_it() {
    let key = ed25519(3);
    let public = ed25519_public(&key);
    let signature = ed25519_signature(&key, &signed(NS, MESSAGE));
    let good = sshsig(&public, NS, &signature);
    assert!(opened(&good).is_ok());
    let mut more = good.clone();
    more.push(0);
    no_signature(&opened(&more), "something behind it");
    no_signature(&opened(&good[..good.len() - 1]), "the last byte lost");
    no_signature(&opened(&sshsig(&join(&[public.clone(), vec![0; 4]]), NS, &signature)), "a longer key");
    no_signature(&opened(&sshsig(&public, NS, &join(&[signature.clone(), vec![0]]))), "a longer signature");
    // A key whose stated length reaches into the next field.
    let mut wider = good.clone();
    wider[13] += 4;
    assert!(opened(&wider).is_err());
    for version in [0, 2] {
        let mut other = good.clone();
        other[9] = version;
        assert!(matches!(opened(&other), Err(SealError::Unsupported(_))));
    }
    let noted = join(&[b"SSHSIG\0\0\0\x01".to_vec(), s(&public), s(NS), s("x"), s("sha512"), s(&signature)]);
    no_signature(&opened(&noted), "a field that is not signed");
    let md5 = join(&[b"SSHSIG\0\0\0\x01".to_vec(), s(&public), s(NS), s(""), s("md5"), s(&signature)]);
    assert!(matches!(opened(&md5), Err(SealError::Unsupported(_))));
    for kind in ["ssh-mldsa-87", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "ssh-ed448", "ssh-ed25519\x1b[2J"] {
        let result = opened(&sshsig(&join(&[s(kind), s([5; 57])]), NS, &signature));
        let Err(SealError::Unsupported(said)) = result else { panic!("{kind}: {result:?}") };
        assert!(!said.contains('\x1b'), "text from outside is made visible");
    }
    // A point may be written in two ways; one is taken.
    use p256::ecdsa::signature::Signer as _;
    let ec = p256::ecdsa::SigningKey::from_slice(&[4; 32]).unwrap();
    let made: p256::ecdsa::Signature = ec.sign(&signed(NS, MESSAGE));
    let raw: Vec<u8> = ssh_key::Signature::try_from(made).unwrap().try_into().unwrap();
    for (compressed, counts) in [(false, true), (true, false)] {
        let point = ec.verifying_key().to_encoded_point(compressed);
        let public = join(&[s("ecdsa-sha2-nistp256"), s("nistp256"), s(point.as_bytes())]);
        assert_eq!(opened(&sshsig(&public, NS, &raw)).is_ok(), counts);
    }
}

#[test]
fn certificates_of_openssh_are_understood() {
    let dir = tempfile::tempdir().unwrap();
    let ca = ssh::keygen(dir.path(), "ca", &["ed25519"]);
    let ca_print = ssh::openssh_fingerprint(&ca);
    let print = |key: &ssh_key::public::KeyData| key.fingerprint(ssh_key::HashAlg::Sha256).to_string();
    for (name, kind) in [("ed", &["ed25519"][..]), ("ec", &["ecdsa"]), ("rsa", &["rsa", "-b", "2048"])] {
        let key = ssh::keygen(dir.path(), name, kind);
        let sealed = |options: &[&str]| {
            let certificate = ssh::certify(&ca, &key, options);
            open(&ssh::openssh_sign(&certificate, NS, MESSAGE), NS, MESSAGE)
        };
        let seal = sealed(&["-n", "bob,oncall", "-z", "7", "-V", "20260102000000Z:20260103000000Z"]).unwrap();
        assert_eq!(seal.fingerprint(), ssh::openssh_fingerprint(&key));
        let c = seal.certificate().expect("it was made with a certificate");
        assert_eq!(print(c.ca()), ca_print);
        assert_eq!(c.key(), seal.key());
        assert_eq!((c.principals(), c.key_id(), c.serial()), (&["bob".into(), "oncall".into()][..], "job 7", 7));
        assert_eq!(c.valid_after(), "2026-01-02T00:00:00Z".parse::<Timestamp>().unwrap());
        assert_eq!(c.valid_before(), Some("2026-01-03T00:00:00Z".parse().unwrap()));
        assert!(c.is_user() && !c.verify_required());
        let endless = sealed(&["-n", "bob"]).unwrap();
        assert_eq!(endless.certificate().unwrap().valid_before(), None);
        assert!(sealed(&[]).unwrap().certificate().unwrap().principals().is_empty());
        assert!(!sealed(&["-h", "-n", "host"]).unwrap().certificate().unwrap().is_user());
        let refused = |options: &[&str], word: &str| match sealed(options) {
            Err(SealError::Certificate(why)) => assert!(why.contains(word), "{why}"),
            other => panic!("{options:?}: {other:?}"),
        };
        refused(&["-n", "bob", "-O", "force-command=true"], "force-command");
        refused(&["-n", "bob", "-O", "source-address=10.0.0.0/8"], "source-address");
        refused(&["-n", "bob", "-O", "critical:moon@example.com=full"], "moon@example.com");
        refused(&["-n", "bob", "-O", "verify-required"], "verify-required");
        // Not critical: it is left alone.
        assert!(sealed(&["-n", "bob", "-O", "extension:moon@example.com=full"]).is_ok());
    }
}

#[test]
fn an_edited_certificate_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let ca = ssh::keygen(dir.path(), "ca", &["rsa", "-b", "2048"]);
    let key = ssh::keygen(dir.path(), "key", &["ed25519"]);
    let certificate = ssh::certify(&ca, &key, &["-n", "bob"]);
    let blob = ssh::unarmor(&ssh::openssh_sign(&certificate, NS, MESSAGE));
    assert!(opened(&blob).is_ok());
    let at = blob.windows(3).position(|w| w == b"bob").unwrap();
    let mut edited = blob.clone();
    edited[at..at + 3].copy_from_slice(b"eve");
    assert!(matches!(opened(&edited), Err(SealError::Certificate(why)) if why.contains("edited")));
    let old = ssh::certify(&ca, &key, &["-n", "bob", "-t", "ssh-rsa"]);
    let result = open(&ssh::openssh_sign(&old, NS, MESSAGE), NS, MESSAGE);
    assert!(matches!(&result, Err(SealError::Certificate(why)) if why.contains("SHA-1")), "{result:?}");
    // The certificate of one key with the signature of another.
    let thief = ed25519(5);
    let public = std::fs::read_to_string(&certificate).unwrap();
    use base64::Engine as _;
    let word = public.split_whitespace().nth(1).unwrap();
    let stolen = base64::engine::general_purpose::STANDARD.decode(word).unwrap();
    let stolen = opened(&sshsig(&stolen, NS, &ed25519_signature(&thief, &signed(NS, MESSAGE))));
    assert!(matches!(stolen, Err(SealError::Certificate(_) | SealError::OtherText { .. })), "{stolen:?}");
}

#[test]
fn words_around_a_signature_are_kept_apart() {
    let armored = armor(&ed25519_sshsig(&ed25519(1)));
    let quoted: String = armored.lines().map(|l| format!("> {l}\n")).collect();
    for (text, before) in [
        (armored.clone(), ""),
        (format!("looks right to me\n\nbob\n{armored}thanks\n"), "looks right to me\nbob"),
        (format!("> looks > right\n>\n{quoted}"), "looks > right"),
        (format!("ok\n```text\n{armored}```\n"), "ok"),
        (format!("ok then: {armored}"), "ok then:"),
        (format!("paste from BEGIN to END SSH SIGNATURE\n{armored}"), "paste from BEGIN to END SSH SIGNATURE"),
        ("ok\n—BEGIN SSH SIGNATURE—".to_owned() + &armored["-----BEGIN SSH SIGNATURE-----".len()..], "ok"),
    ] {
        let pasted = paste(&text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((pasted.armored.as_str(), pasted.before.as_str()), (armored.as_str(), before));
    }
    // Half of one, then the whole.
    assert_eq!(paste(&format!("{}\nagain:\n{armored}", &armored[..120])).unwrap().armored, armored);
    // Of two the first.
    let other = armor(&ed25519_sshsig(&ed25519(2)));
    assert_eq!(paste(&format!("{armored}{other}")).unwrap().armored, armored);
    for none in
        ["", "hello", "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SSH SIGNATURE----------END SSH SIGNATURE-----"]
    {
        assert_eq!(paste(none), None);
        no_signature(&open(none, NS, MESSAGE), none);
    }
}

/// Some agents leave out the leading zeros of an RSA signature. OpenSSH takes those, and so do we.
#[test]
fn an_rsa_signature_without_its_leading_zero_opens() {
    const LENGTH: usize = 256;
    let dir = tempfile::tempdir().unwrap();
    let file = ssh::keygen(dir.path(), "rsa", &["rsa", "-b", "2048"]);
    let key = signalbox::signing::SecretKey::read(&file).unwrap();
    let (message, blob) = (0u32..8000)
        .map(|n| n.to_be_bytes())
        .map(|message| (message, ssh::unarmor(&key.sign(NS, &message).unwrap())))
        .find(|(_, blob)| blob[blob.len() - LENGTH] == 0)
        .expect("one in 256 has a leading zero");
    let raw = &blob[blob.len() - LENGTH..];
    let public = key.public().to_bytes().unwrap();
    let short = sshsig(&public, NS, &join(&[s("rsa-sha2-512"), s(&raw[1..])]));
    assert!(open(&armor(&short), NS, &message).is_ok());
    let long = sshsig(&public, NS, &join(&[s("rsa-sha2-512"), s(join(&[vec![0], raw.to_vec()]))]));
    assert!(open(&armor(&long), NS, &message).is_err());
}

/// What chat, mail and terminals do to lines.
#[derive(Clone, Debug)]
struct Way {
    width: usize,
    dashes: &'static str,
    prefix: &'static str,
    suffix: &'static str,
    ends: &'static str,
    fence: bool,
    before: String,
    after: String,
}

fn way() -> impl Strategy<Value = Way> {
    let words = "([a-zA-Z0-9 .:,!>|=+/-]{0,30}\n){0,3}";
    (
        1usize..200,
        prop::sample::select(vec!["-----", "—–", "———", "– – –", "", "‐‐‐‐‐"]),
        prop::sample::select(vec!["", "    ", "\t", "> ", ">>", "> > ", "| ", "│ ", "&gt; ", "\u{feff}", "\u{2003}"]),
        prop::sample::select(vec!["", "    ", "\u{200b}", " │", "\u{a0}", "\\"]),
        prop::sample::select(vec!["\n", "\n\n", "\r\n", "\r", " ", ""]),
        any::<bool>(),
        words,
        words,
    )
        .prop_map(|(width, dashes, prefix, suffix, ends, fence, before, after)| Way {
            width,
            dashes,
            prefix,
            suffix,
            ends,
            fence,
            before,
            after,
        })
}

fn sent(armored: &str, way: &Way) -> String {
    let body: String = armored.lines().filter(|l| !l.starts_with('-')).collect();
    let d = way.dashes;
    let mut lines = vec![format!("{d}BEGIN SSH SIGNATURE{d}")];
    lines.extend(body.as_bytes().chunks(way.width).map(|l| String::from_utf8(l.to_vec()).unwrap()));
    lines.push(format!("{d}END SSH SIGNATURE{d}"));
    if way.fence {
        lines.insert(0, "```\n".to_owned());
        lines.push("\n```".to_owned());
    }
    let lines: String = lines.iter().map(|l| format!("{}{l}{}{}", way.prefix, way.suffix, way.ends)).collect();
    format!("{}{lines}\n{}", way.before, way.after)
}

proptest! {
    #[test]
    fn a_signature_survives_every_way(way in way(), seed in 1u8..9) {
        let armored = armor(&ed25519_sshsig(&ed25519(seed)));
        let seal = open(&armored, NS, MESSAGE).unwrap();
        let text = sent(&armored, &way);
        prop_assert_eq!(&paste(&text).unwrap().armored, &armored, "{}", text);
        prop_assert_eq!(open(&text, NS, MESSAGE).unwrap(), seal);
    }

    /// The words above a signature are signed: what mail and chat do to them must not unsay them.
    #[test]
    fn an_approvers_words_survive_every_way(
        words in "[a-z]{1,9}( [a-z0-9,.!]{1,9}){0,20}",
        columns in 30usize..90,
        prefix in prop::sample::select(vec!["", "  ", "> ", "&gt; ", "> > ", "| ", "\u{feff}", "\u{200b}", "\u{1b}[32m"]),
        suffix in prop::sample::select(vec!["", " ", "\u{a0}", "\u{200b}", "\r", "\u{1b}[0m"]),
        around in prop::sample::select(vec!["", "*", "_", "**"]),
        blank in prop::sample::select(vec![" ", "\u{a0}", "  "]),
        above in "([a-zA-Z0-9 .,]{0,30}\n){0,3}",
    ) {
        let whole = format!("approver says: {words}");
        let mut lines = vec![String::new()];
        for word in whole.split(' ') {
            let last = lines.last_mut().unwrap();
            match last.is_empty() {
                true => *last = word.to_owned(),
                // The label stands in one line, as it is short.
                false if last.len() + word.len() < columns => *last += &format!("{blank}{word}"),
                false => lines.push(word.to_owned()),
            }
        }
        let said: String =
            format!("{around}{}{around}", lines.join("\n")).lines().map(|l| format!("{prefix}{l}{suffix}\n")).collect();
        let armored = armor(&ed25519_sshsig(&ed25519(3)));
        let before = paste(&format!("{above}{said}{armored}")).unwrap().before;
        let found = signalbox::change::Consent::words_in(&before);
        prop_assert!(found.contains(&words), "{:?} not in {:?}", words, found);
    }

    #[test]
    fn nothing_panics_on_any_text(text in ".{0,300}", begin in any::<bool>(), end in any::<bool>()) {
        let begin = if begin { "-----BEGIN SSH SIGNATURE-----" } else { "" };
        let end = if end { "-----END SSH SIGNATURE-----" } else { "" };
        let whole = format!("{begin}{text}{end}");
        if let Some(pasted) = paste(&whole) {
            prop_assert_eq!(paste(&pasted.armored).unwrap().armored, pasted.armored);
        }
        prop_assert!(open(&whole, NS, MESSAGE).is_err());
    }

    #[test]
    fn nothing_panics_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(opened(&bytes).is_err());
        prop_assert!(opened(&join(&[b"SSHSIG\0\0\0\x01".to_vec(), bytes])).is_err());
    }

    /// Fields of any content in the right form, so that what reads keys, certificates and signatures is reached.
    #[test]
    fn nothing_panics_on_any_fields(
        kind in prop::sample::select(vec![
            "ssh-ed25519", "ssh-rsa", "ssh-dss", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
            "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
            "ssh-ed25519-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com",
            "ecdsa-sha2-nistp256-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        ]),
        fields in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..70), Just(b"nistp256".to_vec()), Just(vec![5; 32]),
            Just([vec![4], vec![7; 64]].concat()), Just(vec![0; 4]), Just([vec![0], vec![0xc3; 256]].concat()),
        ], 0..14),
        name in prop::sample::select(vec!["rsa-sha2-512", "ssh-ed25519", "sk-ssh-ed25519@openssh.com", "ssh-rsa"]),
        raw in prop::collection::vec(any::<u8>(), 0..80),
        tail in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut key = s(kind);
        for field in fields {
            key.extend(s(field));
        }
        for name in [name, kind] {
            let signature = join(&[s(name), s(&raw), tail.clone()]);
            prop_assert!(opened(&sshsig(&key, NS, &signature)).is_err());
        }
    }

    #[test]
    fn a_changed_byte_does_not_open(at in 0usize..229, change in 1u8..=255, hardware in any::<bool>()) {
        let key = ed25519(6);
        let mut blob = if hardware {
            let data = ssh::touched_data("ssh:", 1, 9, &signed(NS, MESSAGE));
            let raw = ed25519_dalek::Signer::sign(&key, &data).to_bytes();
            let kind = "sk-ssh-ed25519@openssh.com";
            let public = join(&[s(kind), s(key.verifying_key().to_bytes()), s("ssh:")]);
            sshsig(&public, NS, &join(&[s(kind), s(raw), ssh::trailer(1, 9)]))
        } else {
            ed25519_sshsig(&key)
        };
        prop_assert!(opened(&blob).is_ok());
        let at = at % blob.len();
        blob[at] ^= change;
        prop_assert!(opened(&blob).is_err());
    }
}

/// Every character of a signature, each changed into some others.
#[test]
fn a_changed_character_does_not_open() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    let armored = armor(&ed25519_sshsig(&ed25519(8)));
    let body = armored.find('\n').unwrap() + 1..armored.rfind("\n-").unwrap();
    let mut tried = 0;
    for at in body {
        let is = armored.as_bytes()[at];
        if is == b'\n' {
            continue;
        }
        for step in [1, 2, 5, 11, 23, 37, 64] {
            let here = ALPHABET.iter().position(|c| *c == is).unwrap();
            let mut changed = armored.clone().into_bytes();
            changed[at] = ALPHABET[(here + step) % ALPHABET.len()];
            let changed = String::from_utf8(changed).unwrap();
            assert!(open(&changed, NS, MESSAGE).is_err(), "{at}: {changed}");
            tried += 1;
        }
    }
    assert!(tried > 1500);
}
