//! The page as HTML that needs nothing else: no script, no font, no picture from elsewhere. It prints on paper.

use std::fmt::Write as _;

use super::{Block, Page};
use crate::hygiene::{escaped, visible};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#16202c;\
background:#fff}table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #d5dbe3;padding:.2rem .7rem .2rem 0;\
text-align:left;vertical-align:top;word-break:break-word}pre{background:#f2f4f7;padding:.6rem .8rem;white-space:pre-wrap;\
word-break:break-all;font-size:.85em}h2{border-top:2px solid #16202c;padding-top:.6rem}@media print{body{margin:0;max-width:none}\
pre,table{break-inside:avoid}}";

/// The page as HTML.
#[must_use]
pub fn html(page: &Page) -> String {
    let mut out = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{}</title><style>{STYLE}</style>\n",
        text(&page.title)
    );
    for block in &page.blocks {
        write(&mut out, block);
        out.push('\n');
    }
    out
}

fn text(of: &str) -> String {
    escaped(&visible(of))
}

/// Text in which `…` stands for a command.
fn with_code(of: &str) -> String {
    let parts = of.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", text(part)) } else { text(part) }).collect()
}

fn write(out: &mut String, block: &Block) {
    // Writing to a text does not fail.
    let _ = match block {
        Block::Heading(level, words) => write!(out, "<h{level}>{}</h{level}>", text(words)),
        Block::Text(words) => write!(out, "<p>{}</p>", with_code(words)),
        Block::Steps(steps) => {
            let steps: String = steps.iter().map(|s| format!("<li>{}</li>", with_code(s))).collect();
            write!(out, "<ol>{steps}</ol>")
        }
        Block::Table(head, rows) => {
            let row = |cells: &[String], tag: &str| -> String {
                let cells: String = cells.iter().map(|c| format!("<{tag}>{}</{tag}>", text(c))).collect();
                format!("<tr>{cells}</tr>")
            };
            let rows: String = rows.iter().map(|r| row(r, "td")).collect();
            write!(out, "<table>{}{rows}</table>", row(head, "th"))
        }
        Block::Commands(commands) => {
            let commands: String = commands.iter().map(|c| format!("<pre>{}</pre>", verbatim(c))).collect();
            write!(out, "{commands}")
        }
        Block::Verbatim(words) => write!(out, "<pre>{}</pre>", verbatim(words)),
    };
}

fn verbatim(of: &str) -> String {
    of.lines().map(text).collect::<Vec<_>>().join("\n")
}
