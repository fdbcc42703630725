//! The keys that people have: key files of every kind, agents with keys that nobody here can read.

use crate::ssh;

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use signalbox::change::seal::open;
use signalbox::signing::{Patience, Ring, SecretKey, SignError, make_key};
use ssh::{MESSAGE, NS, ed25519, ed25519_public, ed25519_signature, join, s};

fn sign(ring: &mut Ring) -> Result<String, SignError> {
    ring.sign(&|_| true, NS, MESSAGE)
}

/// Signs and gives the fingerprint of the key that did.
fn signed_by(ring: &mut Ring) -> String {
    open(&sign(ring).unwrap(), NS, MESSAGE).unwrap().fingerprint().to_owned()
}

fn print(public: &[u8]) -> String {
    ssh_key::PublicKey::from_bytes(public).unwrap().fingerprint(ssh_key::HashAlg::Sha256).to_string()
}

#[test]
fn key_files_of_every_kind_sign() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ssh::KINDS {
        let key = ssh::keygen(dir.path(), &kind.join(""), kind);
        let mut ring = Ring::open(Some(&key), None).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        assert_eq!(ring.keys().len(), 1);
        let armored = sign(&mut ring).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        assert!(open(&SecretKey::read(&key).unwrap().sign(NS, MESSAGE).unwrap(), NS, MESSAGE).is_ok());
        // OpenSSH agrees.
        fs::write(dir.path().join("sig"), &armored).unwrap();
        let public = fs::read_to_string(key.with_extension("pub")).unwrap();
        fs::write(dir.path().join("allowed"), format!("bob {public}")).unwrap();
        let mut verify = Command::new("ssh-keygen");
        verify.args(["-Y", "verify", "-I", "bob", "-n", NS, "-f"]).arg(dir.path().join("allowed"));
        verify.arg("-s").arg(dir.path().join("sig")).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = verify.spawn().unwrap();
        child.stdin.take().unwrap().write_all(MESSAGE).unwrap();
        assert!(child.wait().unwrap().success(), "{kind:?}");
    }
}

#[test]
fn a_locked_key_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let key = ssh::keygen(dir.path(), "rsa", &["rsa", "-b", "2048"]);
    let mut lock = Command::new("ssh-keygen");
    lock.args(["-q", "-p", "-P", "", "-N", "open sesame", "-f"]).arg(&key).stdout(Stdio::null());
    assert!(lock.status().unwrap().success());
    let mut ring = Ring::open(Some(&key), None).unwrap();
    assert!(ring.is_locked());
    assert!(matches!(sign(&mut ring), Err(SignError::Locked)));
    assert!(matches!(ring.unlock("wrong"), Err(SignError::Passphrase)));
    assert!(ring.is_locked());
    ring.unlock("open sesame").unwrap();
    assert!(!ring.is_locked());
    assert_eq!(signed_by(&mut ring), ssh::openssh_fingerprint(&key));
}

/// Every fourth P-521 key has a secret number with leading zeros, which the file leaves out.
#[test]
fn a_key_file_with_a_short_number_signs() {
    let dir = tempfile::tempdir().unwrap();
    let is_short = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        ssh_key::PrivateKey::from_openssh(&text).is_err()
    };
    let key = (0..200)
        .map(|n| ssh::keygen(dir.path(), &format!("k{n}"), &["ecdsa", "-b", "521"]))
        .find(|key| is_short(key))
        .expect("one in four is short");
    assert_eq!(signed_by(&mut Ring::open(Some(&key), None).unwrap()), ssh::openssh_fingerprint(&key));
    let mut lock = Command::new("ssh-keygen");
    lock.args(["-q", "-p", "-P", "", "-N", "open sesame", "-f"]).arg(&key).stdout(Stdio::null());
    assert!(lock.status().unwrap().success());
    let mut ring = Ring::open(Some(&key), None).unwrap();
    assert!(matches!(ring.unlock("wrong"), Err(SignError::Passphrase)));
    ring.unlock("open sesame").unwrap();
    assert_eq!(signed_by(&mut ring), ssh::openssh_fingerprint(&key));
}

