//! Reading a list, wherever it came from.

use super::serials::marks;
use super::state::{Failure, ListFacts};
use crate::jpki::{Crl, Trust, pem_or_der};
use std::borrow::Cow;
use std::sync::Arc;
use time::OffsetDateTime;

/// A list that can be put in force.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) list: Crl,
    /// What stands for the serial numbers on it.
    pub(super) marks: Arc<Vec<u64>>,
}

impl Fresh {
    pub(super) fn facts(&self) -> ListFacts {
        ListFacts::of(&self.list)
    }
}

/// The list in DER or PEM, checked, with its DER.
pub(super) fn parsed<'a>(
    bytes: &'a [u8],
    trust: &Trust,
    now: OffsetDateTime,
) -> Result<(Fresh, Cow<'a, [u8]>), Failure> {
    let der = pem_or_der(bytes).ok_or(Failure::Pem)?;
    let list = Crl::parse(&der, trust).map_err(Failure::Refused)?;
    if list.this_update() > now {
        return Err(Failure::MadeInTheFuture);
    }
    let marks = Arc::new(marks(&der));
    Ok((Fresh { list, marks }, der))
}
