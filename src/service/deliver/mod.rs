//! Delivery (電子交付): the status, the notice, and the initial password that is born when it is looked at.

mod notice;
mod password;
mod receipt;
mod status;

pub use super::pace::Pace;
pub use notice::{ReadNotice, SinceThen, Unusable, barcode, barcode_of};
pub use password::{PasswordDesk, PasswordState, ShownPassword};
pub use receipt::Receipt;
pub use status::Status;

pub(super) use notice::{load_notice, note_reading};
pub(super) use password::{collects_password, password_waits, password_way, waits_for};
pub(super) use receipt::try_collection_code;
pub(super) use status::status_of;
