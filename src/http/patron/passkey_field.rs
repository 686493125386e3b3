//! Bytes that a script has put into a form.

use crate::http::error::Error;
use data_encoding::BASE64URL_NOPAD;

/// The bytes of a field; what no script of ours writes is a broken form.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| Error::BadForm)
}
