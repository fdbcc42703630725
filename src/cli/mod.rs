//! The commands without a screen: one file a subcommand; each parses, hands over, and prints.

pub mod approve;
pub mod change_file;
pub mod exit;
pub mod io;
pub mod journal;
