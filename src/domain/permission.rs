//! Who may do what: roles, what each allows, and in which branches.
//!
//! The table [`Role::permissions`] is the only place where a role is turned into a right. Routes name
//! a [`Permission`], transitions ask for one, buttons are drawn by the same question.

use super::code::BranchCode;

/// Something that staff do with the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// See the queue.
    SeeQueue,
    /// Open an application's file. Each opening is recorded.
    OpenFile,
    /// Take copies of the signed document, its signature, the archive of evidence; open attachments.
    TakeEvidence,
    /// Claim, release, hold, ask for a correction, write to the applicant, judge duplicates.
    Review,
    /// Say yes for the first of two times.
    Propose,
    /// Approve and decline.
    Decide,
    /// Take a living claim from a colleague.
    TakeOver,
    /// Open a decision again.
    Reopen,
    /// Enter an application for somebody at the counter or from paper, and open visit slips.
    EnterApplication,
    /// Look for patrons and open their record.
    SeePatrons,
    /// Stop a card, take note that one was found.
    StopCards,
    /// Put blocks on patrons that stop procedures, and lift them.
    BlockPatrons,
    /// Exchange files with the library system.
    Exchange,
    /// Write the templates of texts.
    WriteTemplates,
    /// Invite and disable staff, give roles.
    ManageStaff,
    /// Import rules of the library.
    ManageRules,
    /// Read the record of who did what.
    ReadRecord,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::SeeQueue,
        Self::OpenFile,
        Self::TakeEvidence,
        Self::Review,
        Self::Propose,
        Self::Decide,
        Self::TakeOver,
        Self::Reopen,
        Self::EnterApplication,
        Self::SeePatrons,
        Self::StopCards,
        Self::BlockPatrons,
        Self::Exchange,
        Self::WriteTemplates,
        Self::ManageStaff,
        Self::ManageRules,
        Self::ReadRecord,
    ];
}

/// What somebody is at the library. One person may be several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// 受付: stands at the counter.
    Reception,
    /// 審査: reviews, and says yes for the first of two times.
    Reviewer,
    /// 決裁: reviews and decides.
    Approver,
    /// 監督: decides, takes over, opens again.
    Supervisor,
    /// 管理: keeps accounts, rules, texts and files; sees no application.
    Administrator,
    /// 監査: reads the record and changes nothing.
    Auditor,
    /// 委託: reviews for the library under contract; takes no copies and sees no patrons.
    Contractor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Reception,
        Self::Reviewer,
        Self::Approver,
        Self::Supervisor,
        Self::Administrator,
        Self::Auditor,
        Self::Contractor,
    ];

    /// The name in storage and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reception => "reception",
            Self::Reviewer => "reviewer",
            Self::Approver => "approver",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::Contractor => "contractor",
        }
    }

    /// What the role allows.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Reception => &[P::SeeQueue, P::EnterApplication, P::SeePatrons, P::StopCards, P::BlockPatrons],
            Self::Reviewer => &[P::SeeQueue, P::OpenFile, P::TakeEvidence, P::Review, P::Propose, P::SeePatrons],
            Self::Approver => &[
                P::SeeQueue,
                P::OpenFile,
                P::TakeEvidence,
                P::Review,
                P::Propose,
                P::Decide,
                P::SeePatrons,
                P::StopCards,
                P::BlockPatrons,
                P::EnterApplication,
            ],
            Self::Supervisor => &[
                P::SeeQueue,
                P::OpenFile,
                P::TakeEvidence,
                P::Review,
                P::Propose,
                P::Decide,
                P::TakeOver,
                P::Reopen,
                P::EnterApplication,
                P::SeePatrons,
                P::StopCards,
                P::BlockPatrons,
                P::Exchange,
                P::WriteTemplates,
                P::ReadRecord,
            ],
            Self::Administrator => &[P::Exchange, P::WriteTemplates, P::ManageStaff, P::ManageRules],
            Self::Auditor => &[P::SeeQueue, P::ReadRecord],
            Self::Contractor => &[P::SeeQueue, P::OpenFile, P::Review, P::Propose],
        }
    }

    /// Tells whether the role allows `permission`.
    #[must_use]
    pub fn allows(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown role: one of reception, reviewer, approver, supervisor, administrator, auditor, contractor")]
pub struct UnknownRole;

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == name).ok_or(UnknownRole)
    }
}

