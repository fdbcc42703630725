//! `signalbox propose`: freeze a change without a screen. Same gate, same journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use color_eyre::Result;
use color_eyre::eyre::{WrapErr as _, eyre};

use super::change_file::ChangeFile;
use super::common::{EstateArgs, answered, left, open_to_write as open, pair};
use super::exit::{Exit, asked};
use super::io::{complain, put, say};
use super::person::{Actor, PersonArgs, keep_refusal};
use super::states::{Unknown, unknown};
use crate::change::{Draft, Nonce, Operator, drop_blinding, needs_words};
use crate::estate::{ControlState, Estate, PairName, Region, Role};
use crate::event::{Ask, SourceId};
use crate::hygiene::{shell, visible};
use crate::model::{Lever, Model};
use crate::record::Tried;
use crate::runtime::Engine;

/// How long readings are waited for. Levers must be known; the rest makes the data-loss words better.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long DRS is waited for: its first answer is of many calls.
const DRS_PATIENCE: Duration = Duration::from_secs(20);

/// Proposes a change.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(false))]
pub struct ProposeArgs {
    #[command(flatten)]
    estate: EstateArgs,
    #[command(flatten)]
    person: PersonArgs,
    /// The region pair [default: the first of the estate].
    #[arg(long, value_name = "PAIR")]
    pair: Option<String>,
    /// Move all services of the pair to this region.
    #[arg(long, value_name = "REGION", group = "what")]
    to: Option<String>,
    /// Set a routing control by its ARC name: `portal-us-east-1=Off`. May be repeated.
    #[arg(long, value_name = "CONTROL=On|Off", group = "what", num_args = 1..)]
    set: Vec<String>,
    /// Launch DRS source servers in this region as a drill.
    #[arg(long, value_name = "REGION", group = "what")]
    drill_launch: Option<String>,
    /// Launch DRS source servers in this region as a real recovery.
    #[arg(long, value_name = "REGION", group = "what")]
    recover: Option<String>,
    /// A DRS source server to launch, by name or id. May be repeated [default: every server of the region].
    #[arg(long, value_name = "SERVER", conflicts_with_all = ["to", "set"])]
    server: Vec<String>,
    /// Launch from a point in time that has passed: `2026-12-01T03:10Z`, `03:10`, `1h-ago`. Each server is launched from
    /// its newest recovery snapshot that is not younger; the approver signs time and snapshots [default: from the latest].
    #[arg(long, value_name = "TIME", conflicts_with_all = ["to", "set"])]
    at: Option<String>,
    /// Override a safety rule, by name. The approver signs this too. May be repeated.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["drill_launch", "recover"])]
    r#override: Vec<String>,
    /// Why; the approver reads and signs this.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Why to go on despite failing preflight checks. The approver signs the checks and this reason.
    #[arg(long, value_name = "TEXT", default_value = "")]
    despite: String,
    /// The file to write the change to, for the approver.
    #[arg(long, short, value_name = "FILE", default_value = "change.json")]
    output: PathBuf,
    /// Ask only ARC: quicker, but reads no checks and cannot estimate data loss, so it needs --despite.
    #[arg(long)]
    quick: bool,
}

/// Runs the proposal.
///
/// # Errors
/// When the estate cannot be read, no endpoint answers, or the file cannot be written.
pub async fn run(args: ProposeArgs) -> Result<Exit> {
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let actor = args.person.actor(&estate, Some(Role::Operator)).inspect_err(|why| {
        keep_refusal(&state, None, args.person.asker(&estate), Tried::Propose, &why.to_string());
    })?;
    let pair = pair(&estate, args.pair.as_deref())?;
    if let Some((region, drill)) = launch(&args) {
        return propose_launch(&args, estate, state, actor, &pair, &region, drill).await;
    }
    let by = actor.operator(&estate)?;
    let mut draft = match &args.to {
        Some(region) => Draft::towards(&estate, &pair, &Region::from(region.as_str()))?,
        None => draft_of(&estate, &pair, &args.set)?,
    };
    for name in &args.r#override {
        let rule = estate.safety_rules.iter().find(|r| &r.name == name).ok_or_else(|| {
            let names: Vec<_> = estate.safety_rules.iter().map(|r| r.name.as_str()).collect();
            asked(format!("failed to find safety rule `{name}`; the estate has {}", names.join(", ")))
        })?;
        draft.overrides_mut().into_iter().for_each(|o| o.push(rule.arn.clone()));
    }
    let mut engine = match open(estate, state.clone(), args.quick, Some(actor.signer)).await? {
        Ok(engine) => engine,
        Err(exit) => return Ok(exit),
    };
    let wanted: Vec<_> = draft.to().iter().map(|(arn, _)| arn.clone()).collect();
    let known = |m: &Model| wanted.iter().all(|arn| matches!(m.levers.get(arn, m.now), Lever::Agreed(_)));
    if !engine.until(PATIENCE, known).await {
        if let Some(exit) = left(&engine) {
            engine.close().await;
            return Ok(exit);
        }
        let Unknown { why, endpoints, exit } = unknown(engine.model(), wanted.iter());
        engine.close().await;
        keep_refusal(&state, None, Some(by.name().clone()), Tried::Propose, &why);
        complain!("signalbox: {}; nothing was proposed", visible(&why));
        endpoints.iter().for_each(|line| complain!("{}", visible(line)));
        return Ok(exit);
    }
    if !args.quick {
        engine.until(PATIENCE, super::status::all_heard).await;
    }
    freeze(&args, engine, by, draft).await
}

