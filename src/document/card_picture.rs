//! The card as a picture that can be kept where there is no network: barcode, number, last day.
//!
//! A picture of pixels, for telephones put nothing else among their photographs. Its few signs are drawn by hand: no font
//! is needed for digits.

use super::DocumentError;
use super::barcode::{Svg, nw7_svg};
use image::{ExtendedColorType, ImageEncoder};
use time::Date;

/// The shape of a card, 85.6 by 54 millimetres.
const WIDTH: u32 = 1080;
const HEIGHT: u32 = 680;
/// Barcode and signs keep this far from the edges.
const MARGIN: u32 = 20;
const BARCODE_TOP: u32 = 60;
const BARCODE_HEIGHT: u32 = 340;
const NUMBER_TOP: u32 = 440;
const DAY_TOP: u32 = 580;
/// Signs are five dots wide with one dot between them, and seven high.
const ADVANCE: u32 = 6;

/// The columns of each sign from the left; the lowest bit is the highest dot.
const SIGNS: [(char, [u8; 5]); 38] = [
    ('0', [0x3e, 0x51, 0x49, 0x45, 0x3e]),
    ('1', [0x00, 0x42, 0x7f, 0x40, 0x00]),
    ('2', [0x42, 0x61, 0x51, 0x49, 0x46]),
    ('3', [0x21, 0x41, 0x45, 0x4b, 0x31]),
    ('4', [0x18, 0x14, 0x12, 0x7f, 0x10]),
    ('5', [0x27, 0x45, 0x45, 0x45, 0x39]),
    ('6', [0x3c, 0x4a, 0x49, 0x49, 0x30]),
    ('7', [0x01, 0x71, 0x09, 0x05, 0x03]),
    ('8', [0x36, 0x49, 0x49, 0x49, 0x36]),
    ('9', [0x06, 0x49, 0x49, 0x29, 0x1e]),
    ('-', [0x08, 0x08, 0x08, 0x08, 0x08]),
    ('~', [0x08, 0x04, 0x08, 0x10, 0x08]),
    ('A', [0x7e, 0x11, 0x11, 0x11, 0x7e]),
    ('B', [0x7f, 0x49, 0x49, 0x49, 0x36]),
    ('C', [0x3e, 0x41, 0x41, 0x41, 0x22]),
    ('D', [0x7f, 0x41, 0x41, 0x22, 0x1c]),
    ('E', [0x7f, 0x49, 0x49, 0x49, 0x41]),
    ('F', [0x7f, 0x09, 0x09, 0x09, 0x01]),
    ('G', [0x3e, 0x41, 0x49, 0x49, 0x7a]),
    ('H', [0x7f, 0x08, 0x08, 0x08, 0x7f]),
    ('I', [0x00, 0x41, 0x7f, 0x41, 0x00]),
    ('J', [0x20, 0x40, 0x41, 0x3f, 0x01]),
    ('K', [0x7f, 0x08, 0x14, 0x22, 0x41]),
    ('L', [0x7f, 0x40, 0x40, 0x40, 0x40]),
    ('M', [0x7f, 0x02, 0x0c, 0x02, 0x7f]),
    ('N', [0x7f, 0x04, 0x08, 0x10, 0x7f]),
    ('O', [0x3e, 0x41, 0x41, 0x41, 0x3e]),
    ('P', [0x7f, 0x09, 0x09, 0x09, 0x06]),
    ('Q', [0x3e, 0x41, 0x51, 0x21, 0x5e]),
    ('R', [0x7f, 0x09, 0x19, 0x29, 0x46]),
    ('S', [0x46, 0x49, 0x49, 0x49, 0x31]),
    ('T', [0x01, 0x01, 0x7f, 0x01, 0x01]),
    ('U', [0x3f, 0x40, 0x40, 0x40, 0x3f]),
    ('V', [0x1f, 0x20, 0x40, 0x20, 0x1f]),
    ('W', [0x3f, 0x40, 0x38, 0x40, 0x3f]),
    ('X', [0x63, 0x14, 0x08, 0x14, 0x63]),
    ('Y', [0x07, 0x08, 0x70, 0x08, 0x07]),
    ('Z', [0x61, 0x51, 0x49, 0x45, 0x43]),
];