#[test]
fn a_file_that_cannot_sign_says_what_does() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| {
        let file = dir.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        file
    };
    let why = |file: &Path| Ring::open(Some(file), None).unwrap_err().to_string();
    // What OpenSSH wrote before 2018, what openssl writes, what PuTTY writes.
    let old = dir.path().join("old");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f"]).arg(&old);
    assert!(keygen.status().unwrap().success());
    assert!(why(&old).contains("ssh-keygen -p -f"), "{}", why(&old));
    let mut anew = Command::new("ssh-keygen");
    anew.args(["-q", "-p", "-N", "", "-f"]).arg(&old).stdout(Stdio::null());
    assert!(anew.status().unwrap().success());
    assert_eq!(signed_by(&mut Ring::open(Some(&old), None).unwrap()), ssh::openssh_fingerprint(&old));
    for start in ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "EC PARAMETERS"] {
        let file = at("pem", &format!("-----BEGIN {start}-----\nAAAA\n-----END {start}-----\n"));
        assert!(why(&file).contains("ssh-keygen -p -f"), "{start}");
    }
    assert!(why(&at("ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n")).contains("puttygen"));
    assert!(why(&at("cut", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n")).contains("no OpenSSH private key"));
    assert!(why(&at("pub2", "---- BEGIN SSH2 PUBLIC KEY ----\n")).contains("no OpenSSH public key"));
    assert!(why(&at("text", "hello\n")).contains("no OpenSSH public key"));
    assert!(why(&dir.path().join("nothing")).contains("No such file"));
    assert!(why(dir.path()).contains("it is a folder, not a file"));

    let key = ssh::keygen(dir.path(), "open", &["ed25519"]);
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        assert!(why(&key).contains("chmod 600"), "{mode:o}");
    }
    // Line ends of Windows and a mark of UTF-8 are no other key.
    let text = fs::read_to_string(&key).unwrap().replace('\n', "\r\n");
    let windows = at("windows", &format!("\u{feff}{text}"));
    assert_eq!(signed_by(&mut Ring::open(Some(&windows), None).unwrap()), ssh::openssh_fingerprint(&key));
}

#[test]
fn the_certificate_beside_a_key_is_at_hand() {
    let dir = tempfile::tempdir().unwrap();
    let ca = ssh::keygen(dir.path(), "ca", &["ed25519"]);
    let key = ssh::keygen(dir.path(), "key", &["ed25519"]);
    ssh::certify(&ca, &key, &["-n", "bob"]);
    let mut ring = Ring::open(Some(&key), None).unwrap();
    assert_eq!((ring.keys().len(), ring.identities().len()), (1, 2));
    let plain = open(&sign(&mut ring).unwrap(), NS, MESSAGE).unwrap();
    assert!(plain.certificate().is_none());
    let armored = ring.sign_as(&|i| i.certificate().is_some(), NS, MESSAGE).unwrap();
    let seal = open(&armored, NS, MESSAGE).unwrap();
    assert_eq!(seal.certificate().unwrap().principals(), ["bob"]);
    assert_eq!(seal.key(), plain.key());
}

/// An agent of one's own: says what it is told to.
struct FakeAgent {
    _dir: tempfile::TempDir,
    socket: PathBuf,
    asked: Arc<AtomicUsize>,
}

fn frame(body: &[u8]) -> Vec<u8> {
    s(body)
}

/// The list that an agent with these keys gives.
fn list(keys: &[(Vec<u8>, &[u8])]) -> Vec<u8> {
    let mut body = vec![12];
    body.extend(u32::try_from(keys.len()).unwrap().to_be_bytes());
    for (key, comment) in keys {
        body.extend(s(key));
        body.extend(s(comment));
    }
    body
}

const FAILURE: &[u8] = &[5];

impl FakeAgent {
    /// `answer` gets a message and gives the bytes that go back, length and all.
    fn start(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("agent");
        let listener = UnixListener::bind(&socket).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut length = [0; 4];
                if stream.read_exact(&mut length).is_err() {
                    continue;
                }
                let mut message = vec![0; u32::from_be_bytes(length) as usize];
                stream.read_exact(&mut message).unwrap();
                if message[0] == 13 {
                    count.fetch_add(1, Ordering::SeqCst);
                }
                drop(stream.write_all(&answer(&message)));
            }
        });
        Self { _dir: dir, socket, asked }
    }

    /// Has these keys, and signs with those of the seeds.
    fn with(keys: Vec<(Vec<u8>, &'static [u8])>, signs: &'static [u8]) -> Self {
        Self::start(move |message| match message[0] {
            11 => frame(&list(&keys)),
            _ => frame(&signs.iter().find_map(|seed| sign_request(message, *seed)).unwrap_or_else(|| FAILURE.to_vec())),
        })
    }

    fn ring(&self) -> Result<Ring, SignError> {
        Ring::open(None, Some(&self.socket))
    }
}

