//! A simulator, the files of a few people in front of it, and the built program that each of them runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use signalbox::change::{Act, ChangeText, Digest};
use signalbox::cli::change_file::ChangeFile;
use signalbox::estate::{ControlArn, ControlState, Estate, Person, Role, guiding_care};
use signalbox::signing::SecretKey;
use signalbox::sim::wire::{Answer, Handler, Listener};
use signalbox::sim::{Sim, SimOptions, arc};
use tokio::runtime::Runtime;

use crate::people::give_keys;

pub const DONE: i32 = 0;
pub const FAILED: i32 = 1;
pub const USAGE: i32 = 2;
pub const REFUSED: i32 = 3;
pub const EXPIRED: i32 = 4;
pub const UNCERTAIN: i32 = 5;
pub const UNREACHABLE: i32 = 6;
pub const NOT_APPROVED: i32 = 7;
pub const IMPAIRED: i32 = 8;
pub const JOURNAL: i32 = 9;
pub const OVERTAKEN: i32 = 10;
pub const PARTLY: i32 = 11;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
/// A world in which traffic never moves: whoever attacks in it must fail.
static STILL: LazyLock<Arc<World>> = LazyLock::new(World::start);

/// How late such a write is answered: sooner than it is given up.
const LATE: std::time::Duration = std::time::Duration::from_millis(800);

/// A simulated AWS on loopback, which counts the writes that reach its cluster.
pub struct World {
    sim: Sim,
    estate: Estate,
    _listeners: Vec<Listener>,
    writes: Arc<AtomicUsize>,
    goes_dark: Arc<AtomicBool>,
    late: Arc<AtomicBool>,
}

impl World {
    pub fn start() -> Arc<Self> {
        Self::of(guiding_care().unwrap())
    }

    pub fn of(estate: Estate) -> Arc<Self> {
        RUNTIME.block_on(async {
            let sim = Sim::start(SimOptions::new(estate, "calm").unwrap()).await.unwrap();
            let (writes, goes_dark) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
            let dark = Arc::new(AtomicBool::new(false));
            let late = Arc::new(AtomicBool::new(false));
            let mut estate = sim.estate().clone();
            let mut listeners = Vec::new();
            for endpoint in &mut estate.cluster.endpoints {
                let inner = arc::cluster::handler(sim.world().clone(), endpoint.region.clone());
                let (writes, goes_dark, dark, late) = (writes.clone(), goes_dark.clone(), dark.clone(), late.clone());
                let handler: Handler = Arc::new(move |request| {
                    let target = request.target("ToggleCustomerAPI").unwrap_or_default();
                    if target.starts_with("Update") {
                        writes.fetch_add(1, Ordering::SeqCst);
                        dark.fetch_or(goes_dark.load(Ordering::SeqCst), Ordering::SeqCst);
                    }
                    match inner(request) {
                        _ if dark.load(Ordering::SeqCst) => Answer::Close,
                        Answer::Reply(reply) if target.starts_with("Update") && late.load(Ordering::SeqCst) => {
                            Answer::Later(LATE, reply)
                        }
                        answer => answer,
                    }
                });
                let listener = Listener::start(0, handler).await.unwrap();
                endpoint.url = format!("{}/v1", listener.url());
                listeners.push(listener);
            }
            Arc::new(Self { sim, estate, _listeners: listeners, writes, goes_dark, late })
        })
    }

    /// The controls as they truly are.
    pub fn states(&self) -> BTreeMap<ControlArn, ControlState> {
        self.sim.control_states()
    }

    /// Calls that would change controls, whatever came of them.
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// From now on a write is carried out at once and answered a while later.
    pub fn answer_writes_late(&self) {
        self.late.store(true, Ordering::SeqCst);
    }

    /// From the next write on no endpoint answers anything.
    pub fn go_dark_at_the_next_write(&self) {
        self.goes_dark.store(true, Ordering::SeqCst);
    }
}

/// The people's files in a folder of their own, in front of a world.
pub struct Desk {
    pub dir: tempfile::TempDir,
    pub world: Arc<World>,
    pub estate: Estate,
    before: BTreeMap<ControlArn, ControlState>,
}

impl Desk {
    /// In front of the world in which nothing may move.
    pub fn still(change: impl FnOnce(&mut Estate)) -> Self {
        Self::at(STILL.clone(), change)
    }

    /// In front of a world of its own.
    pub fn own(change: impl FnOnce(&mut Estate)) -> Self {
        Self::at(World::start(), change)
    }

    /// In front of a world of its own with this estate.
    pub fn of(estate: Estate, change: impl FnOnce(&mut Estate)) -> Self {
        Self::at(World::of(estate), change)
    }

