//! Whether colours can be read on each other, by the formula of WCAG 2.2.

use ratatui::style::Color;

/// The contrast of two colours, from 1 to 21; none if the terminal chooses how they look.
pub(super) fn contrast(one: Color, other: Color) -> Option<f64> {
    let (one, other) = (luminance(one)?, luminance(other)?);
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

/// The colour in the middle of two; the second where the terminal chooses what they look like.
pub(super) fn between(one: Color, other: Color) -> Color {
    let (Color::Rgb(r, g, b), Color::Rgb(red, green, blue)) = (one, other) else { return other };
    Color::Rgb(r.midpoint(red), g.midpoint(green), b.midpoint(blue))
}

/// Relative luminance, from 0 (black) to 1 (white).
fn luminance(colour: Color) -> Option<f64> {
    let Color::Rgb(red, green, blue) = colour else { return None };
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    Some(0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pairs() {
        let (white, black) = (Color::Rgb(255, 255, 255), Color::Rgb(0, 0, 0));
        assert!((contrast(white, black).unwrap() - 21.0).abs() < 1e-9);
        assert!((contrast(white, white).unwrap() - 1.0).abs() < 1e-9);
        // The grey that WCAG's tools name as the darkest that fails on white, and the next that passes.
        assert!(contrast(white, Color::Rgb(0x77, 0x77, 0x77)).unwrap() < 4.5);
        assert!(contrast(white, Color::Rgb(0x76, 0x76, 0x76)).unwrap() > 4.5);
        assert_eq!(contrast(white, Color::Red), None);
    }
}
