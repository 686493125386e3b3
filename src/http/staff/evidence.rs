//! The evidence itself: the signed document and the signature over it, byte for byte.

use super::Named;
use super::signed_in::SignedInStaff;
use crate::http::error::Error;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

/// Shows the signed document.
pub(in crate::http) async fn document(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let bytes = staff.here.portal.signed_document(&staff.member, &named.reference).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{}.pdf\"", named.reference)))
        .body(bytes))
}

/// Hands out the detached signature (RFC 8551 §3.2.1 gives the ending `.p7s`).
pub(in crate::http) async fn signature(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let bytes = staff.here.portal.signature(&staff.member, &named.reference).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pkcs7-signature"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.p7s\"", named.reference)))
        .body(bytes))
}

/// Hands out everything that proves the signature, in one archive.
pub(in crate::http) async fn archive(staff: SignedInStaff, named: web::Path<Named>) -> Result<HttpResponse, Error> {
    let bytes = staff.here.portal.evidence_archive(&staff.member, &named.reference).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/zip"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.zip\"", named.reference)))
        .body(bytes))
}
