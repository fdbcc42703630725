//! The picture for terminals that show ASCII only. Each character keeps its one column, and marks that differ stay
//! different.

use ratatui::buffer::Buffer;
use unicode_normalization::UnicodeNormalization as _;

/// Puts ASCII in the place of everything else.
pub fn ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let plain = cell.symbol().chars().next().map_or(' ', plain);
            cell.set_char(plain);
        }
    }
}

/// A text in ASCII.
pub fn ascii_text(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii() { c } else { plain(c) }).collect()
}

fn plain(c: char) -> char {
    match c {
        '●' => 'o',
        '○' => '-',
        '▲' => '!',
        '✖' => 'X',
        '✔' => '+',
        '◆' => '*',
        '◌' => '~',
        '■' | '█' | '▇' | '▆' => '#',
        '▅' | '▄' => '=',
        '▃' | '▂' | '▁' => '_',
        '░' | '·' => '.',
        '▸' | '▶' | '→' | '›' | '»' => '>',
        '←' | '‹' | '«' => '<',
        '↑' | '▴' => '^',
        '↓' | '▾' => 'v',
        '↔' => '=',
        '…' => '~',
        '×' => 'x',
        '≠' => '#',
        '≥' => '>',
        '≤' => '<',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '–' | '—' | '−' | '‐' | '―' => '-',
        '▏' | '▕' | '▌' | '‖' => '|',
        '─' | '━' | '┄' | '┅' => '-',
        '│' | '┃' | '┆' | '┇' => '|',
        '\u{2500}'..='\u{257f}' => '+',
        // A letter without its accent.
        c => c.nfd().next().filter(char::is_ascii).unwrap_or('?'),
    }
}