/// The answer to a request, where it is for the key of a seed.
fn sign_request(message: &[u8], seed: u8) -> Option<Vec<u8>> {
    let key = ed25519(seed);
    let rest = message[1..].strip_prefix(s(ed25519_public(&key)).as_slice())?;
    let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
    let data = &rest[4..4 + length];
    Some(join(&[vec![14], s(ed25519_signature(&key, data))]))
}

fn public(seed: u8) -> Vec<u8> {
    ed25519_public(&ed25519(seed))
}

/// Keys that this program cannot sign with, as agents list them.
fn strange() -> Vec<(Vec<u8>, &'static [u8])> {
    vec![
        (join(&[s("ssh-mldsa-87"), s([1; 2592])]), b"post quantum"),
        (
            join(&[
                s("webauthn-sk-ecdsa-sha2-nistp256@openssh.com"),
                s("nistp256"),
                s([&[4][..], &[5; 64]].concat()),
                s("ssh:"),
            ]),
            b"browser",
        ),
        (join(&[s("ssh-ed448"), s([5; 57])]), b"448"),
        (join(&[s("ecdsa-sha2-secp256k1"), s("secp256k1"), s([&[4][..], &[5; 64]].concat())]), b"coin"),
        (join(&[s("ssh-xmss@openssh.com"), s("XMSS_SHA2_256_W16_H10"), s([2; 64]), s("")]), b"xmss"),
        (join(&[s("ssh-dss"), s([7; 128]), s([7; 20]), s([7; 128]), s([7; 128])]), b"dsa"),
        (join(&[s("ssh-ed25519"), s([5; 31])]), b"short"),
        (join(&[s("ssh-ed25519"), s([5; 32]), vec![0]]), b"long"),
        (join(&[s("ssh-ed25519-cert-v01@openssh.com"), s([5; 32]), s([5; 31])]), b"no certificate"),
        (b"\xff\xff\xff\xff".to_vec(), b"nonsense"),
        (vec![], b""),
    ]
}

#[test]
fn an_agent_with_keys_that_cannot_be_read_is_used_for_the_rest() {
    for odd in strange() {
        let agent = FakeAgent::with(vec![odd.clone(), (public(1), b"bob"), odd.clone()], &[1]);
        let mut ring = agent.ring().unwrap_or_else(|e| panic!("{odd:?}: {e}"));
        assert_eq!((ring.keys().len(), ring.others()), (1, 2), "{odd:?}");
        assert_eq!(signed_by(&mut ring), print(&public(1)));
    }
    // A comment that is no UTF-8 takes nothing away.
    let agent = FakeAgent::with(vec![(public(1), b"caf\xe9 \xff")], &[1]);
    let mut ring = agent.ring().unwrap();
    assert_eq!(ring.identities()[0].comment(), "caf\u{fffd} \u{fffd}");
    assert_eq!(signed_by(&mut ring), print(&public(1)));
    // Nothing but strange ones, and nothing at all.
    let mut ring = FakeAgent::with(strange(), &[]).ring().unwrap();
    let why = sign(&mut ring).unwrap_err().to_string();
    assert!(why.contains("11 of kinds that are not known"), "{why}");
    let mut ring = FakeAgent::with(vec![], &[]).ring().unwrap();
    let why = sign(&mut ring).unwrap_err().to_string();
    assert!(why.contains("ssh-add -X"), "a locked agent shows no keys: {why}");
}

