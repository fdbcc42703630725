//! HTTP as AWS speaks it, on loopback: one listener a region and service, and each protocol's way to say
//! yes and no.
//!
//! A service in front of the world is a function from a [`Request`] to an [`Answer`]; a [`Listener`] carries
//! it. What it says is a [`Tree`] or a [`Fault`], and a [`Protocol`] writes either as bytes, so that no
//! service knows about CBOR or XML. Written from botocore's models, not from the product's code.

mod answer;
mod args;
mod cbor;
mod form;
mod json;
mod protocol;
mod request;
mod scope;
mod server;
mod skew;
mod token;
mod tree;
mod xml;

pub use answer::{Answer, Fault, Reply, RequestId};
pub use args::{Args, Input, Wrong};
pub use form::Form;
pub use protocol::Protocol;
pub use request::{Method, Request};
pub use scope::{Denial, Scope};
pub use server::{Handler, Listener};
pub use skew::Skew;
pub use token::{Page, Token};
pub use tree::Tree;
pub use xml::iso;