    fn at(world: Arc<World>, change: impl FnOnce(&mut Estate)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut estate = world.estate.clone();
        give_keys(dir.path(), &mut estate, &[(1, "alice"), (2, "bob"), (3, "carol"), (4, "dave"), (9, "mallory")]);
        change(&mut estate);
        let before = world.states();
        let desk = Self { dir, world, estate, before };
        desk.write_estate("estate.toml", &desk.estate);
        desk
    }

    pub fn write_estate(&self, name: &str, estate: &Estate) {
        self.write(name, estate.to_toml().unwrap());
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn journal(&self) -> PathBuf {
        self.path("state/journal.jsonl")
    }

    /// The program, as somebody runs it who has nothing but these files.
    pub fn program(&self) -> Command {
        program(self.dir.path())
    }

    pub fn run(&self, args: &str) -> (i32, String) {
        ended(self.program().args(args.split(' ')))
    }

    #[track_caller]
    pub fn expect(&self, args: &str, code: i32) -> String {
        let (exit, said) = self.run(args);
        assert_eq!(exit, code, "signalbox {args}\n{said}");
        said
    }

    /// Alice asks for a failover; the change's word code.
    #[track_caller]
    pub fn propose(&self, file: &str) -> String {
        self.expect(
            &format!("propose --quick --despite untimed --as alice --key alice --to us-east-2 --reason test -o {file}"),
            DONE,
        );
        self.text(file).digest().words()
    }

    pub fn text(&self, file: &str) -> ChangeText {
        ChangeFile::read(&self.path(file)).unwrap().text
    }

    pub fn digest(&self, file: &str) -> Digest {
        self.text(file).digest()
    }

    /// Bob approves by his own program; the signature lies beside the change.
    #[track_caller]
    pub fn approve(&self, file: &str) -> String {
        let words = self.text(file).digest().words();
        self.expect(&format!("approve {file} --key bob --code {words}"), DONE)
    }

    /// Bob's approval is taken into the journal, and nothing else happens: the region is not the right one.
    #[track_caller]
    pub fn take_in(&self, file: &str) {
        let args = format!("flip --quick {file} --approval {file}.sig --as alice --key alice --to us-east-1");
        let said = self.expect(&args, REFUSED);
        assert!(said.contains("not the receiving region's name"), "{said}");
    }

    /// Alice turns the second key, in earnest.
    pub fn flip(&self, file: &str) -> (i32, String) {
        self.run(&format!("flip --quick {file} --as alice --key alice --to us-east-2"))
    }

    pub fn sign(&self, who: &str, act: Act, text: &str) -> String {
        SecretKey::read(&self.path(who)).unwrap().sign(act.namespace(), text.as_bytes()).unwrap()
    }

    /// No routing control is in another state than when the desk was set up.
    #[track_caller]
    pub fn nothing_moved(&self, attack: &str) {
        assert_eq!(self.world.states(), self.before, "{attack} moved traffic");
    }

    pub fn moved(&self) -> bool {
        self.world.states() != self.before
    }
}

/// Somebody else of the estate.
pub fn person(name: &str, roles: &[Role], key: &str) -> Person {
    let keys = if key.is_empty() { Vec::new() } else { vec![key.into()] };
    Person { name: name.into(), roles: roles.to_vec(), groups: Vec::new(), keys, principals: Vec::new() }
}

/// The public key that `make_key` makes of a seed.
pub fn public(seed: u8) -> String {
    use ssh_key::private::{Ed25519Keypair, KeypairData};
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&[seed; 32]));
    ssh_key::PrivateKey::new(pair, "").unwrap().public_key().to_openssh().unwrap()
}

/// The program in `dir`, with no credentials but made-up ones and nothing of this machine's own set-up.
pub fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
    command.current_dir(dir).env_clear().env("HOME", dir).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("SIGNALBOX_ESTATE", "estate.toml").env("SIGNALBOX_STATE", "state").stdin(Stdio::null());
    command
}

pub fn ended(command: &mut Command) -> (i32, String) {
    told(&command.output().unwrap())
}

pub fn told(output: &Output) -> (i32, String) {
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), said)
}

/// A plain console that leaves as soon as it has said what it knows.
pub fn console(desk: &Desk, args: &str) -> (i32, String) {
    console_says(desk, args, "status\n")
}

/// A plain console in which somebody types, and leaves.
pub fn console_says(desk: &Desk, args: &str, typed: &str) -> (i32, String) {
    use std::io::Write as _;
    let mut command = desk.program();
    command.args(["console", "--plain"]).args(args.split(' ').filter(|a| !a.is_empty()));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{typed}quit\n").as_bytes()).unwrap();
    told(&child.wait_with_output().unwrap())
}
