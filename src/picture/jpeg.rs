//! Writing the JPEG that is kept.

use super::Unreadable;
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;

/// Small print stays legible, files stay small.
const QUALITY: u8 = 85;

/// Writes a picture as JPEG, with nothing in it but the picture.
///
/// # Errors
/// [`Unreadable::Damaged`] for a picture of no pixels.
pub(super) fn encode(picture: &RgbImage) -> Result<Vec<u8>, Unreadable> {
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    picture.write_with_encoder(encoder).map_err(|_| Unreadable::Damaged)?;
    Ok(jpeg)
}
