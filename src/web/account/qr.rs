//! A QR code as the path of an SVG: no style, no script, no picture to fetch.

use std::fmt::Write;

use qrcode::{Color, QrCode};

/// Light modules around the code, as its standard asks for (ISO/IEC 18004 section 9.1).
const QUIET: usize = 4;

/// A QR code to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Modules along each side, the quiet zone included.
    pub size: usize,
    /// The dark modules, row by row.
    pub path: String,
}

/// Draws a text; `None` when it is longer than a code can be.
pub fn draw(text: &str) -> Option<Drawn> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, other| one == other) {
            if run.first() == Some(&Color::Dark) {
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
            }
            x += run.len();
        }
    }
    Some(Drawn { size: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once_inside_the_quiet_zone() {
        let drawn = draw("otpauth://totp/Muster:ada").unwrap();
        let code = QrCode::new("otpauth://totp/Muster:ada").unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let lengths = drawn.path.split('h').skip(1).filter_map(|part| part.split('v').next()?.parse::<usize>().ok());
        assert_eq!(lengths.sum::<usize>(), dark);
        assert_eq!(drawn.size, code.width() + 8);
        assert!(drawn.path.starts_with("M4 4h7v1h-7z"), "the finder pattern stands in the corner: {}", drawn.path);
    }

    #[test]
    fn a_text_that_is_too_long_has_no_code() {
        assert_eq!(draw(&"x".repeat(5_000)), None);
    }
}
