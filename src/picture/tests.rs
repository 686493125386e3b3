use super::*;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

/// A sharp pattern whose left half is red and whose right half is blue.
fn pattern(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match ((x / 8 + y / 8) % 2, x < width / 2) {
        (0, _) => Rgb([250, 250, 250]),
        (_, true) => Rgb([200, 0, 0]),
        (_, false) => Rgb([0, 0, 200]),
    })
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut file)).unwrap();
    file
}

fn photograph(width: u32, height: u32) -> Vec<u8> {
    jpeg::encode(&pattern(width, height)).unwrap()
}

/// Exif with a turn by 90 degrees, a camera's name and a place (JEITA CP-3451), in big-endian.
fn exif() -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08".to_vec();
    exif.extend_from_slice(b"\0\x03");
    exif.extend_from_slice(b"\x01\x0F\0\x02\0\0\0\x10\0\0\0\x32");
    exif.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    exif.extend_from_slice(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x42");
    exif.extend_from_slice(b"\0\0\0\0");
    exif.extend_from_slice(b"CANARY-CAMERA-1\0");
    exif.extend_from_slice(b"\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0CANARY-GPS-34.8394,134.6939");
    exif
}

/// A JPEG with another segment behind its start.
fn with_segment(jpeg: &[u8], marker: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, contents, &jpeg[2..]].concat()
}

fn opened(picture: &Picture) -> RgbImage {
    image::load_from_memory_with_format(&picture.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn holds(file: &[u8], word: &[u8]) -> bool {
    file.windows(word.len()).any(|window| window == word)
}

/// A PDF of pages with these contents, without a table of objects: readers look for them.
fn pdf(catalog: &str, pages: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 10 + 2 * page)).collect();
    let mut file = format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R{catalog}>>\nendobj\n2 0 obj\n<</Type/Pages/Count {}/Kids[{}]>>\nendobj\n",
        pages.len(),
        kids.join(" ")
    );
    for (page, contents) in pages.iter().enumerate() {
        let (number, stream) = (10 + 2 * page, 11 + 2 * page);
        let page = format!(
            "{number} 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents {stream} 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>\nendobj\n{stream} 0 obj\n<</Length {}>>\nstream\n{contents}\nendstream\nendobj\n",
            contents.len()
        );
        file.push_str(&page);
    }
    file += "trailer\n<</Root 1 0 R/Size 40>>\n%%EOF\n";
    file.into_bytes()
}

#[test]
fn a_photograph_that_did_not_arrive_whole_is_refused() {
    let file = photograph(900, 700);
    for length in [file.len() / 10, file.len() / 2, file.len() - 2] {
        assert_eq!(read(&file[..length]), Err(Unreadable::CutShort), "{length} of {}", file.len());
    }
    // A small picture inside, as cameras put one, has an end of its own.
    let with_preview = with_segment(&file, 0xE1, &photograph(80, 60));
    assert!(read(&with_preview).is_ok());
    assert_eq!(read(&with_preview[..with_preview.len() / 2]), Err(Unreadable::CutShort));
}

#[test]
fn a_photograph_becomes_a_picture_without_place_camera_or_turn() {
    let file = with_segment(&photograph(900, 700), 0xE1, &exif());
    let file = with_segment(&file, 0xFE, b"CANARY-COMMENT");
    let file = [&file[..], b"CANARY-BEHIND-THE-END"].concat();
    let picture = read(&file).unwrap();
    assert!(holds(&file, b"CANARY") && !holds(&picture.jpeg, b"CANARY") && !holds(&picture.jpeg, b"Exif"));
    let turned = opened(&picture);
    assert_eq!(turned.dimensions(), (700, 900), "it stands upright");
    let top: u32 = turned.rows().take(100).flatten().map(|pixel| u32::from(pixel.0[0])).sum();
    let bottom: u32 = turned.rows().rev().take(100).flatten().map(|pixel| u32::from(pixel.0[0])).sum();
    assert!(top > bottom, "turned clockwise, the red left half is above");
    assert_eq!(picture.hints, []);
}

#[test]
fn a_large_picture_is_made_smaller_and_a_small_one_stays() {
    let long = opened(&read(&photograph(3000, 1000)).unwrap());
    assert_eq!(long.dimensions(), (LONGEST_SIDE, 800));
    let small = read(&photograph(400, 300)).unwrap();
    assert_eq!((opened(&small).dimensions(), small.hints), ((400, 300), vec![Hint::Small]));
}

#[test]
fn a_transparent_scan_lies_on_white_paper() {
    let clear = RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 0]));
    let mut file = Vec::new();
    DynamicImage::ImageRgba8(clear).write_with_encoder(PngEncoder::new(&mut file)).unwrap();
    let picture = opened(&read(&file).unwrap());
    assert!(picture.pixels().all(|pixel| pixel.0.iter().all(|part| *part > 250)));
}

#[test]
fn a_blurred_picture_is_pointed_out() {
    let blurred = image::imageops::blur(&pattern(900, 700), 12.0);
    assert_eq!(read(&png(&blurred)).unwrap().hints, [Hint::Blurred]);
}

