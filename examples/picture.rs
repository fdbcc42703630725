//! Makes a picture of a full-screen program for the documentation: runs it in a pseudo-terminal, types, waits for what
//! the screen shows, and writes the screen as SVG. `docs/pictures/make` calls it.
//!
//! `cargo run --example picture -- OUT.svg 150x44 STEP… -- PROGRAM ARGUMENT…`, where a step is `wait:TEXT` or
//! `type:KEYS` (`\r` is enter, `\e` is escape). Nothing but this crate's own development dependencies is needed.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::{Cell, Color, Screen};

/// How long a text is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
/// A cell's size, and where a letter's foot stands in it.
const CELL: (f64, f64, f64) = (8.4, 17.0, 13.0);
/// The colours of the frame around the screen, for cells that have none.
const PLAIN: (&str, &str) = ("#d0d0d0", "#101418");
/// The sixteen colours.
const SIXTEEN: [&str; 16] = [
    "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5", "#666666", "#f14c4c",
    "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
];

fn main() -> Result<(), Box<dyn Error>> {
    let all: Vec<String> = std::env::args().skip(1).collect();
    let [out, size, rest @ ..] = all.as_slice() else {
        return Err("give OUT.svg COLUMNSxROWS STEP… -- PROGRAM …".into());
    };
    let (columns, rows) = size.split_once('x').ok_or("a size is COLUMNSxROWS")?;
    let (columns, rows): (u16, u16) = (columns.parse()?, rows.parse()?);
    let split = rest.iter().position(|a| a == "--").ok_or("no program after --")?;
    let (steps, program) = (&rest[..split], &rest[split + 1..]);
    let [program, arguments @ ..] = program else { return Err("no program after --".into()) };

    let pty = native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })?;
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.cwd(std::env::current_dir()?);
    command.env_clear();
    // Nothing of this machine's own settings may be on a picture.
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("HOME", "/nonexistent")] {
        command.env(name, value);
    }
    let mut child = pty.slave.spawn_command(command)?;
    drop(pty.slave);
    let bytes = bytes_of(pty.master.try_clone_reader()?);
    let mut writer = pty.master.take_writer()?;
    let size = |n: u16| NonZeroU16::new(n).ok_or("a size is above zero");
    let mut parser = vt100::Parser::new(size(rows)?, size(columns)?, 0);
    for step in steps {
        match step.split_once(':') {
            Some(("wait", text)) => wait(&mut parser, &bytes, text)?,
            Some(("type", keys)) => {
                writer.write_all(keys.replace("\\r", "\r").replace("\\e", "\x1b").as_bytes())?;
                writer.flush()?;
            }
            _ => return Err(format!("`{step}` is no step").into()),
        }
    }
    std::fs::write(out, svg(parser.screen()))?;
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// What the program writes, as it comes.
fn bytes_of(mut reader: Box<dyn std::io::Read + Send>) -> Receiver<Vec<u8>> {
    let (send, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0u8; 65536];
        while let Ok(n) = reader.read(&mut buffer) {
            if n == 0 || send.send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    bytes
}

/// Waits until the screen shows a text, and then for the rest of that frame.
fn wait(parser: &mut vt100::Parser, bytes: &Receiver<Vec<u8>>, text: &str) -> Result<(), Box<dyn Error>> {
    let end = Instant::now() + PATIENCE;
    while !parser.screen().contents().contains(text) {
        let left = end.saturating_duration_since(Instant::now());
        let came =
            bytes.recv_timeout(left).map_err(|_| format!("“{text}” never came:\n{}", parser.screen().contents()))?;
        parser.process(&came);
    }
    while let Ok(more) = bytes.recv_timeout(Duration::from_millis(30)) {
        parser.process(&more);
    }
    Ok(())
}

/// How cells look that are drawn in one go.
#[derive(Clone, PartialEq)]
struct Look {
    fg: String,
    bg: String,
    bold: bool,
    dim: bool,
    underline: bool,
}

fn look(cell: &Cell) -> Look {
    let (fg, bg) = (colour(cell.fgcolor(), PLAIN.0), colour(cell.bgcolor(), PLAIN.1));
    let (fg, bg) = if cell.inverse() { (bg, fg) } else { (fg, bg) };
    Look { fg, bg, bold: cell.bold(), dim: cell.dim(), underline: cell.underline() }
}

fn colour(colour: Color, plain: &str) -> String {
    match colour {
        Color::Default => plain.to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Idx(n @ 0..=15) => SIXTEEN[usize::from(n)].to_owned(),
        Color::Idx(n @ 16..=231) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = n - 16;
            format!("#{:02x}{:02x}{:02x}", step(n / 36), step(n / 6 % 6), step(n % 6))
        }
        Color::Idx(n) => {
            let grey = 8 + 10 * (n - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

fn svg(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f64::from(columns.get()) * CELL.0, f64::from(rows.get()) * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" font-size=\"14\" \
         font-family=\"'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,monospace\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        PLAIN.1
    );
    for row in 0..rows.get() {
        let cells: Vec<(u16, Look, String)> = (0..columns.get())
            .filter_map(|column| {
                let cell = screen.cell(row, column)?;
                let text = if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() };
                (!cell.is_wide_continuation()).then(|| (column, look(cell), text))
            })
            .collect();
        grounds(&mut out, row, columns.get(), &cells);
        texts(&mut out, row, columns.get(), &cells);
    }
    out.push_str("</svg>\n");
    out
}

/// The grounds of a row, one rectangle for neighbours that are alike.
fn grounds(out: &mut String, row: u16, columns: u16, cells: &[(u16, Look, String)]) {
    for run in cells.chunk_by(|a, b| a.1.bg == b.1.bg) {
        let (Some((from, look, _)), Some(last)) = (run.first(), run.last()) else { continue };
        if look.bg != PLAIN.1 {
            let to = cells.iter().map(|c| c.0).find(|c| *c > last.0).unwrap_or(columns);
            let (x, y) = (f64::from(*from) * CELL.0, f64::from(row) * CELL.1);
            let width = f64::from(to - from) * CELL.0;
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{}\"/>",
                CELL.1, look.bg
            );
        }
    }
}

/// The texts of a row. Signs that a font may draw wider or narrower than a cell stand by themselves, pulled to fit.
fn texts(out: &mut String, row: u16, columns: u16, cells: &[(u16, Look, String)]) {
    let together = |a: &(u16, Look, String), b: &(u16, Look, String)| {
        a.1 == b.1 && ((a.2.is_ascii() && b.2.is_ascii()) || a.2 == b.2)
    };
    for run in cells.chunk_by(together) {
        let (Some((from, look, _)), Some(last)) = (run.first(), run.last()) else { continue };
        let text: String = run.iter().map(|(_, _, text)| text.as_str()).collect();
        if text.trim().is_empty() && !look.underline {
            continue;
        }
        let to = cells.iter().map(|c| c.0).find(|c| *c > last.0).unwrap_or(columns);
        let (x, y) = (f64::from(*from) * CELL.0, f64::from(row) * CELL.1 + CELL.2);
        let length = f64::from(to - from) * CELL.0;
        let mut more = String::new();
        if look.bold {
            more.push_str(" font-weight=\"bold\"");
        }
        if look.dim {
            more.push_str(" opacity=\"0.6\"");
        }
        if look.underline {
            more.push_str(" text-decoration=\"underline\"");
        }
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
             xml:space=\"preserve\" fill=\"{}\"{more}>{text}</text>",
            look.fg
        );
    }
}
