//! Reading a list, wherever it came from.

use super::state::Failure;
use crate::jpki::{Crl, Trust, pem_or_der};
use std::borrow::Cow;
use time::OffsetDateTime;

/// The list in DER or PEM, checked, with its DER.
pub(super) fn parsed<'a>(bytes: &'a [u8], trust: &Trust, now: OffsetDateTime) -> Result<(Crl, Cow<'a, [u8]>), Failure> {
    let der = pem_or_der(bytes).ok_or(Failure::Pem)?;
    let list = Crl::parse(&der, trust).map_err(Failure::Refused)?;
    if list.this_update() > now { Err(Failure::MadeInTheFuture) } else { Ok((list, der)) }
}
