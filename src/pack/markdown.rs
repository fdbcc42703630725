//! The page as Markdown.

use super::{Block, Page};
use crate::hygiene::visible;

/// The page as Markdown.
#[must_use]
pub fn markdown(page: &Page) -> String {
    let blocks: Vec<String> = page.blocks.iter().map(block).collect();
    blocks.join("\n\n") + "\n"
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level, text) => format!("{} {}", "#".repeat(usize::from(*level)), visible(text)),
        Block::Text(text) => visible(text).into_owned(),
        Block::Steps(steps) => {
            let steps = steps.iter().enumerate().map(|(i, step)| format!("{}. {}", i + 1, visible(step)));
            steps.collect::<Vec<_>>().join("\n")
        }
        Block::Table(head, rows) => {
            let row =
                |cells: &[String]| format!("| {} |", cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(" | "));
            let line = format!("|{}", "---|".repeat(head.len()));
            let rows = rows.iter().map(|r| row(r));
            [row(head), line].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
        }
        Block::Commands(lines) => fenced("sh", &lines.join("\n\n")),
        Block::Verbatim(text) => fenced("text", text),
    }
}

/// A text between fences that are longer than any in it.
fn fenced(kind: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: Vec<String> = text.lines().map(|l| visible(l).into_owned()).collect();
    format!("{fence}{kind}\n{}\n{fence}", lines.join("\n"))
}

fn cell(text: &str) -> String {
    visible(text).replace('|', "\\|")
}
