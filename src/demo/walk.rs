//! x
use super::Demo;
use crate::server::StartError;
use std::path::Path;
/// x
///
/// # Errors
/// x
pub async fn walk(_demo: &Demo, _out: &Path) -> Result<(), StartError> {
    Ok(())
}
