//! Roles, changes and refusals of accounts in words.

use crate::domain::account::AccountRefused;
use crate::domain::library::LibraryRules;
use crate::domain::permission::{Role, RoleGrant};
use crate::http::staff::wording::Chip;
use crate::service::staff::accounts::Account;

pub(super) const fn of_role(role: Role) -> &'static str {
    match role {
        Role::Reception => "受付（窓口で受け付ける）",
        Role::Reviewer => "審査（内容を確かめる）",
        Role::Approver => "決裁（承認する）",
        Role::Supervisor => "監督（引き継ぎ、やり直し）",
        Role::Administrator => "管理（職員、ひな形、ファイル）",
        Role::Auditor => "監査（記録を読む）",
        Role::Contractor => "委託（審査だけ）",
    }
}

/// A role with its branch.
pub(super) fn of_grant(grant: &RoleGrant, rules: &LibraryRules) -> String {
    let role = of_role(grant.role);
    let Some(code) = &grant.branch else { return format!("{role}・全館") };
    let branch = rules.branch(code).map_or_else(|| code.to_string(), |branch| branch.name.as_str().to_owned());
    format!("{role}・{branch}")
}

/// Roles as they stand in the record.
pub(in crate::http::staff) fn of_grants(recorded: &str, rules: &LibraryRules) -> String {
    let grants = recorded.split_whitespace().filter_map(|text| text.parse::<RoleGrant>().ok());
    let words: Vec<String> = grants.map(|grant| of_grant(&grant, rules)).collect();
    if words.is_empty() { "役割なし".to_owned() } else { words.join("、") }
}

/// What was done, after the name of whom it was done to.
pub(super) fn of_change(what: &str) -> &'static str {
    match what {
        "invited" => "を招待しました",
        "invited_again" => "を招待し直しました（前のパスワードと認証アプリは使えません）",
        "roles" => "の役割を変えました",
        "suspended" => "を停止しました",
        "reinstated" => "の停止を解きました",
        _ => "の登録を変えました",
    }
}

pub(super) const fn of_state(account: &Account) -> Chip {
    if !account.member.is_active() {
        return Chip { colour: "red", sign: "✕", word: "停止中" };
    }
    if account.state.is_enrolled {
        Chip { colour: "green", sign: "✓", word: "使えます" }
    } else {
        Chip { colour: "blue", sign: "◐", word: "招待中" }
    }
}

pub(super) const fn of_refusal(refused: AccountRefused) -> &'static str {
    match refused {
        AccountRefused::Own => "自分の登録は変えられません。ほかの管理の職員に頼んでください",
        AccountRefused::OtherBranch => "担当していない館の役割は変えられません",
        AccountRefused::LoginTaken => "このログイン名は使われています。別の名前にしてください",
        AccountRefused::LastAdministrator => {
            "全館の管理の職員が、ほかにいません。先に、別の職員に管理の役割を加えてください"
        }
        AccountRefused::NotNow => "ほかの職員が先に変えました。いまの状態を確かめてください",
    }
}
