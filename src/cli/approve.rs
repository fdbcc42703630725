//! `signalbox approve`: shows a change in plain words, and signs it once its word code was typed.

use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use ssh_key::{HashAlg, PublicKey};

use super::change_file::{ChangeFile, LONGEST};
use super::exit::Exit;
use super::io::Io;
use crate::change::{ChangeText, Flip, Launch, Override, Work, same_person, verify};
use crate::estate::{ControlState, Estate, Role};
use crate::files;
use crate::hygiene::visible;
use crate::signing::{Agent, SecretKey, SignError, pick, read_public};

/// How often the word code may be mistyped.
const TRIES: usize = 3;

/// Look at a change that somebody else asked for, and sign it.
///
/// Shows what will happen in plain words, then asks for the change's word code. The signature is written beside
/// FILE as FILE.sig, where a console that watches the incident folder finds it, and printed for pasting. Plain
/// OpenSSH does the same without the showing: ssh-keygen -Y sign -n approval@signalbox -f KEY FILE.change
#[derive(Args, Clone, Debug)]
pub struct ApproveArgs {
    /// The change: a .change of the incident folder, a change.json of `propose -o`, or - for stdin
    pub file: PathBuf,
    /// Sign with this private key, or with the ssh-agent's key of this .pub
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Sign through ssh-agent (so do hardware keys); the default when no --key is given
    #[arg(long)]
    pub agent: bool,
    /// The estate file: checks that the controls are what they are called, and that you may approve
    #[arg(long, value_name = "FILE")]
    pub estate: Option<PathBuf>,
    /// The change's word code, where nobody can type it: compare it with the requester's first
    #[arg(long, value_name = "WORDS")]
    pub code: Option<String>,
}

/// An end with an explanation.
struct Stop(Exit, String);

