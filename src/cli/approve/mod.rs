//! `signalbox approve`: shows a change in plain words, and signs it once its word code was typed.

mod fits;
mod show;
mod who;

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use super::change_file::{ChangeFile, LONGEST};
use super::exit::Exit;
use super::io::Io;
use crate::change::paste::paste;
use crate::change::{Binding, ChangeText, Consent, Statement, gate, prove};
use crate::estate::Estate;
use crate::files;
use crate::hygiene::{one_line, visible};
use crate::signing::SignError;

/// How often the word code may be mistyped.
const TRIES: usize = 3;

/// Look at a change that somebody else asked for, and sign it.
///
/// Shows what will happen in plain words, then asks for the change's word code. The signature is written beside
/// FILE as FILE.sig, where a console that watches the incident folder finds it, and printed for pasting. Plain
/// OpenSSH does the same without the showing: ssh-keygen -Y sign -n approval@signalbox -f KEY FILE.change
#[derive(Args, Clone, Debug)]
pub struct ApproveArgs {
    /// The change: a .change file from the incident folder, a change.json from `propose -o`, or - for stdin
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Sign with this private key, or with the ssh-agent's key that matches this .pub
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// Sign with the ssh-agent's keys, hardware keys included; the default without --key
    #[arg(long)]
    pub agent: bool,
    /// Your own estate file: compare it with the requester's, and check that you may approve
    #[arg(long, value_name = "FILE", env = "SIGNALBOX_ESTATE", value_hint = ValueHint::FilePath)]
    pub estate: Option<PathBuf>,
    /// Your own words, which are signed and kept with the approval
    #[arg(long, value_name = "WORDS", default_value = "")]
    pub say: String,
    /// The change's word code, if nobody can type it: compare it with the requester's first
    #[arg(long, value_name = "WORDS")]
    pub code: Option<String>,
}

/// An end with an explanation.
struct Stop(Exit, String);

