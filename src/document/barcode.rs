//! NW-7 (Codabar, JIS X 0506): the barcode on Japanese library cards.

use std::fmt;

/// Widths in units. Wide to narrow is 2.5 to 1, the middle of the permitted 2 to 3.
const NARROW: u32 = 2;
const WIDE: u32 = 5;
/// Ten narrow elements on either side, as JIS X 0506 asks.
const QUIET_ZONE: u32 = 10 * NARROW;

/// The elements of each sign: bar, space, bar, space, bar, space, bar from the highest of
/// seven bits; a set bit is a wide element (JIS X 0506, table 1).
const SIGNS: [(char, u8); 20] = [
    ('0', 0b000_0011),
    ('1', 0b000_0110),
    ('2', 0b000_1001),
    ('3', 0b110_0000),
    ('4', 0b001_0010),
    ('5', 0b100_0010),
    ('6', 0b010_0001),
    ('7', 0b010_0100),
    ('8', 0b011_0000),
    ('9', 0b100_1000),
    ('-', 0b000_1100),
    ('$', 0b001_1000),
    (':', 0b100_0101),
    ('/', 0b101_0001),
    ('.', 0b101_0100),
    ('+', 0b001_0101),
    ('A', 0b001_1010),
    ('B', 0b010_1001),
    ('C', 0b000_1011),
    ('D', 0b000_1110),
];

/// The text cannot be said in NW-7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNw7 {
    /// It does not begin and end with one of `A` `B` `C` `D`, with something between.
    #[error("an NW-7 barcode starts and stops with A, B, C or D and has data between")]
    NoStartOrStop,
    /// A sign other than `0`–`9` `-` `$` `:` `/` `.` `+` stands between start and stop.
    #[error("NW-7 has no sign for {0:?}")]
    UnknownSign(char),
}

/// A drawing of black bars on white. Units are half a narrow bar; its quiet zones are inside.
///
/// [`fmt::Display`] writes a stand-alone SVG file. A page that shows the drawing inline uses
/// [`Svg::width`], [`Svg::height`] and [`Svg::path`] and adds `role="img"` and a text of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svg {
    width: u32,
    height: u32,
    path: String,
    bars: Vec<(u32, u32)>,
}

impl Svg {
    /// Width in units, quiet zones included.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Width in narrow bars, quiet zones included; times the bar's width it is the printed width.
    #[must_use]
    pub const fn modules(&self) -> u32 {
        self.width / NARROW
    }

    /// Height in units.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The black bars in units: where each begins, and how wide it is.
    #[must_use]
    pub fn bars(&self) -> &[(u32, u32)] {
        &self.bars
    }

    /// The black bars as the `d` of an SVG path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, height, path, .. } = self;
        write!(
            f,
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{width}v{height}H0z"/><path fill="#000" d="{path}"/></svg>"##
        )
    }
}

/// Draws `text`, which includes its start and stop signs, `height_in_modules` narrow bars high.
///
/// # Errors
/// See [`NotNw7`].
pub fn nw7_svg(text: &str, height_in_modules: u32) -> Result<Svg, NotNw7> {
    let is_frame = |sign: char| matches!(sign, 'A'..='D');
    let data = text
        .strip_prefix(is_frame)
        .and_then(|rest| rest.strip_suffix(is_frame))
        .filter(|data| !data.is_empty())
        .ok_or(NotNw7::NoStartOrStop)?;
    if let Some(unknown) = data.chars().find(|sign| is_frame(*sign) || elements(*sign).is_none()) {
        return Err(NotNw7::UnknownSign(unknown));
    }

    let height = height_in_modules.saturating_mul(NARROW);
    let mut bars = Vec::new();
    let mut at = QUIET_ZONE;
    for pattern in text.chars().filter_map(elements) {
        for element in 0..7 {
            let width = if pattern & (0b100_0000 >> element) == 0 { NARROW } else { WIDE };
            if element % 2 == 0 {
                bars.push((at, width));
            }
            at += width;
        }
        // The gap between two signs carries nothing and is one narrow element wide.
        at += NARROW;
    }
    let drawn = |(at, width): &(u32, u32)| format!("M{at} 0h{width}v{height}h-{width}z");
    let path = bars.iter().map(drawn).collect();
    Ok(Svg { width: at - NARROW + QUIET_ZONE, height, path, bars })
}

fn elements(sign: char) -> Option<u8> {
    SIGNS.iter().find(|(known, _)| *known == sign).map(|(_, pattern)| *pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Paints the path, two pixels per unit, as a portable grey map.
    fn painted(svg: &Svg) -> Vec<u8> {
        const SCALE: usize = 2;
        let width = svg.width() as usize * SCALE;
        let mut row = vec![255_u8; width];
        for bar in svg.path().split('M').skip(1) {
            let (left, rest) = bar.split_once(" 0h").unwrap();
            let (bar_width, _) = rest.split_once('v').unwrap();
            let left = left.parse::<usize>().unwrap() * SCALE;
            row[left..left + bar_width.parse::<usize>().unwrap() * SCALE].fill(0);
        }
        let height = svg.height() as usize;
        let mut picture = format!("P5\n{width} {height}\n255\n").into_bytes();
        (0..height).for_each(|_| picture.extend_from_slice(&row));
        picture
    }

    #[test]
    fn an_independent_reader_reads_every_sign_and_every_start_and_stop() {
        let folder = tempfile_folder("nw7");
        let mut texts = vec!["A0123456789-$:/.+B".to_owned(), "C+./:$-9876543210D".to_owned()];
        for start in ['A', 'B', 'C', 'D'] {
            for stop in ['A', 'B', 'C', 'D'] {
                texts.push(format!("{start}20260{stop}"));
            }
        }
        let mut command = Command::new("zbarimg");
        command.args(["-q", "--raw", "-Sdisable", "-Scodabar.enable"]);
        for (number, text) in texts.iter().enumerate() {
            let file = folder.join(format!("{number:02}.pgm"));
            std::fs::write(&file, painted(&nw7_svg(text, 60).unwrap())).unwrap();
            command.arg(file);
        }
        let output = command.output().expect("zbarimg (Debian package zbar-tools) is needed for this test");
        let read: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(read, texts);
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn tempfile_folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("todoke-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn quiet_zones_of_ten_narrow_bars_are_part_of_the_drawing() {
        let svg = nw7_svg("A1A", 40).unwrap();
        assert!(svg.path().starts_with("M20 0h"));
        let last_bar = svg.path().rsplit('M').next().unwrap();
        let (left, rest) = last_bar.split_once(" 0h").unwrap();
        let width: u32 = rest.split_once('v').unwrap().0.parse().unwrap();
        assert_eq!(left.parse::<u32>().unwrap() + width + 20, svg.width());
    }

    #[test]
    fn what_nw7_cannot_say_is_refused() {
        for text in ["", "A", "AA", "12345", "A12345", "12345A", "a12345a", "E12345E"] {
            assert_eq!(nw7_svg(text, 40), Err(NotNw7::NoStartOrStop), "{text}");
        }
        for (text, sign) in [("A12B34A", 'B'), ("A12 34A", ' '), ("A1x4A", 'x'), ("A１A", '１')] {
            assert_eq!(nw7_svg(text, 40), Err(NotNw7::UnknownSign(sign)), "{text}");
        }
    }
}