impl From<SignError> for Stop {
    fn from(e: SignError) -> Self {
        Stop(Exit::Failed, e.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(e: std::io::Error) -> Self {
        Stop(Exit::Failed, format!("cannot talk to the terminal: {e}"))
    }
}

/// What signs.
enum Signer {
    File(Box<SecretKey>),
    Agent(Agent, PublicKey),
}

/// Runs `signalbox approve`.
pub fn run(args: &ApproveArgs, io: &mut Io<'_>) -> Exit {
    match approve(args, io) {
        Ok(()) => Exit::Ok,
        Err(Stop(exit, why)) => {
            // Error texts carry file names and other people's words: none of their lines begins like one of ours.
            let why: Vec<_> = why.lines().map(visible).collect();
            drop(writeln!(io.err, "signalbox: not signed: {}", why.join("\n  ")));
            exit
        }
    }
}

fn approve(args: &ApproveArgs, io: &mut Io<'_>) -> Result<(), Stop> {
    let piped = args.file == Path::new("-");
    let text = read(args, io, piped)?;
    let change = ChangeFile::parse(&text).map_err(|e| Stop(Exit::Refused, e.to_string()))?.text;
    let estate = args.estate.as_deref().map(load).transpose()?;
    show(&change, io)?;
    in_time(&change, io)?;
    if let Some(estate) = &estate {
        fits(&change, estate)?;
    }
    let mut signer = signer(args, &change, estate.as_ref(), io)?;
    let public = match &signer {
        Signer::File(key) => key.public().clone(),
        Signer::Agent(_, key) => key.clone(),
    };
    who(&public, &change, estate.as_ref(), io)?;
    ask_code(args, &change, piped, io)?;
    if let Signer::File(key) = &signer
        && key.is_locked()
    {
        let passphrase = (io.secret)("passphrase of the key: ")?;
        signer = Signer::File(Box::new(key.unlock(&passphrase)?));
    }
    // Typing takes time.
    in_time(&change, io)?;
    let canonical = change.canonical();
    let armored = match &mut signer {
        Signer::File(key) => key.approve(&canonical)?,
        Signer::Agent(agent, key) => {
            writeln!(io.out, "asking the ssh-agent (touch the hardware key if it blinks) …")?;
            agent.approve(key, &canonical)?
        }
    };
    if let Some(estate) = &estate {
        verify(estate, &change, &armored).map_err(|e| Stop(Exit::Refused, e.to_string()))?;
    }
    writeln!(io.out, "\nsigned. To paste into the console:\n\n{}", armored.trim_end())?;
    if !piped {
        let mut name = args.file.clone().into_os_string();
        name.push(".sig");
        let path = PathBuf::from(name);
        crate::signing::write_atomically(&path, armored.as_bytes())?;
        writeln!(io.out, "\nalso in {}", visible(&path.to_string_lossy()))?;
    }
    Ok(())
}

fn read(args: &ApproveArgs, io: &mut Io<'_>, piped: bool) -> Result<String, Stop> {
    let cannot = |e: std::io::Error| Stop(Exit::Usage, format!("cannot read {}: {e}", args.file.display()));
    let text = if piped { files::read_all_text(&mut io.stdin, LONGEST) } else { files::read_text(&args.file, LONGEST) };
    text.map_err(cannot)
}

fn load(path: &Path) -> Result<Estate, Stop> {
    let text = files::read_text(path, files::ESTATE)
        .map_err(|e| Stop(Exit::Usage, format!("cannot read the estate file {}: {e}", path.display())))?;
    Estate::parse(&text, &path.display().to_string()).map_err(|faults| Stop(Exit::Usage, faults.to_string()))
}

/// Everything that is signed, in plain words. Every text was checked for hidden characters by the parser; they are
/// marked here again, because this is what the approver believes.
fn show(change: &ChangeText, io: &mut Io<'_>) -> Result<(), Stop> {
    let v = |text: &str| visible(text).into_owned();
    let words = change.digest().words();
    let out = &mut io.out;
    writeln!(out, "{} asks you to approve:\n", v(change.by.as_str()))?;
    writeln!(out, "    {}", v(&change.title))?;
    let place = match change.launch() {
        None => "traffic goes to ",
        Some(_) => "launched in     ",
    };
    writeln!(out, "\n  {place}  {}", v(change.receiving.as_str()))?;
    writeln!(out, "  reason            {}", v(&change.reason))?;
    writeln!(out, "  data loss         {}", v(&change.loss))?;
    writeln!(out, "  asked at          {}", change.at.strftime("%Y-%m-%d %H:%M:%S UTC"))?;
    let left = change.until.duration_since((io.now)());
    let valid = if left.is_negative() {
        "over".to_owned()
    } else {
        format!("{} min {} s more, by this machine's clock", left.as_secs() / 60, left.as_secs() % 60)
    };
    writeln!(out, "  approve until     {} ({valid})", change.until.strftime("%Y-%m-%d %H:%M:%S UTC"))?;
    writeln!(out, "  estate, pair      {}, {}", v(&change.estate), v(change.pair.as_str()))?;
    writeln!(out, "  cluster           {}", v(change.cluster.as_str()))?;
    match &change.work {
        Work::Controls { flips, overrides } => controls(flips, overrides, out)?,
        Work::Launch(launch) => servers(launch, out)?,
    }
    if let Some(despite) = &change.despite {
        let rule = "!".repeat(72);
        writeln!(out, "\n{rule}\n  PREFLIGHT FAILS, and this is asked for in spite of it:")?;
        for check in &despite.checks {
            writeln!(out, "    ✖ {}", v(check))?;
        }
        writeln!(out, "  because: {}\n{rule}", v(&despite.reason))?;
    }
    let large: String = words.to_uppercase().chars().flat_map(|c| [c, ' ']).collect();
    writeln!(out, "\n  word code:\n\n        {}\n", large.trim_end())?;
    writeln!(out, "  It must be the one that {} reads out to you.", v(change.by.as_str()))?;
    Ok(())
}

fn controls(flips: &[Flip], overrides: &[Override], out: &mut dyn Write) -> Result<(), Stop> {
    writeln!(out, "\n  routing controls, all at once, in this order:")?;
    let word = |state: ControlState| state.to_string();
    for f in flips {
        writeln!(out, "    {:>3} → {:<3}  {}", word(f.from), word(f.to), visible(&f.name))?;
        writeln!(out, "               {}", visible(f.arn.as_str()))?;
    }
    if !overrides.is_empty() {
        let rule = "!".repeat(72);
        writeln!(out, "\n{rule}\n  THIS OVERRIDES SAFETY RULES. ARC will not protect you from:")?;
        for o in overrides {
            writeln!(out, "    {}\n               {}", visible(&o.name), visible(o.arn.as_str()))?;
        }
        writeln!(out, "{rule}")?;
    }
    Ok(())
}

fn servers(launch: &Launch, out: &mut dyn Write) -> Result<(), Stop> {
    let n = launch.servers.len();
    let what = if launch.drill {
        "a DRILL: production and replication stay as they are; the instances cost money until they are terminated"
    } else {
        "a REAL RECOVERY: the instances take the servers' place"
    };
    writeln!(out, "\n  {what}\n\n  DRS source servers, {n} of them, each at its newest state:")?;
    for s in &launch.servers {
        writeln!(out, "    {}  {}", visible(&s.id), visible(&s.name))?;
    }
    Ok(())
}

fn in_time(change: &ChangeText, io: &Io<'_>) -> Result<(), Stop> {
    if (io.now)() <= change.until {
        return Ok(());
    }
    let until = change.until.strftime("%Y-%m-%d %H:%M:%S UTC");
    Err(Stop(Exit::Expired, format!("the change could be approved until {until}; {} must propose it again", change.by)))
}

/// Whether the change is of this estate, and its controls and rules are what it calls them.
fn fits(change: &ChangeText, estate: &Estate) -> Result<(), Stop> {
    let mut wrong = Vec::new();
    if change.estate != estate.name {
        wrong.push(format!("it is of estate `{}`, your file is of `{}`", change.estate, estate.name));
    }
    if change.cluster != estate.cluster.arn {
        wrong.push(format!("its cluster is {}, your file's is {}", change.cluster, estate.cluster.arn));
    }
    for f in change.flips() {
        match estate.control(&f.arn) {
            None => wrong.push(format!("`{}` ({}) is no routing control of your file", f.name, f.arn)),
            Some(c) if c.name != f.name => {
                wrong.push(format!("what it calls `{}` is `{}` in your file ({})", f.name, c.name, f.arn));
            }
            Some(_) => {}
        }
    }
    for o in change.overrides() {
        match estate.rule(&o.arn) {
            None => wrong.push(format!("`{}` ({}) is no safety rule of your file", o.name, o.arn)),
            Some(r) if r.name != o.name => {
                wrong.push(format!("the rule it calls `{}` is `{}` in your file ({})", o.name, r.name, o.arn));
            }
            Some(_) => {}
        }
    }
    match estate.pair(&change.pair) {
        Some(pair) if pair.side(&change.receiving).is_some() => {}
        _ => wrong.push(format!("region {} is not of pair `{}` in your file", change.receiving, change.pair)),
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Stop(Exit::Refused, format!("the change does not fit your estate file:\n  {}", wrong.join("\n  "))))
}

fn signer(args: &ApproveArgs, change: &ChangeText, estate: Option<&Estate>, io: &Io<'_>) -> Result<Signer, Stop> {
    let public = args.key.as_deref().filter(|p| p.extension().is_some_and(|e| e == "pub"));
    if let (Some(path), None, false) = (&args.key, public, args.agent) {
        return Ok(Signer::File(Box::new(SecretKey::read(path)?)));
    }
    let wanted = match (&args.key, public) {
        (_, Some(path)) => Some(read_public(path)?),
        (Some(path), None) => Some(SecretKey::read(path)?.public().clone()),
        (None, None) => None,
    };
    let mut agent = Agent::connect(io.agent.as_deref())?;
    let keys = agent.keys()?;
    let key = pick(&keys, wanted.as_ref(), estate.map(|e| (e, &change.by)))?;
    Ok(Signer::Agent(agent, key))
}

/// Who signs; with an estate, whether they may.
fn who(key: &PublicKey, change: &ChangeText, estate: Option<&Estate>, io: &mut Io<'_>) -> Result<(), Stop> {
    let print = key.fingerprint(HashAlg::Sha256);
    let Some(estate) = estate else {
        writeln!(io.out, "  signing with      {print} (give --estate to check that it may approve)\n")?;
        return Ok(());
    };
    let is = |listed: &String| PublicKey::from_openssh(listed).is_ok_and(|k| k.key_data() == key.key_data());
    let owners: Vec<_> = estate.people.iter().filter(|p| p.keys.iter().any(is)).collect();
    let refuse = |why: String| Err(Stop(Exit::Refused, why));
    if owners.iter().any(|p| same_person(estate, &p.name, &change.by)) {
        return refuse(format!("{print} is a key of {}, who asked: somebody else must approve", change.by));
    }
    match owners.iter().find(|p| p.is(Role::Approver)) {
        Some(person) => {
            writeln!(io.out, "  signing as        {} with {print}\n", visible(person.name.as_str()))?;
            Ok(())
        }
        None if owners.is_empty() => refuse(format!("no person of the estate has the key {print}")),
        None => refuse("you do not have the approver role in the estate file".to_owned()),
    }
}

/// Asks for the word code, until it is right or was wrong too often.
fn ask_code(args: &ApproveArgs, change: &ChangeText, piped: bool, io: &mut Io<'_>) -> Result<(), Stop> {
    let words = change.digest().words();
    let fits = |typed: &str| plain(typed) == words;
    if let Some(code) = &args.code {
        return if fits(code) {
            Ok(())
        } else {
            Err(Stop(Exit::Refused, format!("--code is not this change's word code ({words})")))
        };
    }
    if piped {
        return Err(Stop(Exit::Usage, "with the change on stdin, give its word code by --code".to_owned()));
    }
    for _ in 0..if io.terminal { TRIES } else { 1 } {
        write!(io.out, "type the word code to sign, or press Ctrl-C: ")?;
        io.out.flush()?;
        let mut typed = String::new();
        if (&mut io.stdin).take(200).read_line(&mut typed)? == 0 {
            break;
        }
        if fits(&typed) {
            return Ok(());
        }
        writeln!(io.out, "that is not it")?;
    }
    Err(Stop(Exit::Refused, "the word code was not typed".to_owned()))
}

/// Spaces or hyphens between the words, capitals or not: people type what they hear.
fn plain(typed: &str) -> String {
    let words: Vec<_> = typed.split([' ', '-', '\t', '\r', '\n']).filter(|w| !w.is_empty()).collect();
    words.join("-").to_lowercase()
}
