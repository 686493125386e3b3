//! The pages of a PDF, drawn one below another. What is not drawn is not kept: scripts, actions, attached files,
//! form fields, layers and the text itself.

use super::{MOST_PAGES, Unreadable};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::object::Dict;
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings};
use image::{Rgb, RgbImage, imageops};
use std::sync::Arc;

/// Dots per point: 150 dots an inch (ISO 32000-2 §8.3.2.3 has 72 points an inch).
const SCALE: f32 = 150.0 / 72.0;
/// The long side of a page in dots: A4 at 150 dots an inch.
const PAGE_SIDE: f32 = 1754.0;

/// Draws a PDF.
///
/// # Errors
/// [`Unreadable`], by what it is.
pub(super) fn draw(file: &[u8]) -> Result<RgbImage, Unreadable> {
    let pdf = Pdf::new(Arc::new(file.to_vec())).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Unreadable::Locked,
        LoadPdfError::Invalid => Unreadable::Damaged,
    })?;
    if is_form_program(&pdf) {
        return Err(Unreadable::FormProgram);
    }
    let pages = pdf.pages();
    match pages.len() {
        0 => return Err(Unreadable::Damaged),
        1..=MOST_PAGES => {}
        _ => return Err(Unreadable::TooManyPages),
    }
    let cache = RenderCache::new();
    let drawn: Vec<RgbImage> = pages.iter().map(|page| draw_page(page, &cache)).collect::<Result<_, _>>()?;
    Ok(one_below_another(&drawn))
}

/// XFA (ISO 32000-1 §12.7.8) keeps the true form in a program; on the page stands a request to use another viewer.
fn is_form_program(pdf: &Pdf) -> bool {
    let xref = pdf.xref();
    let root: Option<Dict<'_>> = xref.get(xref.root_id());
    let form: Option<Dict<'_>> = root.and_then(|root| root.get("AcroForm"));
    form.is_some_and(|form| form.contains_key("XFA"))
}

fn draw_page<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>) -> Result<RgbImage, Unreadable> {
    let (width, height) = page.render_dimensions();
    let longest = width.max(height);
    if !longest.is_finite() || longest <= 0.0 {
        return Err(Unreadable::Damaged);
    }
    let scale = SCALE.min(PAGE_SIDE / longest);
    let settings = RenderSettings {
        x_scale: scale,
        y_scale: scale,
        width: Some(dots(width * scale)),
        height: Some(dots(height * scale)),
        bg_color: WHITE,
    };
    let drawn = hayro::render(page, cache, &InterpreterSettings::default(), &settings);
    let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let pixels: Vec<u8> =
        drawn.data_as_u8_slice().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    RgbImage::from_raw(width, height, pixels).ok_or(Unreadable::Damaged)
}

/// A length in whole dots, at least one.
fn dots(length: f32) -> u16 {
    let most = PAGE_SIDE.ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between one and a page's side"
    )]
    let dots = length.clamp(1.0, most) as u16;
    dots
}

fn one_below_another(pages: &[RgbImage]) -> RgbImage {
    let width = pages.iter().map(RgbImage::width).max().unwrap_or_default();
    let height = pages.iter().map(RgbImage::height).sum();
    let mut all = RgbImage::from_pixel(width, height, Rgb([255, 255, 255]));
    let mut top = 0;
    for page in pages {
        imageops::replace(&mut all, page, 0, top);
        top += i64::from(page.height());
    }
    all
}