/// The region of a launch, and whether it is a drill.
fn launch(args: &ProposeArgs) -> Option<(Region, bool)> {
    let drill = args.drill_launch.as_deref().map(|r| (Region::from(r), true));
    drill.or_else(|| args.recover.as_deref().map(|r| (Region::from(r), false)))
}

async fn propose_launch(
    args: &ProposeArgs,
    estate: Arc<Estate>,
    state: PathBuf,
    actor: Actor,
    pair: &PairName,
    region: &Region,
    drill: bool,
) -> Result<Exit> {
    let by = actor.operator(&estate)?;
    let now = crate::time::Timestamp::now();
    let at = args.at.as_deref().map(|said| crate::time::point_of(said, now)).transpose();
    let at = at.map_err(|why| asked(format!("--at: {}", visible(&why))))?;
    let kept_in = state.clone();
    let mut engine = match open(estate.clone(), state, false, Some(actor.signer)).await? {
        Ok(engine) => engine,
        Err(exit) => return Ok(exit),
    };
    if !engine.until(DRS_PATIENCE, |m| m.knows_drs(region).is_ok()).await {
        if let Some(exit) = left(&engine) {
            engine.close().await;
            return Ok(exit);
        }
        if engine.model().drs.get(region).is_some_and(|d| d.is_fresh(engine.model().now)) {
            let why = engine.model().knows_drs(region).err().unwrap_or_default();
            engine.close().await;
            keep_refusal(&kept_in, None, Some(by.name().clone()), Tried::Propose, &why);
            complain!("signalbox: {}; nothing was proposed", crate::hygiene::visible(&why));
            return Ok(Exit::Unreachable);
        }
        let why = engine.model().source_trouble(&SourceId::Drs(region.clone()));
        let why = why.unwrap_or_else(|| "the estate file reads no DRS there".into());
        engine.close().await;
        let why = format!("the source servers of {region} are not known: {why}");
        keep_refusal(&kept_in, None, Some(by.name().clone()), Tried::Propose, &why);
        complain!("signalbox: {}", crate::hygiene::visible(&why));
        return Ok(Exit::Unreachable);
    }
    if !args.quick {
        engine.until(PATIENCE, super::status::all_heard).await;
    }
    let wanted: Vec<&str> = args.server.iter().map(String::as_str).collect();
    let launch = engine.model().servers_of(region, &wanted).map(|ids| engine.model().launch_of(region, &ids, drill));
    let launch = match launch {
        Ok(launch) => launch,
        Err(why) => {
            engine.close().await;
            return Err(asked(crate::hygiene::visible(&why)));
        }
    };
    match Draft::launching(&estate, pair, region, launch) {
        Ok(draft) => {
            let draft = match at {
                Some(at) => draft.as_of(at),
                None => draft,
            };
            freeze(args, engine, by, draft).await
        }
        Err(why) => {
            engine.close().await;
            Err(why.into())
        }
    }
}

