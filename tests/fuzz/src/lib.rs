//! The engine as the targets see it, and what all of them share.

#![expect(dead_code, unreachable_pub, missing_docs, reason = "the sources are those of the portal; only a part is called")]

#[path = "../../../src/jpki/mod.rs"]
pub mod jpki;

#[path = "../../../src/evidence/mod.rs"]
pub mod evidence;

#[path = "../../../src/sha256.rs"]
pub mod sha256;

pub mod demo {
    #[path = "../../../../src/demo/authority/mod.rs"]
    pub mod authority;
}

use jpki::{Anchor, CrlSet, Policies, Trust};
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::macros::datetime;

/// The moment as of which every target checks: the one for which the corpus was made.
pub const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);

/// The root of the corpus, written by `seeds`.
pub const ROOT: &[u8] = include_bytes!("../corpus/root.der");

fn anchors() -> Vec<Anchor> {
    vec![Anchor::from_der(ROOT).expect("the corpus has a root")]
}

/// Trusts the root of the corpus for signatures of people.
pub static SIGNING: LazyLock<Trust> = LazyLock::new(|| Trust::signing(anchors(), Policies::demo()));
/// Trusts the root of the corpus for time-stamps.
pub static TIMESTAMPING: LazyLock<Trust> = LazyLock::new(|| Trust::timestamping(anchors()));
/// No lists.
pub static NO_LISTS: LazyLock<CrlSet> = LazyLock::new(CrlSet::new);
/// A card of the corpus.
pub const CARD: &[u8] = include_bytes!("../corpus/card.der");