/// A role that somebody has, in one branch or in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGrant {
    /// The role.
    pub role: Role,
    /// The branch; `None` means all of them.
    pub branch: Option<BranchCode>,
}

impl RoleGrant {
    /// The role in all branches.
    #[must_use]
    pub const fn everywhere(role: Role) -> Self {
        Self { role, branch: None }
    }
}

impl std::fmt::Display for RoleGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.role.as_str())?;
        self.branch.as_ref().map_or(Ok(()), |branch| write!(f, "@{branch}"))
    }
}

/// The text is no role with its branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not ROLE or ROLE@BRANCH; the roles: reception, reviewer, approver, supervisor, administrator, auditor, contractor"
)]
pub struct InvalidGrant;

impl std::str::FromStr for RoleGrant {
    type Err = InvalidGrant;

    fn from_str(text: &str) -> Result<Self, InvalidGrant> {
        let (role, branch) = text.split_once('@').map_or((text, None), |(role, branch)| (role, Some(branch)));
        let branch = branch.map(str::parse).transpose().map_err(|_| InvalidGrant)?;
        Ok(Self { role: role.parse().map_err(|_| InvalidGrant)?, branch })
    }
}

/// Where a permission holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In the whole library.
    Library,
    /// In these branches only.
    Branches(Vec<BranchCode>),
}

impl Scope {
    /// Where `grants` allow `permission`; `None` if nowhere.
    #[must_use]
    pub fn of(grants: &[RoleGrant], permission: Permission) -> Option<Self> {
        let mut branches = Vec::new();
        for grant in grants.iter().filter(|grant| grant.role.allows(permission)) {
            match &grant.branch {
                None => return Some(Self::Library),
                Some(branch) => branches.push(branch.clone()),
            }
        }
        if branches.is_empty() { None } else { Some(Self::Branches(branches)) }
    }

    /// Tells whether something of `branch` lies within. What belongs to no branch is the whole library's.
    #[must_use]
    pub fn covers(&self, branch: Option<&BranchCode>) -> bool {
        match self {
            Self::Library => true,
            Self::Branches(branches) => branch.is_some_and(|branch| branches.contains(branch)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role, branch: Option<&str>) -> RoleGrant {
        RoleGrant { role, branch: branch.map(|code| code.parse().unwrap()) }
    }

    #[test]
    fn every_role_is_read_back_from_its_own_name() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("director".parse::<Role>(), Err(UnknownRole));
        for text in ["reviewer", "administrator@jonai"] {
            assert_eq!(text.parse::<RoleGrant>().unwrap().to_string(), text);
        }
        assert!("reviewer@".parse::<RoleGrant>().is_err() && "director@jonai".parse::<RoleGrant>().is_err());
    }

    #[test]
    fn every_permission_is_somebodys() {
        for permission in Permission::ALL {
            assert!(Role::ALL.iter().any(|role| role.allows(permission)), "{permission:?}");
        }
    }

    #[test]
    fn who_keeps_accounts_sees_no_application_and_who_audits_changes_nothing() {
        assert!(!Role::Administrator.allows(Permission::OpenFile));
        assert_eq!(Role::Auditor.permissions(), [Permission::SeeQueue, Permission::ReadRecord]);
        assert!(!Role::Contractor.allows(Permission::TakeEvidence) && !Role::Contractor.allows(Permission::SeePatrons));
        assert!(!Role::Reviewer.allows(Permission::Decide));
    }

    #[test]
    fn a_role_in_a_branch_reaches_that_branch_only() {
        let grants = [grant(Role::Reviewer, Some("jonai")), grant(Role::Reception, None)];
        let scope = Scope::of(&grants, Permission::Review).unwrap();
        assert!(scope.covers(Some(&"jonai".parse().unwrap())));
        assert!(!scope.covers(Some(&"aboshi".parse().unwrap())));
        assert!(!scope.covers(None), "what belongs to no branch is the whole library's");
        assert_eq!(Scope::of(&grants, Permission::SeePatrons), Some(Scope::Library));
        assert_eq!(Scope::of(&grants, Permission::Decide), None);
    }
}
