//! The command line: one file a subcommand; each parses, hands over, and says what came of it.

pub mod approve;
mod approvers;
pub mod change_file;
pub mod check;
mod common;
pub mod completions;
pub mod config;
pub mod console;
pub mod demo;
pub mod discover;
pub mod docs;
pub mod doctor;
mod ending;
pub mod examples;
pub mod exit;
pub mod flip;
pub mod io;
pub mod journal;
pub mod keys;
mod known;
mod look;
pub mod man;
pub mod pack;
mod person;
mod plain;
pub mod propose;
pub mod record;
pub mod rehearse;
pub mod replay;
pub mod report;
pub mod schema;
pub mod session;
pub mod sim;
mod states;
pub mod status;
pub mod status_json;
pub mod usage;

pub use exit::Exit;
use io::{complain, with_terminal};

use clap::{FromArgMatches as _, Parser, Subcommand};
use config::Config;

/// Two regions, two people, one change: a console for disaster recovery on AWS.
#[derive(Debug, Parser)]
#[command(
    name = "signalbox",
    bin_name = "signalbox",
    version,
    about,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// The user's settings.
    #[arg(skip)]
    config: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try the console: a region fails on the embedded simulator.
    Demo(demo::DemoArgs),
    /// Open the console on an estate.
    Console(console::ConsoleArgs),
    /// Print the state of the estate once, without a screen.
    Status(status::StatusArgs),
    /// Propose a change without a screen.
    Propose(propose::ProposeArgs),
    /// Approve somebody else's change.
    Approve(approve::ApproveArgs),
    /// Run an approved change without a screen.
    Flip(flip::FlipArgs),
    /// Withdraw a change that you proposed.
    Withdraw(ending::WithdrawArgs),
    /// Reject a change that somebody else proposed.
    Reject(ending::RejectArgs),
    /// Write an estate file from what is in an AWS account.
    Discover(discover::DiscoverArgs),
    /// Check that everything an incident needs is in place.
    Doctor(doctor::DoctorArgs),
    /// Check estate files, themes and keymaps for faults.
    Check(check::CheckArgs),
    /// Print the JSON Schema of estate files, or of the JSON that status and report print.
    Schema(schema::SchemaArgs),
    /// List the keys of a keymap, or its faults.
    Keys(keys::KeysArgs),
    /// Verify or show a journal.
    Journal(journal::JournalArgs),
    /// Begin or end a drill.
    Drill(session::DrillArgs),
    /// Begin or end an incident.
    Incident(session::IncidentArgs),
    /// Write the report of an incident or drill from the journal.
    Report(report::ReportArgs),
    /// List past drills, how they went, and which are due.
    Drills(report::DrillsArgs),
    /// Write the page for the day on which no console starts.
    Pack(pack::PackArgs),
    /// Run only the simulator, for the AWS CLI, boto3 and your own programs.
    Sim(sim::SimArgs),
    /// Time a whole failover, played by scripted people.
    Rehearse(rehearse::RehearseArgs),
    /// Play a recording, screen by screen as it was seen.
    Replay(replay::ReplayArgs),
    /// Write a recording as an asciinema file.
    ExportCast(replay::CastArgs),
    /// Show your settings, or start a settings file.
    Config(config::ConfigArgs),
    /// Print completions for your shell.
    Completions(completions::CompletionsArgs),
    /// Print or write the man pages.
    Man(man::ManArgs),
}

impl Command {
    /// Whether it takes settings and shows no screen that could say what is wrong with them.
    fn needs_settings(&self) -> bool {
        matches!(
            self,
            Command::Status(_)
                | Command::Propose(_)
                | Command::Flip(_)
                | Command::Withdraw(_)
                | Command::Reject(_)
                | Command::Doctor(_)
                | Command::Journal(_)
                | Command::Drill(_)
                | Command::Incident(_)
                | Command::Report(_)
                | Command::Drills(_)
        )
    }
}

