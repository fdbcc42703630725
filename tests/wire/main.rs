//! The library against whatever answers: the SDK's own clients over HTTP and DNS against the simulator and servers in
//! this process, agents on sockets, OpenSSH's own programs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/alone.rs"]
mod alone;
#[path = "../support/hand.rs"]
mod hand;
#[path = "../support/one_account.rs"]
mod one_account;
#[path = "../support/people.rs"]
mod people;
#[path = "../support/sim.rs"]
mod sim;
#[path = "../support/ssh.rs"]
mod ssh;

mod accounts;
mod approve;
mod arc;
mod clocks;
mod discover;
mod doctor;
mod elsewhere;
mod feeds;
mod launch;
mod notify_sent;
mod pace;
mod seal;
mod signing;
mod sim_arc;
mod sim_checks;
mod sim_services;
mod sim_services_wire;
mod whole_estate;
mod without;
