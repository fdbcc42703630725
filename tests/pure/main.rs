//! Nothing but the library: no socket, and no program beside this one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

/// Counts what is allocated: `allocations` looks at it.
#[global_allocator]
static COUNTING: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

#[path = "../support/alone.rs"]
mod alone;
#[path = "../support/corpus.rs"]
mod corpus;
#[path = "../support/desk.rs"]
mod desk;
#[path = "../support/hand.rs"]
mod hand;
#[path = "../support/one_account.rs"]
mod one_account;
#[path = "../support/ssh.rs"]
mod ssh;
#[path = "../support/mod.rs"]
mod support;

mod acts;
mod allocations;
mod at_least;
mod beside;
mod bursts;
mod by_hand;
mod calls;
mod checks;
mod clocks;
mod counts;
mod enters;
mod estate;
mod finding;
mod frames;
mod gating;
mod generated;
mod idle;
mod journal;
mod keymaps;
mod launch;
mod links;
mod looks;
mod marks;
mod model;
mod mouse;
mod notify;
mod owners;
mod panes;
mod past_memory;
mod plain;
mod presenter;
mod proofs;
mod proven;
mod replay;
mod rows;
mod schema;
mod screens;
mod settle;
mod silence;
mod sim_accounts;
mod sim_arc_rules;
mod sim_world;
mod since;
mod slow_line;
mod sources;
mod steady;
mod still;
mod themes;
mod timeline;
mod title;
mod told;
mod two_person;
mod without_arc;