#[test]
fn lists_that_are_cut_or_too_long_are_used_as_far_as_they_go() {
    let keys = vec![(public(1), b"one".as_slice()), (public(2), b"two")];
    let whole = list(&keys);
    let cut = whole.len() - 5;
    let mut boasting = whole.clone();
    boasting[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
    let mut hung_up = frame(&whole);
    hung_up[..4].copy_from_slice(&5000u32.to_be_bytes());
    let mut endless = vec![(public(1), b"one".as_slice())];
    endless.extend(vec![(join(&[s("ssh-mldsa-87"), s([1; 2592])]), b"".as_slice()); 800]);
    for (bytes, found) in [(frame(&whole[..cut]), 1), (frame(&boasting), 2), (hung_up, 2), (frame(&list(&endless)), 1)]
    {
        let agent =
            FakeAgent::start(move |m| if m[0] == 11 { bytes.clone() } else { frame(&sign_request(m, 1).unwrap()) });
        let mut ring = agent.ring().unwrap();
        assert_eq!(ring.keys().len(), found);
        assert_eq!(signed_by(&mut ring), print(&public(1)));
    }
}

#[test]
fn a_key_that_is_refused_is_followed_by_the_next() {
    let keys = || vec![(public(1), b"one".as_slice()), (public(2), b"two"), (public(3), b"three")];
    let agent = FakeAgent::with(keys(), &[2, 3]);
    assert_eq!(signed_by(&mut agent.ring().unwrap()), print(&public(2)));
    assert_eq!(agent.asked.load(Ordering::SeqCst), 2);
    // One that signs something else is no better than one that refuses.
    let agent = FakeAgent::start(move |m| match m[0] {
        11 => frame(&list(&keys())),
        _ => frame(&sign_request(m, 3).unwrap_or_else(|| join(&[vec![14], s(ed25519_signature(&ed25519(1), b"x"))]))),
    });
    assert_eq!(signed_by(&mut agent.ring().unwrap()), print(&public(3)));
    // Only those that are wanted are asked.
    let agent = FakeAgent::with(vec![(public(1), b"one"), (public(2), b"two")], &[1]);
    let mut ring = agent.ring().unwrap();
    let second = ring.keys()[1].clone();
    let refused = ring.sign(&|key| *key == second, NS, MESSAGE);
    assert!(matches!(refused, Err(SignError::AgentRefused)), "{refused:?}");
    assert!(matches!(ring.sign(&|_| false, NS, MESSAGE), Err(SignError::NoneMine)));
    assert_eq!(agent.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn what_is_no_agent_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let why = |socket: Option<&Path>| Ring::open(None, socket).unwrap_err().to_string();
    assert!(why(None).contains("SSH_AUTH_SOCK is not set"));
    assert!(why(Some(Path::new(""))).contains("SSH_AUTH_SOCK is not set"));
    assert!(why(Some(&dir.path().join("gone"))).contains("there is nothing"));
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(why(Some(&file)).contains("a file, not a socket"));
    let left = dir.path().join("left");
    drop(UnixListener::bind(&left).unwrap());
    assert!(why(Some(&left)).contains("nobody listens"));
    let long = dir.path().join("x".repeat(200));
    assert!(why(Some(&long)).contains("does not answer"));
    for (answer, word) in [
        (vec![], "hung up"),
        (vec![0, 0], "hung up"),
        (frame(&[]), "does not speak"),
        (frame(&[99]), "does not speak"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "does not speak"),
        (frame(FAILURE), "does not tell"),
    ] {
        let agent = FakeAgent::start(move |_| answer.clone());
        let why = agent.ring().unwrap_err().to_string();
        assert!(why.contains(word), "{word}: {why}");
    }
}

#[test]
fn an_agent_that_hangs_is_given_up() {
    let short = Patience { answer: Duration::from_millis(100), touch: Duration::from_millis(100) };
    let dir = tempfile::tempdir().unwrap();
    // It takes the connection and says nothing.
    let silent = dir.path().join("silent");
    let _listener = UnixListener::bind(&silent).unwrap();
    let why = Ring::open_within(None, Some(&silent), short).unwrap_err().to_string();
    assert!(why.contains("not a word within 0.1 s"), "{why}");
    // It does not even take the connection: the queue of those that wait is full.
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with};
    let full = dir.path().join("full");
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::empty(), None).unwrap();
    bind(&socket, &SocketAddrUnix::new(&full).unwrap()).unwrap();
    listen(&socket, 0).unwrap();
    let _first = std::os::unix::net::UnixStream::connect(&full).unwrap();
    let why = Ring::open_within(None, Some(&full), short).unwrap_err().to_string();
    assert!(why.contains("not a word within 0.1 s"), "{why}");
    // It lists its keys, and waits for a finger that does not come. The next key is not asked: nobody is there.
    let agent = FakeAgent::start(|m| match m[0] {
        11 => frame(&list(&[(public(1), b""), (public(2), b"")])),
        _ => loop {
            std::thread::park();
        },
    });
    let mut ring = Ring::open_within(None, Some(&agent.socket), short).unwrap();
    let why = sign(&mut ring).unwrap_err().to_string();
    assert!(why.contains("not a word within 0.1 s"), "{why}");
    assert_eq!(agent.asked.load(Ordering::SeqCst), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_an_agent_says_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        framed in any::<bool>(),
        kind in prop::sample::select(vec![5u8, 12, 14, 255]),
        count in any::<u32>(),
    ) {
        let body = join(&[vec![kind], count.to_be_bytes().to_vec(), bytes.clone()]);
        let answer = if framed { frame(&body) } else { bytes };
        let said = answer.clone();
        let agent = FakeAgent::start(move |_| said.clone());
        if let Ok(mut ring) = agent.ring() {
            prop_assert!(sign(&mut ring).is_err());
        }
        let signs = FakeAgent::start(move |m| if m[0] == 11 { frame(&list(&[(public(1), b"")])) } else { answer.clone() });
        prop_assert!(sign(&mut signs.ring().unwrap()).is_err());
    }
}