#[test]
fn files_are_known_by_their_content_alone() {
    for (file, reason) in [
        (&b""[..], Unreadable::Empty),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Unreadable::Heic),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Unreadable::Heic),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", Unreadable::OtherKind),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", Unreadable::Markup),
        (b"\xEF\xBB\xBF \n<?xml version=\"1.0\"?><svg/>", Unreadable::Markup),
        (b"<!DOCTYPE html><script>", Unreadable::Markup),
        (b"GIF89a<script>alert(1)</script>", Unreadable::Markup),
        (b"GIF89a\x01\0\x01\0", Unreadable::OtherKind),
        (b"PK\x03\x04", Unreadable::OtherKind),
        (b"MZ\x90\0", Unreadable::OtherKind),
        (b" %PDF-1.7", Unreadable::OtherKind),
        (b"\xFF\xD8\xFF", Unreadable::Damaged),
        (b"\x89PNG\r\n\x1A\n", Unreadable::Damaged),
        (b"%PDF-1.7\n", Unreadable::Damaged),
    ] {
        assert_eq!(read(file), Err(reason), "{}", String::from_utf8_lossy(file));
    }
    let text_with_jpeg_inside = [b"GIF89a", &photograph(64, 64)[..]].concat();
    assert_eq!(read(&text_with_jpeg_inside), Err(Unreadable::OtherKind));
}

#[test]
fn a_file_that_is_two_things_at_once_is_refused() {
    let photograph = photograph(64, 64);
    let end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2E\0\0\0\0\0\0\0\x04\0note";
    for file in [
        with_segment(&photograph, 0xFE, b"%PDF-1.7 1 0 obj"),
        with_segment(&photograph, 0xFE, b"<ScRiPt>alert(1)</script>"),
        [&photograph[..], b"<?php system($_GET[0]);"].concat(),
        [&photograph[..], b"PK\x01\x02", end].concat(),
        [&pdf("", &["0 0 1 rg"])[..], end].concat(),
        [&png(&pattern(64, 64))[..], b"<html>"].concat(),
    ] {
        assert_eq!(read(&file), Err(Unreadable::TwoKinds));
    }
}

#[test]
fn a_picture_that_claims_too_many_pixels_is_refused_before_it_is_decoded() {
    let mut file = png(&pattern(64, 64));
    for (width, height) in [(0x7FFF_FFFF_u32, 0x7FFF_FFFF_u32), (19_000, 19_000), (1, 60_000)] {
        file[16..20].copy_from_slice(&width.to_be_bytes());
        file[20..24].copy_from_slice(&height.to_be_bytes());
        let checksum = crc32(&file[12..29]).to_be_bytes();
        file[29..33].copy_from_slice(&checksum);
        assert_eq!(read(&file), Err(Unreadable::TooManyPixels), "{width} × {height}");
    }
}

/// The checksum of a PNG chunk (ISO/IEC 15948 annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

#[test]
fn the_pages_of_a_pdf_are_drawn_one_below_another() {
    let file = pdf("", &["1 0 0 rg 0 0 300 200 re f", "0 0 1 rg 0 0 300 200 re f"]);
    let drawn = opened(&read(&file).unwrap());
    let (width, height) = drawn.dimensions();
    assert_eq!((width, height), (625, 2 * 416));
    assert!(drawn.get_pixel(300, 100).0[0] > 200 && drawn.get_pixel(300, height - 100).0[2] > 200);
}

#[test]
fn text_without_a_font_of_its_own_is_drawn_too() {
    let is_dark = |file: &[u8]| opened(&read(file).unwrap()).pixels().any(|pixel| pixel.0[0] < 100);
    assert!(is_dark(&pdf("", &["BT /F 48 Tf 20 80 Td (ABC) Tj ET"])));
    assert!(!is_dark(&pdf("", &["BT /F 48 Tf 20 80 Td ( ) Tj ET"])));
}

#[test]
fn what_a_pdf_does_besides_its_pages_is_not_kept() {
    let catalog =
        "/OpenAction<</S/JavaScript/JS(app.alert('CANARY'))>>/Names<</EmbeddedFiles<</Names[(CANARY)null]>>>>";
    let picture = read(&pdf(catalog, &["1 0 0 rg 0 0 300 200 re f"])).unwrap();
    assert!(!holds(&picture.jpeg, b"CANARY") && !holds(&picture.jpeg, b"JavaScript"));
}

#[test]
fn pdfs_that_cannot_be_pictures_are_told_apart() {
    for (file, reason) in [
        (pdf("", &["n"; MOST_PAGES + 1]), Unreadable::TooManyPages),
        (pdf("", &[]), Unreadable::Damaged),
        (pdf("/AcroForm<</XFA[(template)11 0 R]/Fields[]>>", &["n"]), Unreadable::FormProgram),
        (b"%PDF-1.7\nnothing".to_vec(), Unreadable::Damaged),
    ] {
        assert_eq!(read(&file), Err(reason));
    }
}

#[test]
fn a_picture_of_ours_stays_readable_when_it_is_sent_again() {
    let once = read(&photograph(900, 700)).unwrap();
    assert_eq!(opened(&read(&once.jpeg).unwrap()).dimensions(), (900, 700));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_file_causes_no_panic(at in any::<prop::sample::Index>(), by in 1_u8.., cut in any::<prop::sample::Index>()) {
        for mut file in [photograph(48, 32), png(&pattern(48, 32))] {
            let place = at.index(file.len());
            file[place] ^= by;
            let _ = read(&file);
            let _ = read(&file[..cut.index(file.len())]);
        }
    }

    #[test]
    fn no_file_causes_a_panic(head in prop::sample::select(vec![&b"\xFF\xD8\xFF\xE0"[..], b"\x89PNG\r\n\x1A\n", b"%PDF-1.7\n", b""]), rest: Vec<u8>) {
        let _ = read(&[head, &rest].concat());
    }
}