impl From<SignError> for Stop {
    fn from(e: SignError) -> Self {
        let exit = match e {
            SignError::Io { doing: "write", .. } | SignError::AgentRefused | SignError::Agent { .. } => Exit::Failed,
            _ => Exit::Usage,
        };
        Stop(exit, e.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(e: std::io::Error) -> Self {
        Stop(Exit::Failed, format!("cannot talk to the terminal: {e}"))
    }
}

/// Runs `signalbox approve`.
pub fn run(args: &ApproveArgs, io: &mut Io<'_>) -> Exit {
    let ended = match sign(args, io) {
        Ok(signed) => hand_over(&signed, args, io),
        Err(Stop(exit, why)) => Err(Stop(exit, format!("not signed: {why}"))),
    };
    match ended {
        Ok(()) => Exit::Ok,
        Err(Stop(exit, why)) => {
            // Error texts carry file names and other people's words: none of their lines begins like one of ours.
            let why: Vec<_> = why.lines().map(visible).collect();
            drop(writeln!(io.err, "signalbox: {}", why.join("\n  ")));
            exit
        }
    }
}

/// An approval that a key has made: from here on, whatever fails, it is never said that nothing was signed.
struct Signed {
    consent: Consent,
    armored: String,
    estate: Option<Estate>,
}

/// Shows the change, asks, and has the key sign.
fn sign(args: &ApproveArgs, io: &mut Io<'_>) -> Result<Signed, Stop> {
    let piped = args.file == Path::new("-");
    let text = read(args, io, piped)?;
    let mut file = ChangeFile::parse(&text).map_err(|e| Stop(e.exit(), e.to_string()))?;
    if !piped {
        file.take_what_lies_beside(&args.file);
    }
    let change = &file.text;
    let estate = args.estate.as_deref().map(load).transpose()?;
    let asked = fits::asked(&file, estate.as_ref(), (io.now)())?;
    show::change(change, &asked, io)?;
    in_time(change, io)?;
    if let Some(estate) = &estate {
        fits::estate(&file, estate, &Binding::of(estate))?;
    }
    let mut signer = who::signer(args, change, estate.as_ref(), io)?;
    who::tell(&signer, change, estate.as_ref(), io)?;
    let consent = Consent { change: change.canonical(), words: one_line(&args.say).into_owned() };
    if let Some(why) = <Consent as Statement>::excess(&consent) {
        return Err(Stop(Exit::Usage, why));
    }
    if !survives(&consent.words) {
        let why = "chat and mail alter words that begin or end with >, |, ` or -, or hold `&gt;`, and the signature would \
                   no longer match: say it another way";
        return Err(Stop(Exit::Usage, why.into()));
    }
    ask_code(args, change, piped, io)?;
    if signer.ring.is_locked() {
        let passphrase = (io.secret)("passphrase of the key: ")?;
        signer.ring.unlock(&passphrase)?;
    }
    // Typing takes time.
    in_time(change, io)?;
    if signer.ring.is_of_agent() {
        writeln!(io.out, "asking the ssh-agent (touch the hardware key if it blinks) …")?;
    }
    let armored = signer.sign(&consent)?;
    Ok(Signed { consent, armored, estate })
}

/// Prints a signature and writes it beside its change: one of both is enough for the requester, and what is missing is
/// said. Where neither can be, it goes out with what went wrong: a key is not touched for nothing.
fn hand_over(signed: &Signed, args: &ApproveArgs, io: &mut Io<'_>) -> Result<(), Stop> {
    let Signed { consent, armored, estate } = signed;
    if let Some(estate) = estate {
        let proven = prove(estate, consent.clone(), armored, (io.now)());
        proven.map_err(|e| Stop(Exit::Refused, format!("signed, but the signature does not count: {e}")))?;
    }
    let handed = handed(&consent.words, armored);
    let printed = writeln!(io.out, "\nsigned. To paste into the console:\n\n{}", handed.trim_end());
    let printed = printed.and_then(|()| io.out.flush());
    if args.file == Path::new("-") {
        return printed.map_err(|e| {
            drop(writeln!(io.err, "{}", handed.trim_end()));
            Stop(Exit::Failed, format!("signed, but it could not be printed ({e}): the signature is above"))
        });
    }
    let written = crate::signing::write_beside(&args.file, handed.as_bytes());
    let why = match (printed, written) {
        (Ok(()), Ok(path)) => {
            // The signature is where it should be, whether this line is read or not.
            drop(writeln!(io.out, "\nalso in {}", visible(&path.to_string_lossy())));
            return Ok(());
        }
        (Ok(()), Err(e)) => {
            format!("signed: paste the signature printed above. It could not be written to a file: {e}")
        }
        (Err(e), Ok(path)) => format!("signed, in {}, but it could not be printed: {e}", path.display()),
        (Err(_), Err(e)) => {
            drop(writeln!(io.err, "{}", handed.trim_end()));
            format!("signed, but the signature could be neither printed nor written ({e}): it is above")
        }
    };
    Err(Stop(Exit::Failed, why))
}

/// What is handed to the requester: the approver's words above the signature.
fn handed(words: &str, armored: &str) -> String {
    let said = if words.is_empty() { String::new() } else { format!("{}{words}\n", Consent::WORDS) };
    format!("{said}{}\n", armored.trim_end())
}

/// Whether words above a signature are read as they were said. Which signature it is does not matter.
fn survives(words: &str) -> bool {
    let any = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n";
    let read = paste(&handed(words, any));
    read.is_some_and(|p| Consent::words_in(&p.before).first().is_some_and(|read| read == words))
}

fn read(args: &ApproveArgs, io: &mut Io<'_>, piped: bool) -> Result<String, Stop> {
    let cannot = |e: std::io::Error| Stop(Exit::Failed, format!("cannot read {}: {e}", args.file.display()));
    let text = if piped { files::read_all_text(&mut io.stdin, LONGEST) } else { files::read_text(&args.file, LONGEST) };
    text.map_err(cannot)
}

fn load(path: &Path) -> Result<Estate, Stop> {
    let text = files::read_text(path, files::ESTATE)
        .map_err(|e| Stop(Exit::Failed, format!("cannot read the estate file {}: {e}", path.display())))?;
    Estate::parse(&text, &path.display().to_string()).map_err(|faults| Stop(Exit::Usage, faults.to_string()))
}

fn in_time(change: &ChangeText, io: &Io<'_>) -> Result<(), Stop> {
    let now = (io.now)();
    if change.at.duration_since(now) > gate::AHEAD {
        let at = change.at.strftime("%Y-%m-%d %H:%M:%S UTC");
        let why =
            format!("it says that it was proposed at {at}, which is in the future: set the clocks, and propose again");
        return Err(Stop(Exit::Refused, why));
    }
    if !change.window().is_positive() {
        return Err(Stop(
            Exit::Refused,
            "it could be approved until before it was asked for: it was made by hand".into(),
        ));
    }
    if now <= change.until {
        return Ok(());
    }
    let until = change.until.strftime("%Y-%m-%d %H:%M:%S UTC");
    Err(Stop(Exit::Expired, format!("the change could be approved until {until}; {} must propose it again", change.by)))
}

/// Asks for the word code, until it is right or was wrong too often.
fn ask_code(args: &ApproveArgs, change: &ChangeText, piped: bool, io: &mut Io<'_>) -> Result<(), Stop> {
    let digest = change.digest();
    let words = digest.words();
    let fits = |typed: &str| digest.is_called(typed);
    if let Some(code) = &args.code {
        return if fits(code) {
            Ok(())
        } else {
            Err(Stop(Exit::Refused, format!("--code is not this change's word code ({words})")))
        };
    }
    if piped {
        return Err(Stop(Exit::Usage, "with the change on stdin, give its word code with --code".to_owned()));
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
