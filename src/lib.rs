//! Signalbox: a terminal operations console for two-region disaster recovery on AWS.
//!
//! `docs/architecture.md` lists the rooms. One idea holds them together: everything that happens is an event, what is
//! known is the fold of the events, and what is seen is a function of what is known. `hygiene::print` is the only way
//! to both streams, also because `println!` panics when a reader goes away.
// `hygiene::print` is the one door to both streams; a reader that goes away makes `println!` panic, too.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod arc;
pub mod aws;
pub mod change;
pub mod cli;
pub mod discover;
pub mod effect;
pub mod estate;
pub mod event;
pub mod fault;
pub mod feeds;
pub mod files;
pub mod hygiene;
pub mod journal;
pub mod launch;
pub mod mask;
pub mod model;
pub mod pack;
pub mod plain;
pub mod record;
pub mod replay;
pub mod report;
pub mod runtime;
pub mod signing;
pub mod sim;
pub mod time;
pub mod ui;
pub mod words;
