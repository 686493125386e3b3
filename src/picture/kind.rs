//! What a file is, by its content alone.

use super::Unreadable;
use image::ImageFormat;

/// What becomes a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Photograph(ImageFormat),
    Pdf,
}

/// How far from either end of a file another program would look for its own kind.
const REACH: usize = 4096;
/// The end of a ZIP archive, without its comment (APPNOTE 4.3.16).
const ZIP_END: usize = 22;
/// The longest comment of a ZIP archive.
const ZIP_COMMENT: usize = 0xFFFF;

/// Tells the kind of a file.
///
/// # Errors
/// What else it is.
pub(super) fn of(file: &[u8]) -> Result<FileKind, Unreadable> {
    let kind = first_kind(file)?;
    let may_also_be_pdf = matches!(kind, FileKind::Photograph(_)) && find(head(file), b"%PDF-");
    if may_also_be_pdf || ends_as_archive(file) || holds_markup(head(file)) || holds_markup(tail(file)) {
        return Err(Unreadable::TwoKinds);
    }
    Ok(kind)
}

fn first_kind(file: &[u8]) -> Result<FileKind, Unreadable> {
    match file {
        [] => Err(Unreadable::Empty),
        [0xFF, 0xD8, 0xFF, ..] => Ok(FileKind::Photograph(ImageFormat::Jpeg)),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(FileKind::Photograph(ImageFormat::Png)),
        [b'%', b'P', b'D', b'F', b'-', ..] => Ok(FileKind::Pdf),
        // ISO/IEC 23008-12: the major brands of HEVC pictures.
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_heic(brand) => Err(Unreadable::Heic),
        _ if starts_as_markup(file) => Err(Unreadable::Markup),
        _ => Err(Unreadable::OtherKind),
    }
}

fn is_heic(brand: &[u8]) -> bool {
    [b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"]
        .iter()
        .any(|known| brand.starts_with(*known))
}

fn starts_as_markup(file: &[u8]) -> bool {
    let text = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    text.trim_ascii_start().starts_with(b"<") || holds_markup(head(file))
}

/// Programs look for the end of a ZIP archive from the back, whatever the file begins with.
fn ends_as_archive(file: &[u8]) -> bool {
    let from = file.len().saturating_sub(ZIP_END + ZIP_COMMENT);
    file[from..].windows(ZIP_END).enumerate().any(|(at, end)| {
        let comment = usize::from(u16::from_le_bytes([end[ZIP_END - 2], end[ZIP_END - 1]]));
        end.starts_with(b"PK\x05\x06") && from + at + ZIP_END + comment == file.len()
    })
}

fn holds_markup(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    [&b"<html"[..], b"<!doctype", b"<script", b"<svg", b"<?php", b"<iframe"].iter().any(|word| find(&text, word))
}

fn head(file: &[u8]) -> &[u8] {
    &file[..file.len().min(REACH)]
}

fn tail(file: &[u8]) -> &[u8] {
    &file[file.len().saturating_sub(REACH)..]
}

fn find(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}
