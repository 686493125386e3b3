//! The engine against a synthetic authority, J-LIS's published test certificates, and OpenSSL.

mod attributes;
mod book;
mod builder;
mod certificates;
mod constraints;
mod differential;
mod fixtures;
mod laboratory;
mod lists;
mod messages;
mod mutations;
mod openssl;
mod paths;
mod pdf;
mod policies;
mod profiles;
mod pyhanko;
mod raw;
mod responses;
mod second_opinion;
mod standard;
mod timestamps;

use std::sync::LazyLock;

use time::OffsetDateTime;
use time::macros::datetime;

use super::certificate::sha256;
use super::{Anchor, CrlSet, Policies, SignedAttributes, Trust, Verdict, verify_cms};
use crate::demo::authority::{CardHolder, CardKey, Fault, TestAuthority, TestCard};

const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const DOCUMENT: &[u8] = "貸出券の申込み".as_bytes();

// Keys are slow to make, so all tests share one authority and one card key.
static AUTHORITY: LazyLock<TestAuthority> = LazyLock::new(|| TestAuthority::generate(NOW).unwrap());
static CARD_KEY: LazyLock<CardKey> = LazyLock::new(|| CardKey::generate().unwrap());
static GOOD_CARD: LazyLock<TestCard> = LazyLock::new(|| card(Fault::None));

fn hanako() -> CardHolder {
    CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１")
}

fn card(fault: Fault) -> TestCard {
    AUTHORITY.issue(&hanako(), fault, &CARD_KEY, NOW).unwrap()
}

fn trust() -> Trust {
    Trust::signing(vec![Anchor::from_der(AUTHORITY.anchor_der()).unwrap()], Policies::demo())
}

fn signed_by(card: &TestCard) -> Vec<u8> {
    let attributes = SignedAttributes::new(sha256(DOCUMENT), NOW);
    attributes.to_cms(&card.sign(&attributes.digest_info()).unwrap(), card.certificate_der()).unwrap()
}

fn verify(cms: &[u8]) -> Verdict {
    verify_cms(cms, Some(DOCUMENT), &trust(), &CrlSet::new(), NOW)
}
