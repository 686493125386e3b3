//! Pictures that applicants attached, shown by themselves: they are their own document, and may do nothing.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

/// An answer with a picture. The guard adds `nosniff` and `no-store`, as everywhere.
pub(super) fn show(jpeg: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/jpeg"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"picture.jpg\""))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"))
        .body(jpeg)
}
