//! The signature engine: from bytes, pinned roots and a moment to a verdict with its evidence.
//!
//! Pure: no I/O, no clock, no knowledge of libraries. What is signed is never decoded and encoded
//! again; signatures are checked over the bytes as they came. Every refusal carries a [`Reason`]
//! with a stable code, and nothing that comes in can make it panic.
//!
//! - [`verify_cms`] and [`verify_certificate`] are the questions; [`Verdict`] is the answer, a
//!   document that is stored and shown.
//! - [`Trust`] holds the pinned roots ([`Anchor`]) and the kinds of certificates that count
//!   ([`Policies`]); [`CrlSet`] holds the revocation lists.
//! - [`ocsp_request`] asks a responder about one certificate and [`verify_ocsp`] judges its answer;
//!   [`verify_crl`] and [`verify_ocsp_response`] judge a list or an answer by itself.
//! - [`SignedAttributes`] makes an ordinary CMS message out of what a signing app returns.
//! - [`PdfSeal`] and [`SealAttributes`] make the seal of an organisation in a PDF, and [`verify_seal`] checks it.
//!
//! To add a kind of certificate, add a line to [`KNOWN`]; to add a rule, add a [`Reason`] and a
//! test with the smallest certificate or message that breaks it.

mod algorithm;
mod assemble;
mod attributes;
mod ber;
mod cades;
mod certificate;
mod chain;
mod cms;
mod crl;
pub mod encode;
mod extension;
mod general_name;
mod holder;
mod issuance;
mod key;
mod laboratory;
mod name;
mod ocsp;
mod oid;
mod path;
mod pdf;
mod pem;
mod policy;
mod profile;
mod raw;
mod reason;
mod revocation;
mod rules;
mod standard;
mod step;
mod timestamp;
mod tlv;
mod verify;

pub use assemble::{SHA256_DIGEST_INFO_PREFIX, SignedAttributes};
pub use ber::to_der;
pub use cades::{NoSeal, SealAlgorithm, SealAttributes, certificate_ends, public_key_of, verify_seal};
pub use certificate::Certificate;
pub use chain::{Anchor, Trust};
pub use crl::{Crl, CrlReadError, CrlReport, ListFacts, ListRules, RevocationReason, Revoked, verify_crl};
pub use holder::{CertifiedBirth, Era, Holder};
pub use issuance::{CertificateDraft, certificate_request, organisation, public_key_info, with_signature};
pub use laboratory::{Laboratory, UnknownItem};
pub use ocsp::{
    CertIdDigest, OcspAnswer, OcspReport, ocsp_request, ocsp_request_by, verify_ocsp, verify_ocsp_response,
    verify_ocsp_with_lists,
};
pub use pdf::{PdfSeal, pdf_signature, verify_pdf};
pub use pem::{Form, pem_blocks, pem_or_der};
pub use policy::{DEMO_SIGNING, DEMO_USER_AUTHENTICATION, Environment, KNOWN, Kind, Medium, Policies, Policy, Purpose};
pub use raw::verify_raw;
pub use reason::Reason;
pub use revocation::{CrlSet, RevocationGap, RevocationStatus, RevocationWitness};
pub use step::{Check, Fact, Outcome, Signer, Step, StepOutcome, Verdict};
pub use timestamp::{
    Imprint, Timestamp, TimestampQuestion, timestamp_request, verify_kept_timestamp, verify_timestamp,
};
pub use verify::{Verifier, verify_certificate, verify_cms};

#[cfg(test)]
mod tests;
