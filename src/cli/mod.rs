//! The command line: one file a subcommand; each parses, hands over, and says what came of it.

pub mod approve;
pub mod change_file;
pub mod check;
mod common;
pub mod console;
pub mod demo;
pub mod discover;
pub mod doctor;
pub mod exit;
pub mod flip;
pub mod io;
pub mod journal;
mod look;
pub mod propose;
pub mod record;
pub mod rehearse;
pub mod replay;
pub mod report;
pub mod schema;
pub mod session;
pub mod sim;
pub mod status;

pub use exit::Exit;
use io::with_terminal;

use clap::{Parser, Subcommand};

/// Two regions, two people, one change: a console for disaster recovery on AWS.
#[derive(Debug, Parser)]
#[command(name = "signalbox", version, about, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: a two-region platform loses a region, on the embedded simulator.
    Demo(demo::DemoArgs),
    /// Open the console on an estate.
    Console(console::ConsoleArgs),
    /// Show how the estate stands, once, without a screen.
    Status(status::StatusArgs),
    /// Propose a change without a screen.
    Propose(propose::ProposeArgs),
    /// Approve a change as its second person.
    Approve(approve::ApproveArgs),
    /// Run an approved change without a screen.
    Flip(flip::FlipArgs),
    /// Write an estate file from what an account has.
    Discover(discover::DiscoverArgs),
    /// Check what an incident will need, before there is one.
    Doctor(doctor::DoctorArgs),
    /// Say everything that is wrong with an estate file.
    Check(check::CheckArgs),
    /// Print the estate file's JSON Schema, for editors.
    Schema,
    /// Verify or show a journal.
    Journal(journal::JournalArgs),
    /// Begin or end a drill.
    Drill(session::DrillArgs),
    /// Begin or end an incident.
    Incident(session::IncidentArgs),
    /// Write the report of an incident or a drill, from the journal.
    Report(report::ReportArgs),
    /// List the kept drills: how they went, and which one is due.
    Drills(report::DrillsArgs),
    /// Run the simulator alone, for the AWS CLI, boto3 and your own programs.
    Sim(sim::SimArgs),
    /// Play a scenario to its end with scripted operators, and time it.
    Rehearse(rehearse::RehearseArgs),
    /// Play a recording: the same screens as were seen.
    Replay(replay::ReplayArgs),
    /// Write a recording as an asciinema file.
    ExportCast(replay::CastArgs),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// What went wrong, in words for the person at the terminal.
    pub fn run(self) -> color_eyre::Result<Exit> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let exit = runtime.block_on(async {
            match self.command {
                Command::Demo(args) => demo::run(args).await,
                Command::Console(args) => console::run(args).await,
                Command::Status(args) => status::run(args).await,
                Command::Propose(args) => propose::run(args).await,
                Command::Approve(args) => Ok(with_terminal(|io| approve::run(&args, io))),
                Command::Flip(args) => flip::run(args).await,
                Command::Discover(args) => discover::run(args).await,
                Command::Doctor(args) => doctor::run(args).await,
                Command::Check(args) => Ok(with_terminal(|io| check::run(&args, io))),
                Command::Schema => Ok(with_terminal(schema::run)),
                Command::Journal(args) => {
                    Ok(with_terminal(|io| journal::run(&args, common::usual_state().as_deref(), io)))
                }
                Command::Drill(args) => session::drill(args).await,
                Command::Incident(args) => session::incident(args).await,
                Command::Report(args) => {
                    Ok(with_terminal(|io| report::run(&args, common::usual_state().as_deref(), io)))
                }
                Command::Drills(args) => {
                    Ok(with_terminal(|io| report::drills(&args, common::usual_state().as_deref(), io)))
                }
                Command::Sim(args) => sim::run(args).await.map(|()| Exit::Ok),
                Command::Rehearse(args) => rehearse::run(args).await,
                Command::Replay(args) => replay::replay(args).await,
                Command::ExportCast(args) => replay::export(&args),
            }
        });
        // A lookup that hangs in a thread of its own must not hold up the end.
        runtime.shutdown_background();
        exit
    }
}
