//! What one person could try to move traffic alone, through the built program against the simulator. Each was seen to
//! succeed, or is the brother of one that did; each ends by asking the simulator whether a routing control moved.

mod agents;
mod alone;
mod by_hand;
mod certified;
pub mod chain;
mod copied;
mod cut;
pub mod desk;
mod flood;
mod forged;
mod handed;
mod hardware;
mod held_up;
mod keys_gone;
mod looking;
mod other_estate;
mod pipes;
mod race;
mod refusals;
mod screen;
mod second;
pub mod signals;