/// Has the gate freeze a draft, and writes it for the approver.
async fn freeze(args: &ProposeArgs, mut engine: Engine, by: Operator, mut draft: Draft) -> Result<Exit> {
    draft.reason.clone_from(&args.reason);
    draft.despite.clone_from(&args.despite);
    let window = engine.model().estate.policy.second_key_within;
    let verdicts = engine.model().predict(&draft);
    for rule in draft.overrides_mut().map(|o| drop_blinding(o, &verdicts)).unwrap_or_default() {
        let name = engine.model().estate.rule(&rule).map_or_else(|| rule.to_string(), |r| r.name.clone());
        let why = "as far as is known it would not refuse this, and an override would only make it blind";
        complain!("signalbox: safety rule {} is not overridden: {why}", crate::hygiene::visible(&name));
    }
    let stops = engine.model().stops(&draft);
    let nonce = crate::runtime::random_bits().ok_or_else(|| eyre!("the system has no random bits"))?;
    // A change that is offered has its file: a place for it is taken before anything is asked.
    let place = Place::take(&args.output)?;
    // What is proposed names the journal's last line: that of this command's own opening, at the least.
    if let Err(exit) = answered(&mut engine).await {
        return Ok(exit);
    }
    engine.ask(Ask::Propose { by, draft, nonce: Nonce(nonce) });
    if let Err(exit) = answered(&mut engine).await {
        return Ok(exit);
    }
    let model = engine.model();
    let proposed = model.changes.all().iter().find(|c| c.text.nonce == Nonce(nonce)).cloned();
    let refusal = model.refusals.back().map(|r| r.why.clone());
    let (binding, journal) = (model.binding.clone(), model.journal_failed.is_some());
    let needs = proposed.as_ref().map(|c| needs_words(&c.needs(&model.estate))).unwrap_or_default();
    let closed = engine.close().await;
    let unkept = refusal.clone().filter(|_| journal);
    let Some(change) = proposed else {
        let visible = |text: &str| crate::hygiene::visible(text).into_owned();
        complain!("signalbox: proposal refused: {}", visible(&refusal.unwrap_or_default()));
        if journal {
            return Ok(Exit::Journal);
        }
        if args.despite.trim().is_empty() {
            stops.iter().for_each(|check| complain!("  ✖ {}", visible(check)));
            if !stops.is_empty() {
                complain!("to override them, give --despite REASON: the approver signs both");
            }
        }
        return Ok(Exit::Refused);
    };
    let file = ChangeFile {
        text: change.text.clone(),
        estate: Some(binding.text().to_owned()),
        signature: Some(change.signature.clone()),
    };
    place
        .fill(&file.to_json()?)
        .wrap_err_with(|| format!("failed to write {}: the change is in the incident folder", args.output.display()))?;
    put!("{}", change.text.canonical());
    say!(
        "\nword code: {}\nwritten to {}\nApprovals needed: {}. Somebody else approves with",
        change.digest.words(),
        visible(&args.output.display().to_string()),
        needs
    );
    let mut signature = args.output.clone().into_os_string();
    signature.push(".sig");
    let (change_file, signature) = (shell::path(&args.output), shell::path(&signature));
    say!("  signalbox approve {change_file}");
    say!("Within {:#} of the approval you run", window);
    let mine = format!("{}{}", args.estate.flags(), args.person.flags());
    say!(
        "  signalbox flip {change_file} --approval {signature} --to {}{mine}",
        shell::word(change.text.receiving.as_str())
    );
    for said in unkept.iter().chain(closed.all()) {
        complain!("signalbox: {}", visible(said));
    }
    // The change is in the journal, but people who look for it in the folder will not find it there, or not what was seen.
    Ok(if unkept.is_none() && closed.trouble.is_empty() { Exit::Ok } else { Exit::Failed })
}

/// The place of a change file, taken before there is a change: what cannot be written is said before anybody is asked.
struct Place {
    file: PathBuf,
    part: PathBuf,
    open: std::fs::File,
}

impl Place {
    fn take(file: &Path) -> Result<Self> {
        // What is renamed onto a device or a pipe takes its place.
        if file.symlink_metadata().is_ok_and(|m| !m.is_file() && !m.is_symlink()) {
            return Err(asked(format!("{} is no regular file: nothing was proposed", file.display())));
        }
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let part = file.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let _ = std::fs::remove_file(&part);
        let open = std::fs::File::create_new(&part)
            .wrap_err_with(|| format!("failed to write {}: nothing was proposed", file.display()))?;
        Ok(Self { file: file.to_owned(), part, open })
    }

    fn fill(mut self, text: &str) -> std::io::Result<()> {
        use std::io::Write as _;
        self.open.write_all(text.as_bytes())?;
        self.open.sync_all()?;
        std::fs::rename(&self.part, &self.file)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Gone already where it was filled.
        let _ = std::fs::remove_file(&self.part);
    }
}

/// A draft of `NAME=STATE` texts.
fn draft_of(estate: &crate::estate::Estate, pair: &crate::estate::PairName, sets: &[String]) -> Result<Draft> {
    let mut marks = Vec::new();
    for set in sets {
        let (name, state) =
            set.split_once('=').ok_or_else(|| asked(format!("`{set}` is not CONTROL=On or CONTROL=Off")))?;
        let state = match state {
            "On" | "on" => ControlState::On,
            "Off" | "off" => ControlState::Off,
            other => return Err(asked(format!("`{other}` is no state: write On or Off"))),
        };
        let control = estate.controls().find(|c| c.name == name).ok_or_else(|| {
            let names: Vec<_> = estate.controls().map(|c| c.name.as_str()).collect();
            asked(format!("failed to find routing control `{name}`; the estate has {}", names.join(", ")))
        })?;
        marks.push((control.arn.clone(), Some(state.flipped())));
    }
    Ok(Draft::of_marks(estate, pair, marks)?)
}
