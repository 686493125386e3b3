//! The style sheet, the script and the pictures, built into the program.
//!
//! The address of each carries the beginning of its SHA-256, so that browsers may keep it
//! for ever and still never use an old one.

use super::error::Error;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use data_encoding::HEXLOWER;
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

struct Names {
    public: HashMap<String, String>,
    files: HashMap<String, String>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names { public: HashMap::new(), files: HashMap::new() };
    for file in Files::iter() {
        let Some(content) = Files::get(&file) else { continue };
        let hash = HEXLOWER.encode(&content.metadata.sha256_hash()[..6]);
        let (stem, extension) = file.rsplit_once('.').unwrap_or((&file, "bin"));
        let public = format!("{stem}.{hash}.{extension}");
        names.public.insert(file.to_string(), format!("/static/{public}"));
        names.files.insert(public, file.to_string());
    }
    names
});

/// The address of a built-in file, such as `/static/app.0123456789ab.css` for `app.css`.
#[must_use]
pub fn url(file: &str) -> &'static str {
    NAMES.public.get(file).map_or("/static/missing", String::as_str)
}

/// The style sheet.
#[must_use]
pub fn css() -> &'static str {
    url("app.css")
}

/// The script.
#[must_use]
pub fn js() -> &'static str {
    url("app.js")
}

/// The script of passkeys, for the pages that use them.
#[must_use]
pub fn passkey_js() -> &'static str {
    url("passkey.js")
}

/// The little picture in the browser's tab.
#[must_use]
pub fn icon() -> &'static str {
    url("img/icon.svg")
}

/// Gives out a built-in file under its hashed name.
pub(super) async fn show(path: web::Path<String>) -> Result<HttpResponse, Error> {
    let file = NAMES.files.get(path.as_str()).ok_or(Error::NotFound)?;
    let content = Files::get(file).ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type(file)))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(content.data.into_owned()))
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_a_hash_and_lead_back_to_the_file() {
        let address = css();
        assert!(address.starts_with("/static/app."), "{address}");
        assert_eq!(content_type(address), "text/css; charset=utf-8");
        assert_eq!(address.len(), "/static/app.0123456789ab.css".len());
        assert_eq!(NAMES.files[address.trim_start_matches("/static/")], "app.css");
        assert_ne!(js(), "/static/missing");
        assert_ne!(icon(), "/static/missing");
    }

    #[test]
    fn every_file_has_a_content_type() {
        assert!(Files::iter().all(|file| content_type(&file) != "application/octet-stream"));
    }

    #[actix_web::test]
    async fn only_hashed_names_are_given_out() {
        for name in ["app.css", "app.000000000000.css", "../Cargo.toml", ""] {
            assert!(show(web::Path::from(name.to_owned())).await.is_err(), "{name}");
        }
    }
}