impl Cli {
    /// The command line as a whole: every command, flag and example. Help, completions, man pages and docs come from it.
    #[must_use]
    pub fn command() -> clap::Command {
        examples::with_examples(<Self as clap::CommandFactory>::command(), "")
    }

    /// Parses a command line. Settings fill in what it does not say.
    ///
    /// # Errors
    /// What is wrong with it; help and version are such errors too.
    pub fn understand(
        line: impl IntoIterator<Item = std::ffi::OsString>,
        settings: Config,
    ) -> Result<Self, clap::Error> {
        let mut command = usage::with_marks(settings.defaults_in(Self::command()));
        let matches = command.try_get_matches_from_mut(line)?;
        let cli = Self::from_arg_matches(&matches).map_err(|e| e.format(&mut command))?;
        Ok(Self { config: settings, ..cli })
    }

    /// The command line and the settings of this process.
    ///
    /// # Errors
    /// As [`Cli::understand`]. What is wrong with the settings has been told where it may be the reason.
    pub fn of_process() -> Result<Self, clap::Error> {
        let settings = Config::of_environment();
        let faults = settings.faults.clone();
        Self::understand(std::env::args_os(), settings).inspect_err(|e| {
            if e.use_stderr() {
                faults.iter().for_each(|fault| complain!("{}", crate::hygiene::visible(&fault.to_string())));
            }
        })
    }

    /// Runs the command.
    ///
    /// # Errors
    /// What went wrong, in words for the person at the terminal.
    pub fn run(self) -> color_eyre::Result<Exit> {
        let settings = self.config;
        if self.command.needs_settings() && !settings.faults.is_empty() {
            settings.faults.iter().for_each(|fault| complain!("{}", crate::hygiene::visible(&fault.to_string())));
            complain!("signalbox: fix your settings, or run without them by setting {}=", config::ENV);
            return Ok(Exit::Usage);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let exit = runtime.block_on(async {
            crate::runtime::outlive_file_limits();
            match self.command {
                Command::Demo(args) => demo::run(args, &settings).await,
                Command::Console(args) => console::run(args, &settings).await,
                Command::Status(args) => status::run(args).await,
                Command::Propose(args) => propose::run(args).await,
                Command::Approve(args) => Ok(with_terminal(|io| approve::run(&args, io))),
                Command::Flip(args) => flip::run(args).await,
                Command::Withdraw(args) => ending::withdraw(args).await,
                Command::Reject(args) => ending::reject(args).await,
                Command::Discover(args) => discover::run(args).await,
                Command::Doctor(args) => doctor::run(args).await,
                Command::Check(args) => Ok(with_terminal(|io| check::run(&args, io))),
                Command::Schema(args) => Ok(with_terminal(|io| schema::run(&args, io))),
                Command::Keys(args) => Ok(with_terminal(|io| keys::run(&args, io))),
                Command::Journal(args) => {
                    Ok(with_terminal(|io| journal::run(&args, common::usual_state(&settings).as_deref(), io)))
                }
                Command::Drill(args) => session::drill(args).await,
                Command::Incident(args) => session::incident(args).await,
                Command::Report(args) => {
                    Ok(with_terminal(|io| report::run(&args, common::usual_state(&settings).as_deref(), io)))
                }
                Command::Drills(args) => {
                    Ok(with_terminal(|io| report::drills(&args, common::usual_state(&settings).as_deref(), io)))
                }
                Command::Pack(args) => Ok(with_terminal(|io| pack::run(&args, io))),
                Command::Sim(args) => sim::run(args).await.map(|()| Exit::Ok),
                Command::Rehearse(args) => rehearse::run(args).await,
                Command::Replay(args) => replay::replay(args).await,
                Command::ExportCast(args) => replay::export(&args),
                Command::Config(args) => Ok(with_terminal(|io| config::run(&args, &settings, io))),
                Command::Completions(args) => Ok(with_terminal(|io| completions::run(&args, io))),
                Command::Man(args) => Ok(with_terminal(|io| man::run(&args, io))),
            }
        });
        // A lookup that hangs in its own thread must not hold up the exit.
        runtime.shutdown_background();
        exit
    }
}
