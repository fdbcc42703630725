//! `signalbox drill` and `signalbox incident`: give what happens a name, from when until when.

use clap::{Args, Subcommand, ValueEnum};
use color_eyre::Result;

use super::approvers::ApproversArgs;
use super::common::{EstateArgs, answered, close, open_to_write, pair};
use super::exit::{Exit, asked};
use super::io::{complain, say};
use super::person::{PersonArgs, keep_refusal};
use crate::estate::Role;
use crate::event::{Ask, NewSession};
use crate::model::Refused;
use crate::record::{SessionKind, Tried};
use crate::time::moment_of;

/// Begin or end a drill.
#[derive(Debug, Args)]
pub struct DrillArgs {
    #[command(subcommand)]
    what: DrillCommand,
}

#[derive(Debug, Subcommand)]
enum DrillCommand {
    /// Begin a drill: everything that happens to the pair from now on belongs to it
    Start {
        /// Its name, such as 2026-Q4
        name: String,
        /// Its type
        #[arg(long = "type", value_enum)]
        kind: DrillType,
        #[command(flatten)]
        begin: Begin,
    },
    /// End the one that runs
    End(End),
    /// Check that approvers can sign: each key here signs a harmless challenge
    Approvers(ApproversArgs),
}

/// Begin or end an incident.
#[derive(Debug, Args)]
pub struct IncidentArgs {
    #[command(subcommand)]
    what: IncidentCommand,
}

#[derive(Debug, Subcommand)]
enum IncidentCommand {
    /// Begin an incident: its clock starts, and everything that happens to the pair from now on belongs to it
    Start {
        /// Its name, such as INC-4471
        name: String,
        #[command(flatten)]
        begin: Begin,
    },
    /// End the one that runs
    End(End),
}

/// The types of drills.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DrillType {
    /// One component, every month
    Monthly,
    /// A full failover, every quarter
    Quarterly,
    /// The full validation, every year
    Yearly,
}

#[derive(Debug, Args)]
struct Begin {
    /// Who takes part; may be repeated
    #[arg(long = "with", value_name = "NAME", value_delimiter = ',')]
    participants: Vec<String>,
    /// How long ago it began, or the time of day (UTC): 12min, 1h 5m, 11:09 [default: now]
    #[arg(long, value_name = "TIME")]
    ago: Option<String>,
    #[command(flatten)]
    end: End,
}

#[derive(Debug, Args)]
struct End {
    #[command(flatten)]
    estate: EstateArgs,
    #[command(flatten)]
    person: PersonArgs,
    /// The region pair [default: the first of the estate]
    #[arg(long, value_name = "PAIR")]
    pair: Option<String>,
}

/// Runs `signalbox drill`.
///
/// # Errors
/// When the estate cannot be read or the journal not be used.
pub async fn drill(args: DrillArgs) -> Result<Exit> {
    match args.what {
        DrillCommand::Start { name, kind, begin } => {
            let kind = match kind {
                DrillType::Monthly => SessionKind::Monthly,
                DrillType::Quarterly => SessionKind::Quarterly,
                DrillType::Yearly => SessionKind::Yearly,
            };
            change(begin.end, What::Begins(name, kind, begin.participants, begin.ago)).await
        }
        DrillCommand::End(end) => change(end, What::Ends { drill: true }).await,
        DrillCommand::Approvers(args) => super::approvers::run(args).await,
    }
}

/// Runs `signalbox incident`.
///
/// # Errors
/// When the estate cannot be read or the journal not be used.
pub async fn incident(args: IncidentArgs) -> Result<Exit> {
    match args.what {
        IncidentCommand::Start { name, begin } => {
            change(begin.end, What::Begins(name, SessionKind::Incident, begin.participants, begin.ago)).await
        }
        IncidentCommand::End(end) => change(end, What::Ends { drill: false }).await,
    }
}

/// What is to happen to the drill or the incident of a pair.
enum What {
    /// One of this name and kind begins, with these people, or began then.
    Begins(String, SessionKind, Vec<String>, Option<String>),
    /// The one that runs ends: the drill, or the incident.
    Ends { drill: bool },
}

impl What {
    fn tried(&self) -> Tried {
        match self {
            What::Begins(..) => Tried::Begin,
            What::Ends { .. } => Tried::End,
        }
    }
}

async fn change(on: End, what: What) -> Result<Exit> {
    let since = match &what {
        What::Begins(.., Some(ago)) => {
            let now = crate::runtime::Clock::real().now().wall;
            Some(moment_of(ago, now).map_err(|why| asked(format!("failed to understand --ago: {why}")))?)
        }
        What::Begins(.., None) | What::Ends { .. } => None,
    };
    let estate = on.estate.load()?;
    let state = on.estate.state(&estate)?;
    let tried = what.tried();
    let refused = |why: &str| keep_refusal(&state, None, on.person.asker(&estate), tried.clone(), why);
    let actor = on.person.actor(&estate, Some(Role::Operator)).inspect_err(|why| refused(&why.to_string()))?;
    let by = actor.operator(&estate)?;
    let pair = pair(&estate, on.pair.as_deref())?;
    let proof = actor.present().inspect_err(|why| refused(&why.to_string()))?;
    let mut engine = match open_to_write(estate.clone(), state.clone(), true, Some(actor.signer.clone())).await? {
        Ok(engine) => engine,
        Err(exit) => return Ok(exit),
    };
    engine.ask(Ask::present(&actor.name, &proof));
    let begins = matches!(what, What::Begins(..));
    let running = engine.model().sessions.get(&pair).cloned();
    engine.ask(match what {
        What::Begins(name, kind, participants, _) => {
            Ask::Begin { by, session: NewSession { pair: pair.clone(), name, kind, participants, since } }
        }
        What::Ends { drill } => {
            if let Some(other) = running.as_ref().filter(|s| (s.kind != SessionKind::Incident) != drill) {
                engine.close().await;
                let (kind, name) = (other.kind.words(), crate::hygiene::visible(&other.name));
                let with = if drill { "incident" } else { "drill" };
                refused(&format!("what runs in pair {pair} is the {kind} {name}"));
                complain!("signalbox: what runs in pair {pair} is the {kind} {name}: `signalbox {with} end` ends it");
                return Ok(Exit::Refused);
            }
            Ask::End { by, pair: pair.clone() }
        }
    });
    // It counts when the journal has it.
    if let Err(exit) = answered(&mut engine).await {
        return Ok(exit);
    }
    let model = engine.model();
    let own = |r: &&Refused| r.by.as_ref() == Some(&actor.name);
    let refused = model.refusals.iter().rfind(own).map(|r| r.why.clone());
    let begun = model.sessions.get(&pair).cloned();
    let journal = model.journal_failed.is_some();
    close(engine).await;
    // What came of it counts. Others are refused here, too: signatures that lie in the incident folder.
    if refused.is_some() || begun.is_some() != begins || running.is_some() == begins {
        complain!(
            "signalbox: {}",
            crate::hygiene::visible(&refused.unwrap_or_else(|| format!("failed to {}", crate::words::tried(&tried))))
        );
        return Ok(if journal { Exit::Journal } else { Exit::Refused });
    }
    match (begun, running) {
        (Some(s), _) => say!("{} {} of pair {pair} begins", s.kind.words(), s.name),
        (None, Some(s)) => {
            say!(
                "{} {} of pair {pair} is over; its report:\n  signalbox report {}",
                s.kind.words(),
                s.name,
                crate::hygiene::shell::word(&s.name)
            );
        }
        (None, None) => {}
    }
    Ok(Exit::Ok)
}