/// A real ssh-agent in the foreground, ended with the test.
struct RealAgent {
    child: Child,
    socket: PathBuf,
}

impl RealAgent {
    fn start(dir: &Path) -> Self {
        let socket = dir.join("real");
        let mut agent = Command::new("ssh-agent");
        // Every question that it asks its person is denied.
        agent.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null());
        agent.env("SSH_ASKPASS", "/bin/false").env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", ":none");
        Self { child: agent.spawn().unwrap(), socket }
    }

    fn add(&self, options: &[&str], key: &Path) {
        let end = std::time::Instant::now() + Duration::from_secs(10);
        let mut add = Command::new("ssh-add");
        add.arg("-q").args(options).arg(key).env("SSH_AUTH_SOCK", &self.socket).stderr(Stdio::null());
        while !add.status().unwrap().success() {
            assert!(std::time::Instant::now() < end, "the agent does not take {key:?}");
            std::thread::yield_now();
        }
    }

    fn ring(&self, key: Option<&Path>) -> Result<Ring, SignError> {
        Ring::open(key, Some(&self.socket))
    }
}

impl Drop for RealAgent {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_real_agent_signs_with_every_key_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let agent = RealAgent::start(dir.path());
    let ca = ssh::keygen(dir.path(), "ca", &["ed25519"]);
    // ssh-keygen's certificates have no end unless they are given one.
    let job = ssh::keygen(dir.path(), "job", &["ed25519"]);
    let certificate = ssh::certify(&ca, &job, &["-n", "job"]);
    agent.add(&[], &job);
    let mut added = vec![job.clone()];
    for (name, kind) in [("rsa", &["rsa", "-b", "2048"][..]), ("ec", &["ecdsa", "-b", "384"]), ("ed", &["ed25519"])] {
        let key = ssh::keygen(dir.path(), name, kind);
        agent.add(&[], &key);
        added.push(key);
    }
    let mut ring = agent.ring(None).unwrap();
    assert_eq!((ring.keys().len(), ring.identities().len(), ring.others()), (4, 5, 0));
    let order: Vec<String> = ring.keys().iter().map(|k| k.fingerprint(ssh_key::HashAlg::Sha256).to_string()).collect();
    assert_eq!(order, added.iter().map(|k| ssh::openssh_fingerprint(k)).collect::<Vec<_>>());
    for (key, print) in ring.keys().into_iter().cloned().collect::<Vec<_>>().into_iter().zip(order) {
        let armored = ring.sign(&|k| *k == key, NS, MESSAGE).unwrap();
        let seal = open(&armored, NS, MESSAGE).unwrap();
        assert_eq!(seal.fingerprint(), print);
        assert!(seal.certificate().is_none(), "the plain key comes before its certificate");
    }
    // By the public half: the key, or its certificate, also when the agent has the key alone.
    let pub_file = |key: &Path| key.with_extension("pub");
    let mut one = agent.ring(Some(&pub_file(&added[1]))).unwrap();
    assert_eq!(signed_by(&mut one), ssh::openssh_fingerprint(&added[1]));
    let late = ssh::certify(&ca, &added[2], &["-n", "late"]);
    for (file, name) in [(certificate, "job"), (late, "late")] {
        let mut certified = agent.ring(Some(&file)).unwrap();
        let seal = open(&sign(&mut certified).unwrap(), NS, MESSAGE).unwrap();
        assert_eq!(seal.certificate().unwrap().principals(), [name]);
    }
    make_key(&dir.path().join("stranger"), "stranger", &[3; 32]).unwrap();
    let missing = agent.ring(Some(&dir.path().join("stranger.pub"))).unwrap_err();
    assert!(matches!(missing, SignError::NotInAgent(_)), "{missing}");
}

