//! The page for the day on which no console starts: who, where, and the AWS CLI's own lines that move each pair. Made
//! from the estate file alone, to be printed or kept offline.

mod html;
mod lines;
mod markdown;
mod page;

pub use html::html;
pub use markdown::markdown;
pub use page::{Block, Page};
