//! Addresses on the staff's side that name something.

use super::{Urls, libraries};
use crate::domain::ids::{ExportId, NoticeId, PatronId, StaffId, TemplateId};
use crate::domain::reference::Reference;

impl Urls {
    /// A path on the staff's side; `rest` begins with `/`.
    pub(super) fn staff_path(&self, rest: &str) -> String {
        if self.staff_prefix.is_empty() { libraries().to_owned() } else { format!("{}{rest}", self.staff_prefix) }
    }

    /// A new colleague's invitation.
    #[must_use]
    pub fn staff_invitation(&self, token: &str) -> String {
        self.staff_path(&format!("/invitation/{token}"))
    }

    /// A notice that goes on paper.
    #[must_use]
    pub fn staff_paper(&self, id: NoticeId) -> String {
        self.staff_path(&format!("/papers/{id}"))
    }

    /// A colleague's account.
    #[must_use]
    pub fn staff_member(&self, id: StaffId) -> String {
        self.staff_path(&format!("/members/{id}"))
    }

    /// One template of a text, with its history.
    #[must_use]
    pub fn staff_template(&self, id: TemplateId) -> String {
        self.staff_path(&format!("/templates/{id}"))
    }

    /// Making a file by a profile.
    #[must_use]
    pub fn staff_export_of(&self, profile: &str) -> String {
        self.staff_path(&format!("/exchange/new?profile={profile}"))
    }

    /// A file that was made for the library system.
    #[must_use]
    pub fn staff_export(&self, id: ExportId) -> String {
        self.staff_path(&format!("/exchange/files/{id}"))
    }

    /// A visitor's draft at the counter.
    #[must_use]
    pub fn staff_visit(&self, reference: &Reference) -> String {
        self.staff_path(&format!("/visits/{reference}"))
    }

    /// A patron's record, or something about it; `rest` is empty or begins with `/`.
    #[must_use]
    pub fn staff_patron(&self, id: PatronId, rest: &str) -> String {
        self.staff_path(&format!("/patrons/{id}{rest}"))
    }

    /// An application's file.
    #[must_use]
    pub fn staff_application(&self, reference: &Reference) -> String {
        self.staff_path(&format!("/applications/{reference}"))
    }

    /// Something beside or about an application's file; `rest` begins with `/`.
    #[must_use]
    pub fn staff_application_path(&self, reference: &Reference, rest: &str) -> String {
        self.staff_path(&format!("/applications/{reference}{rest}"))
    }
}
