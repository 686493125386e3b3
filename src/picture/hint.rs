//! What may be wrong with a picture. Hints only: whether it can be read is for people to say.

use image::imageops::{self, FilterType};
use image::{GrayImage, RgbImage};

/// Something that a person should look at before sending or deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// So few pixels that print on a card cannot be read.
    Small,
    /// No sharp edge anywhere.
    Blurred,
}

impl Hint {
    /// All hints.
    pub const ALL: [Self; 2] = [Self::Small, Self::Blurred];

    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Blurred => "blurred",
        }
    }
}

/// With fewer dots along the long side, the print on a card (85.6 mm, ISO/IEC 7810) has less than 200 dots an inch.
const SMALL: u32 = 680;
/// Sharpness is measured at one size, so that it means the same for every camera.
const MEASURED_SIDE: u32 = 800;
/// Below this variance of the Laplacian no edge is sharp.
const BLURRED: f64 = 20.0;

pub(super) fn all_of(picture: &RgbImage) -> Vec<Hint> {
    let is_small = picture.width().max(picture.height()) < SMALL;
    Hint::ALL
        .into_iter()
        .filter(|hint| match hint {
            Hint::Small => is_small,
            // A small picture is already said to be unreadable.
            Hint::Blurred => !is_small && is_blurred(picture),
        })
        .collect()
}

fn is_blurred(picture: &RgbImage) -> bool {
    let (width, height) = picture.dimensions();
    let longest = width.max(height).max(1);
    let side =
        |side: u32| u32::try_from(u64::from(side) * u64::from(MEASURED_SIDE) / u64::from(longest)).unwrap_or(1).max(1);
    let small = imageops::resize(&imageops::grayscale(picture), side(width), side(height), FilterType::Triangle);
    sharpness(&small) < BLURRED
}

/// The variance of the Laplacian: how much neighbouring points differ.
fn sharpness(picture: &GrayImage) -> f64 {
    let (width, height) = picture.dimensions();
    let at = |x: u32, y: u32| f64::from(picture.get_pixel(x, y).0[0]);
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let edge = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y);
            count += 1.0;
            sum += edge;
            squares += edge * edge;
        }
    }
    if count == 0.0 { f64::MAX } else { squares / count - (sum / count).powi(2) }
}
