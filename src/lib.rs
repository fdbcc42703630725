//! Signalbox: a terminal operations console for two-region disaster recovery on AWS.
//!
//! The rooms are listed in `docs/architecture.md`. One idea holds them together: everything that happens
//! is an event, what is known is the fold of the events, what is seen is a function of what is known.

pub mod estate;
pub mod sim;
pub mod time;