/// Paints a card as a PNG file: the barcode's text with start and stop sign, the number in groups, the last day.
///
/// # Errors
/// [`DocumentError::Barcode`] if NW-7 cannot say the text, [`DocumentError::Picture`] if there is no room for it.
pub fn card_picture(barcode: &str, number: &str, expires_on: Date) -> Result<Vec<u8>, DocumentError> {
    let mut sheet = Sheet { dots: vec![255; (WIDTH * HEIGHT) as usize] };
    sheet.barcode(&nw7_svg(barcode, 1)?)?;
    sheet.line(number, NUMBER_TOP, 12)?;
    let day = format!("~{}-{:02}-{:02}", expires_on.year(), u8::from(expires_on.month()), expires_on.day());
    sheet.line(&day, DAY_TOP, 7)?;
    sheet.png()
}

struct Sheet {
    dots: Vec<u8>,
}

impl Sheet {
    fn fill(&mut self, (left, top): (u32, u32), (width, height): (u32, u32)) {
        for row in top..(top + height).min(HEIGHT) {
            let begin = (row * WIDTH + left.min(WIDTH)) as usize;
            let end = (row * WIDTH + (left + width).min(WIDTH)) as usize;
            if let Some(dots) = self.dots.get_mut(begin..end) {
                dots.fill(0);
            }
        }
    }

    /// As large as there is room, in whole dots: a bar that is blurred at its edges is harder to read.
    fn barcode(&mut self, svg: &Svg) -> Result<(), DocumentError> {
        let scale = (WIDTH - 2 * MARGIN) / svg.width();
        if scale == 0 {
            return Err(DocumentError::Picture);
        }
        let left = (WIDTH - svg.width() * scale) / 2;
        for (at, width) in svg.bars() {
            self.fill((left + at * scale, BARCODE_TOP), (width * scale, BARCODE_HEIGHT));
        }
        Ok(())
    }

    /// A line of signs in the middle, no larger than `largest` dots to the dot. A sign that is not known leaves a gap.
    fn line(&mut self, text: &str, top: u32, largest: u32) -> Result<(), DocumentError> {
        let signs = u32::try_from(text.chars().count()).map_err(|_| DocumentError::Picture)?;
        let scale = ((WIDTH - 2 * MARGIN) / (signs * ADVANCE).max(1)).min(largest);
        if scale == 0 {
            return Err(DocumentError::Picture);
        }
        let mut left = (WIDTH - signs * ADVANCE * scale) / 2;
        for sign in text.chars() {
            let columns = SIGNS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&sign)).map(|(_, columns)| columns);
            for (column, dots) in (0..).zip(columns.into_iter().flatten()) {
                for row in (0..7).filter(|row| dots & (1 << row) != 0) {
                    self.fill((left + column * scale, top + row * scale), (scale, scale));
                }
            }
            left += ADVANCE * scale;
        }
        Ok(())
    }

    fn png(&self) -> Result<Vec<u8>, DocumentError> {
        let mut file = Vec::new();
        image::codecs::png::PngEncoder::new(&mut file)
            .write_image(&self.dots, WIDTH, HEIGHT, ExtendedColorType::L8)
            .map_err(|_| DocumentError::Picture)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;
    use time::macros::date;

    const DAY: Date = date!(2029 - 11 - 20);

    #[test]
    fn an_independent_reader_reads_the_saved_picture() {
        let file = std::env::temp_dir().join(format!("todoke-card-{}.png", std::process::id()));
        std::fs::write(&file, card_picture("A300000014A", "3000 0001 4", DAY).unwrap()).unwrap();
        let output = Command::new("zbarimg")
            .args(["-q", "--raw", "-Sdisable", "-Scodabar.enable"])
            .arg(&file)
            .output()
            .expect("zbarimg (Debian package zbar-tools) is needed for this test");
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "A300000014A");
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn the_same_card_gives_the_same_picture_and_another_day_another_one() {
        let picture = |day| card_picture("A300000014A", "3000 0001 4", day).unwrap();
        assert_eq!(picture(DAY), picture(DAY));
        assert_ne!(picture(DAY), picture(date!(2029 - 11 - 21)));
    }

    #[test]
    fn what_has_no_room_is_refused() {
        let endless = format!("A{}A", "1".repeat(200));
        assert!(matches!(card_picture(&endless, "1", DAY), Err(DocumentError::Picture)));
        assert!(matches!(card_picture("A1A", &"1".repeat(400), DAY), Err(DocumentError::Picture)));
        assert!(matches!(card_picture("1", "1", DAY), Err(DocumentError::Barcode(_))));
    }
}
