//! How many colours a terminal has, and what is left of a theme there.

use anstyle::{Ansi256Color, AnsiColor, RgbColor};
use anstyle_lossy::palette::Palette;
use anstyle_lossy::{rgb_to_ansi, rgb_to_xterm};
use ratatui::style::{Color, Style};

/// How many colours a terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: signs, words, bold and reverse carry everything.
    None,
    /// The sixteen that the terminal names.
    Sixteen,
    /// xterm's cube.
    Xterm,
    /// 24 bits.
    #[default]
    True,
}

/// A style in the colours that there are.
pub(super) fn fit(style: Style, depth: Depth) -> Style {
    let fit = |colour: Option<Color>| colour.and_then(|c| nearest(c, depth));
    let (fg, bg) = (fit(style.fg), fit(style.bg));
    // Two shades may fall on one colour: text on it is then black or white, whichever is further away.
    let fg = match (fg, bg, style.bg) {
        (Some(fg), Some(bg), Some(wanted)) if fg == bg => Some(away_from(wanted)),
        _ => fg,
    };
    Style { fg, bg, ..style }
}

fn away_from(ground: Color) -> Color {
    let white = super::contrast::contrast(ground, Color::Rgb(255, 255, 255));
    let black = super::contrast::contrast(ground, Color::Rgb(0, 0, 0));
    if white > black { Color::White } else { Color::Black }
}

fn nearest(colour: Color, depth: Depth) -> Option<Color> {
    let Color::Rgb(red, green, blue) = colour else { return (depth != Depth::None).then_some(colour) };
    let rgb = RgbColor(red, green, blue);
    match depth {
        Depth::None => None,
        Depth::Sixteen => Some(named(rgb_to_ansi(rgb, Palette::default()))),
        Depth::Xterm => {
            let Ansi256Color(index) = rgb_to_xterm(rgb);
            Some(Color::Indexed(index))
        }
        Depth::True => Some(colour),
    }
}

fn named(colour: AnsiColor) -> Color {
    match colour {
        AnsiColor::Black => Color::Black,
        AnsiColor::Red => Color::Red,
        AnsiColor::Green => Color::Green,
        AnsiColor::Yellow => Color::Yellow,
        AnsiColor::Blue => Color::Blue,
        AnsiColor::Magenta => Color::Magenta,
        AnsiColor::Cyan => Color::Cyan,
        AnsiColor::White => Color::Gray,
        AnsiColor::BrightBlack => Color::DarkGray,
        AnsiColor::BrightRed => Color::LightRed,
        AnsiColor::BrightGreen => Color::LightGreen,
        AnsiColor::BrightYellow => Color::LightYellow,
        AnsiColor::BrightBlue => Color::LightBlue,
        AnsiColor::BrightMagenta => Color::LightMagenta,
        AnsiColor::BrightCyan => Color::LightCyan,
        AnsiColor::BrightWhite => Color::White,
    }
}
