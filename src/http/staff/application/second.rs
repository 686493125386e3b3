//! Why one person alone cannot approve: what the rules, or the roles of whoever looks, say.

use crate::domain::library::Circumstance;
use crate::domain::library::SecondBecause;
use crate::service::review::ReviewFile;

/// The reasons, for whoever would be the first of two.
pub(super) fn reasons(file: &ReviewFile) -> Vec<&'static str> {
    if file.first_approval.is_some() {
        return Vec::new();
    }
    file.second_because.iter().map(|because| words(*because)).collect()
}

const fn words(because: SecondBecause) -> &'static str {
    match because {
        SecondBecause::Role => "あなたの役割では、1人で決定できません",
        SecondBecause::Procedure => "この手続きは、いつも2人で承認するきまりです",
        SecondBecause::Circumstance(found) => match found {
            Circumstance::Override => "申込みの入力と、署名の証明書がちがいます",
            Circumstance::Unsigned => "署名のない申込みです",
            Circumstance::Guardian => "保護者が子どもの分を申し込んでいます",
            Circumstance::Proxy => "代わりの人が申し込んでいます",
            Circumstance::StaffEntered => "窓口で職員が受け付けた申込みです",
            Circumstance::Duplicate => "似ている利用者や申込みがあります",
            Circumstance::Reopened => "前に決定したことのある申込みです",
        },
    }
}