#[test]
fn a_dialog_that_is_denied_leaves_the_next_key() {
    let dir = tempfile::tempdir().unwrap();
    let agent = RealAgent::start(dir.path());
    let asks = ssh::keygen(dir.path(), "asks", &["ed25519"]);
    let plain = ssh::keygen(dir.path(), "plain", &["ed25519"]);
    agent.add(&["-c"], &asks);
    agent.add(&[], &plain);
    let mut ring = agent.ring(None).unwrap();
    assert_eq!(ring.keys().len(), 2);
    assert_eq!(signed_by(&mut ring), ssh::openssh_fingerprint(&plain));
}

/// A certificate that proves nothing here still has a key that signs as itself.
#[test]
fn a_certificate_that_does_not_count_leaves_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let agent = RealAgent::start(dir.path());
    let ca = ssh::keygen(dir.path(), "ca", &["ed25519"]);
    let key = ssh::keygen(dir.path(), "key", &["ed25519"]);
    ssh::certify(&ca, &key, &["-n", "job", "-O", "force-command=true"]);
    agent.add(&[], &key);
    // The plain key goes; the certificate stays.
    let mut delete = Command::new("ssh-add");
    delete.args(["-q", "-d", "-k"]).arg(key.with_extension("pub")).env("SSH_AUTH_SOCK", &agent.socket);
    assert!(delete.stderr(Stdio::null()).status().unwrap().success());
    let mut ring = agent.ring(None).unwrap();
    assert_eq!(ring.identities().len(), 1);
    let seal = open(&sign(&mut ring).unwrap(), NS, MESSAGE).unwrap();
    assert_eq!(seal.fingerprint(), ssh::openssh_fingerprint(&key));
    assert!(seal.certificate().is_none());
}
