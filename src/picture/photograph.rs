//! Photographs and scans: decoded under limits, turned upright, made no larger than needed.

use super::{LONGEST_SIDE, MOST_PIXELS, Unreadable, whole};
use image::error::ImageError;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;

/// The longest side that is looked at.
const MOST_ACROSS: u32 = 20_000;
/// The most memory that a decoder may ask for.
const MOST_MEMORY: u64 = 512 << 20;

/// Decodes a photograph of a known format.
///
/// # Errors
/// [`Unreadable::TooManyPixels`], [`Unreadable::Damaged`].
pub(super) fn decode(file: &[u8], format: ImageFormat) -> Result<RgbImage, Unreadable> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_ACROSS);
    limits.max_image_height = Some(MOST_ACROSS);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| reason_of(&error))?;
    if format == ImageFormat::Jpeg && !whole::has_end(file) {
        return Err(Unreadable::CutShort);
    }
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Unreadable::TooManyPixels);
    }
    // The turn stands in the metadata, which are not kept: it is done here, or lost.
    let orientation = decoder.orientation().map_err(|error| reason_of(&error))?;
    let mut picture = shrunk(DynamicImage::from_decoder(decoder).map_err(|error| reason_of(&error))?);
    picture.apply_orientation(orientation);
    Ok(on_white(picture))
}

fn reason_of(error: &ImageError) -> Unreadable {
    match error {
        ImageError::Limits(_) => Unreadable::TooManyPixels,
        _ => Unreadable::Damaged,
    }
}

fn shrunk(picture: DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) <= LONGEST_SIDE {
        return picture;
    }
    picture.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Triangle)
}

/// A JPEG knows no transparency; what shows through is paper.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|part| over_white(part, alpha)))
    })
}

fn over_white(part: u8, alpha: u8) -> u8 {
    let (part, alpha) = (u32::from(part), u32::from(alpha));
    u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}
