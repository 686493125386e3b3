//! Forms with a file (RFC 7578): read part by part, never more than may be kept.
//!
//! The hidden fields stand before the file, so that a form of another site is refused before
//! any of the file is read.

use super::error::Error;
use super::session::Visit;
use super::site::Site;
use actix_multipart::{Field, Multipart};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::time::Duration;

/// The largest part that is not a file: a pasted list of some thousand numbers.
const LARGEST_FIELD: usize = 64 << 10;
/// The most parts that a form of ours has.
const MOST_PARTS: usize = 8;
/// Up to here a file that is too large is thrown away while it comes, so that its sender can be told on the page;
/// beyond this the connection is cut.
const LARGEST_THROWN_AWAY: usize = 64 << 20;
/// A file that takes longer than this is not coming.
const DEADLINE: Duration = Duration::from_mins(1);

/// A form with a file, as sent.
#[derive(Debug)]
pub(super) struct Upload {
    /// The other fields, by name.
    pub(super) fields: BTreeMap<String, String>,
    /// What the file is called, as its sender says.
    pub(super) file_name: Option<String>,
    /// The file; `None` if it was larger than allowed. Empty if none was chosen.
    pub(super) file: Option<Vec<u8>>,
}

/// Reads a form with one file called `file`, of at most `largest` bytes.
///
/// # Errors
/// As [`super::form::CsrfForm`].
pub(super) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
    (site, visit): (&Site, &Visit),
    largest: usize,
) -> Result<Upload, Error> {
    let is_form = request.content_type() == "multipart/form-data"
        && !request.headers().contains_key("content-encoding")
        && request.headers().get_all(CONTENT_TYPE).count() == 1;
    if !is_form {
        return Err(Error::UnsupportedType);
    }
    let parts = Multipart::new(request.headers(), payload);
    let accepts_csrf = |field: &str| visit.accepts(&site.csrf_key, field);
    tokio::time::timeout(DEADLINE, read_parts(parts, accepts_csrf, largest)).await.map_err(|_| Error::TooSlow)?
}

async fn read_parts(
    mut parts: Multipart,
    accepts_csrf: impl Fn(&str) -> bool,
    largest: usize,
) -> Result<Upload, Error> {
    let mut fields = BTreeMap::new();
    let (mut file, mut file_name) = (None, None);
    for _ in 0..MOST_PARTS {
        let Some(part) = parts.next().await else {
            let file = file.ok_or(Error::BadForm)?;
            return Ok(Upload { fields, file_name, file });
        };
        let mut part = part.map_err(|_| Error::BadForm)?;
        let name = part.name().ok_or(Error::BadForm)?.to_owned();
        if name == "file" && file.is_none() {
            if !fields.get("csrf").is_some_and(|field: &String| accepts_csrf(field)) {
                return Err(Error::FormExpired);
            }
            let disposition = part.content_disposition();
            file_name = disposition.and_then(|disposition| disposition.get_filename()).map(ToOwned::to_owned);
            file = Some(read_file(&mut part, largest).await?);
            continue;
        }
        let value = part.bytes(LARGEST_FIELD).await.map_err(|_| Error::TooLarge)?.map_err(|_| Error::BadForm)?;
        let value = String::from_utf8(value.to_vec()).map_err(|_| Error::BadForm)?;
        if fields.insert(name, value).is_some() {
            return Err(Error::BadForm);
        }
    }
    Err(Error::BadForm)
}

/// The file's bytes; `None` if there were more than `largest`.
async fn read_file(part: &mut Field, largest: usize) -> Result<Option<Vec<u8>>, Error> {
    let mut file = Vec::new();
    let mut length = 0;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|_| Error::BadForm)?;
        length += chunk.len();
        if length > LARGEST_THROWN_AWAY {
            return Err(Error::FileTooLarge);
        }
        if length > largest {
            file = Vec::new();
        } else {
            file.extend_from_slice(&chunk);
        }
    }
    Ok((length <= largest).then_some(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderMap, HeaderValue};
    use actix_web::web::Bytes;
    use futures_util::stream;

    fn part(name: &str, value: &[u8]) -> Vec<u8> {
        let mut part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").into_bytes();
        part.extend_from_slice(value);
        part.extend_from_slice(b"\r\n");
        part
    }

    async fn sent(parts: &[(&str, &[u8])], largest: usize) -> Result<Upload, Error> {
        let mut body: Vec<u8> = parts.iter().flat_map(|(name, value)| part(name, value)).collect();
        body.extend_from_slice(b"--b--\r\n");
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=b"));
        let chunks: Vec<_> = body.chunks(7).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        read_parts(Multipart::new(&headers, stream::iter(chunks)), |field| field == "good", largest).await
    }

    #[actix_web::test]
    async fn a_form_is_read_with_its_file() {
        let upload = sent(&[("csrf", b"good"), ("version", b"1"), ("file", b"\x30\x82")], 2).await.unwrap();
        assert_eq!(upload.fields["version"], "1");
        assert_eq!(upload.file.unwrap(), b"\x30\x82");
        let none = sent(&[("csrf", b"good"), ("file", b"")], 2).await.unwrap();
        assert_eq!(none.file.unwrap(), b"");
    }

    #[actix_web::test]
    async fn what_is_too_large_is_not_kept() {
        let upload = sent(&[("csrf", b"good"), ("file", &[7; 200])], 199).await.unwrap();
        assert_eq!(upload.file, None);
        let field = sent(&[("csrf", &vec![b'x'; LARGEST_FIELD + 1]), ("file", b"x")], 2).await;
        assert!(matches!(field, Err(Error::TooLarge)));
    }

    #[actix_web::test]
    async fn a_file_without_our_token_before_it_is_refused() {
        let parts: [&[(&str, &[u8])]; 3] =
            [&[("file", b"x")], &[("csrf", b"bad"), ("file", b"x")], &[("file", b"x"), ("csrf", b"good")]];
        for parts in parts {
            assert!(matches!(sent(parts, 9).await, Err(Error::FormExpired)), "{parts:?}");
        }
    }

    #[actix_web::test]
    async fn repeated_missing_and_endless_parts_are_refused() {
        let good: (&str, &[u8]) = ("csrf", b"good");
        let many: Vec<(String, &[u8])> = (0..20).map(|number| (format!("f{number}"), &b"x"[..])).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        for parts in [&[good, good, ("file", b"x")][..], &[good], &[good, ("file", b"x"), ("file", b"y")], &many] {
            let refused = sent(parts, 9).await;
            // A second file is read as a field, and found too many or repeated.
            assert!(!matches!(&refused, Ok(upload) if upload.fields.len() < 2), "{refused:?}");
        }
    }
}
