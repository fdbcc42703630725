//! The stand-in AWS: wire protocols in front, one simulated world behind, scenarios that make it fail.
//!
//! The world is made of an estate, so that any estate can be rehearsed. Nothing here is shared with the code
//! that asks: the simulator must not agree with the product's mistakes.

pub mod arc;
pub mod clock;
pub mod scenario;
pub mod services;
pub mod wire;
pub mod world;

pub use clock::SimClock;
pub use world::{SharedWorld, World};
