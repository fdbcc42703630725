//! What one person could try to move traffic alone, through the built program against the simulator. Each was seen to
//! succeed, or is the brother of one that did; each ends by asking the simulator whether a routing control moved.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod alone;
mod certified;
mod chain;
mod copied;
mod desk;
mod forged;
mod handed;
mod hardware;
mod keys_gone;
mod looking;
mod other_estate;
#[path = "../support/people.rs"]
mod people;
mod race;
mod refusals;
mod screen;
#[path = "../support/ssh.rs"]
mod ssh;
