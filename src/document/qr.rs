//! QR codes as the data of one SVG path, so that a template draws them without trusting any markup.

use fast_qr::ECL;
use fast_qr::qr::{QRBuilder, QRCodeError};
use std::fmt::Write as _;

/// The light frame around a code, in modules (ISO/IEC 18004 §9.1).
const QUIET_ZONE: usize = 4;

/// A code, one unit per module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrPicture {
    /// Width and height, the light frame included.
    pub side: usize,
    /// What stands in the path's `d`: one flat rectangle per run of dark modules.
    pub path: String,
}

impl QrPicture {
    /// The code that says `text`.
    ///
    /// # Errors
    /// The text is too long for any code.
    pub fn of(text: &str) -> Result<Self, QRCodeError> {
        let code = QRBuilder::new(text).ecl(ECL::M).build()?;
        let mut path = String::new();
        for y in 0..code.size {
            let row = &code[y];
            let mut x = 0;
            while x < row.len() {
                let run = row[x..].iter().take_while(|module| module.value()).count();
                if run > 0 {
                    // Writing to a string cannot fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET_ZONE, y + QUIET_ZONE);
                }
                x += run + 1;
            }
        }
        Ok(Self { side: code.size + 2 * QUIET_ZONE, path })
    }

    /// The drawing as an SVG file, black on white.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let Self { side, path } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_corners_are_where_readers_look_for_them() {
        let picture = QrPicture::of("otpauth://totp/todoke:sato?secret=JBSWY3DPEHPK3PXP").unwrap();
        let far = picture.side - QUIET_ZONE - 7;
        for corner in ["M4 4h7v1h-7z".to_owned(), format!("M{far} 4h7v1h-7z"), format!("M4 {far}h7v1h-7z")] {
            assert!(picture.path.contains(&corner), "{corner}");
        }
        assert!(!picture.path.contains(&format!("M{far} {far}h7")), "the fourth corner is empty");
    }

    #[test]
    fn the_path_holds_nothing_but_drawing() {
        let path = QrPicture::of("\"><script>").unwrap().path;
        assert!(path.chars().all(|c| c.is_ascii_digit() || "Mhvz -".contains(c)));
    }

    #[test]
    fn a_text_that_no_code_can_hold_is_refused() {
        assert!(QrPicture::of(&"x".repeat(5000)).is_err());
    }
}
