//! The program as it was built, run by command or in a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/one_account.rs"]
mod one_account;
#[path = "../support/people.rs"]
mod people;
#[path = "../support/ssh.rs"]
mod ssh;
#[path = "../support/term.rs"]
mod term;
#[path = "../support/words.rs"]
mod words;

mod arranged;
mod attacks;
mod calls;
mod command_line;
mod console;
mod credentials;
mod docs;
mod door;
mod exit_codes;
mod house;
mod look;
mod looks_program;
mod notify_rings;
mod outcomes;
mod pack;
mod plain_program;
mod presenter;
mod read_only;
mod rehearse;
mod replay;
mod report;
mod shell;
mod streams;
