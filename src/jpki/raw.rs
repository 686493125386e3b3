use super::*;
use time::OffsetDateTime;
#[expect(missing_docs)]
pub fn verify_raw(_s: &[u8], _c: &[u8], _d: &[u8], _t: &Trust, _l: &CrlSet, _a: OffsetDateTime) -> Verdict {
    todo!()
}
#[expect(missing_docs)]
pub fn verify_public_key(_s: &[u8], _c: &[u8], _d: &[u8], _t: &Trust) -> Option<Result<(), Reason>> {
    todo!()
}
