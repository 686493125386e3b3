//! Japanese words for the procedures: what they are called, what they do, what stands against them.

use super::filters::Day;
use crate::domain::library::ReissueReason;
use crate::domain::obstacle::Obstacle;
use crate::domain::procedure::Procedure;
use crate::domain::request::{Changed, Request};
use crate::words::{Phrase, Words};

/// What a procedure is called, in the language of a page.
#[must_use]
pub fn title_in(words: Words, procedure: Procedure) -> Phrase {
    match procedure {
        Procedure::NewCard => words.procedures_new_card(),
        Procedure::CardLink => words.procedures_card_link(),
        Procedure::Renewal => words.procedures_renewal(),
        Procedure::Reissue => words.procedures_reissue(),
        Procedure::PasswordIssue => words.procedures_password_issue(),
        Procedure::Change => words.procedures_change(),
    }
}

/// What it does, in a sentence, in the language of a page.
#[must_use]
pub fn sentence_in(words: Words, procedure: Procedure) -> Phrase {
    match procedure {
        Procedure::NewCard => words.procedures_new_card_what(),
        Procedure::CardLink => words.procedures_card_link_what(),
        Procedure::Renewal => words.procedures_renewal_what(),
        Procedure::Reissue => words.procedures_reissue_what(),
        Procedure::PasswordIssue => words.procedures_password_issue_what(),
        Procedure::Change => words.procedures_change_what(),
    }
}

/// What a procedure is called.
#[must_use]
pub const fn title(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::NewCard => "図書館カードの新規登録",
        Procedure::CardLink => "マイナンバーカードの登録・再登録",
        Procedure::Renewal => "有効期限の延長",
        Procedure::Reissue => "図書館カードの再発行",
        Procedure::PasswordIssue => "予約用パスワードの発行・再発行",
        Procedure::Change => "登録内容の変更",
    }
}

/// What it does, in a sentence.
#[must_use]
pub const fn sentence(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::NewCard => "はじめて図書館のカードを作ります。",
        Procedure::CardLink => {
            "お持ちの図書館カードに、マイナンバーカードを登録します。カードが新しくなったときも、ここで登録します。"
        }
        Procedure::Renewal => "図書館カードの有効期限を延ばします。",
        Procedure::Reissue => "カードをなくしたとき、こわれたとき、氏名が変わったときの手続きです。",
        Procedure::PasswordIssue => {
            "予約に使うパスワードを、新しく発行します。前のパスワードは、新しいものを発行するまで使えます。"
        }
        Procedure::Change => "住所、氏名、電話番号、メールアドレスが変わったときに届け出ます。",
    }
}

/// What the holder of a card presses to begin it.
#[must_use]
pub const fn button(procedure: Procedure) -> &'static str {
    match procedure {
        Procedure::NewCard => "新しく登録する",
        Procedure::CardLink => "マイナンバーカードを登録する",
        Procedure::Renewal => "有効期限を延ばす",
        Procedure::Reissue => "カードを再発行する",
        Procedure::PasswordIssue => "パスワードを発行する",
        Procedure::Change => "登録内容を変更する",
    }
}

/// What was done when it is granted: the word of the state, the sentence, the step to come and the step that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// In a word.
    pub word: &'static str,
    /// In a sentence.
    pub sentence: &'static str,
    /// The step, while it is still to come.
    pub ahead: &'static str,
    /// The step, once it is done.
    pub done: &'static str,
}

/// What was done when the procedure is granted.
#[must_use]
pub const fn granted(procedure: Procedure) -> Granted {
    match procedure {
        Procedure::NewCard => Granted {
            word: "カードを発行しました",
            sentence: "カードを発行しました。お知らせをご覧ください。",
            ahead: "カードの発行",
            done: "カードを発行しました",
        },
        Procedure::CardLink => Granted {
            word: "登録しました",
            sentence: "マイナンバーカードを登録しました。お知らせをご覧ください。",
            ahead: "マイナンバーカードの登録",
            done: "マイナンバーカードを登録しました",
        },
        Procedure::Renewal => Granted {
            word: "有効期限を延ばしました",
            sentence: "有効期限を延ばしました。お知らせをご覧ください。",
            ahead: "有効期限の延長",
            done: "有効期限を延ばしました",
        },
        Procedure::Reissue => Granted {
            word: "カードを再発行しました",
            sentence: "カードを再発行しました。お知らせをご覧ください。",
            ahead: "カードの再発行",
            done: "カードを再発行しました",
        },
        Procedure::PasswordIssue => Granted {
            word: "パスワードを発行しました",
            sentence: "予約用パスワードを発行しました。お知らせをご覧ください。",
            ahead: "パスワードの発行",
            done: "パスワードを発行しました",
        },
        Procedure::Change => Granted {
            word: "変更しました",
            sentence: "登録内容を変更しました。お知らせをご覧ください。",
            ahead: "登録内容の変更",
            done: "登録内容を変更しました",
        },
    }
}

/// True for procedures at whose end a password is collected.
#[must_use]
pub const fn gives_password(procedure: Procedure) -> bool {
    matches!(procedure, Procedure::NewCard | Procedure::PasswordIssue)
}

/// True for procedures in which a card is made.
#[must_use]
pub const fn makes_card(procedure: Procedure) -> bool {
    matches!(procedure, Procedure::NewCard | Procedure::Reissue)
}

/// Why another card is needed.
#[must_use]
pub const fn of_reason(reason: ReissueReason) -> &'static str {
    match reason {
        ReissueReason::Lost => "なくした",
        ReissueReason::Damaged => "こわれた・よごれた",
        ReissueReason::NameChanged => "氏名が変わった",
    }
}

/// A fact that has changed.
#[must_use]
pub const fn of_changed(changed: Changed) -> &'static str {
    match changed {
        Changed::Address => "住所",
        Changed::Name => "氏名",
        Changed::Phone => "電話番号",
        Changed::Email => "メールアドレス",
    }
}

/// Several facts that have changed.
#[must_use]
pub fn of_changes(changed: &[Changed]) -> String {
    changed.iter().map(|fact| of_changed(*fact)).collect::<Vec<_>>().join("、")
}

/// What is asked for about which card: labels and values.
#[must_use]
pub fn rows_of(request: &Request) -> Vec<(&'static str, String)> {
    let mut rows = vec![("カード番号", request.card_number().as_str().to_owned())];
    match request {
        Request::CardLink { .. } | Request::PasswordIssue { .. } => {}
        Request::Renewal { facts_unchanged, .. } => {
            let said = if *facts_unchanged { "変わりなし" } else { "変わったところがある" };
            rows.push(("登録している内容", said.to_owned()));
        }
        Request::Reissue { reason, lost_on, .. } => {
            rows.push(("再発行の理由", of_reason(*reason).to_owned()));
            rows.extend(lost_on.map(|day| ("なくした日", Day(day).to_string())));
        }
        Request::Change { changed, .. } => rows.push(("変わったもの", of_changes(changed))),
    }
    rows
}

/// Why another card is needed, in the language of a page.
#[must_use]
pub fn reason_in(words: Words, reason: ReissueReason) -> Phrase {
    match reason {
        ReissueReason::Lost => words.apply_request_lost(),
        ReissueReason::Damaged => words.apply_request_damaged(),
        ReissueReason::NameChanged => words.apply_request_name_changed(),
    }
}

/// A fact that has changed, in the language of a page.
#[must_use]
pub fn changed_in(words: Words, changed: Changed) -> Phrase {
    match changed {
        Changed::Address => words.apply_label_address(),
        Changed::Name => words.apply_label_name(),
        Changed::Phone => words.apply_label_phone(),
        Changed::Email => words.apply_label_email(),
    }
}

/// What is asked for about which card, in the language of a page: labels and values.
#[must_use]
pub fn rows_in(words: Words, request: &Request) -> Vec<(Phrase, Phrase)> {
    let number = request.card_number().as_str();
    let mut rows = vec![(words.apply_label_card_number(), words.say(number))];
    match request {
        Request::CardLink { .. } | Request::PasswordIssue { .. } => {}
        Request::Renewal { facts_unchanged: true, .. } => {
            rows.push((words.apply_request_facts(), words.apply_request_unchanged()));
        }
        Request::Renewal { .. } => rows.push((words.apply_request_facts(), words.apply_request_changed())),
        Request::Reissue { reason, lost_on, .. } => {
            rows.push((words.apply_card_reason(), reason_in(words, *reason)));
            rows.extend(lost_on.map(|day| (words.apply_card_lost_on(), words.say(Day(day)))));
        }
        Request::Change { changed, .. } => {
            let facts = changed.iter().map(|fact| changed_in(words, *fact));
            rows.push((words.apply_card_changed(), words.join(facts, words.ways_comma())));
        }
    }
    rows
}

/// Why it cannot be done, or not now, to the card's holder.
#[must_use]
pub fn of_obstacle(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::NotOffered => "この手続きは、オンラインでは受け付けていません。".to_owned(),
        Obstacle::CounterOnly => "この手続きは、図書館の窓口で受け付けています。".to_owned(),
        Obstacle::NotMatched => "カードと申込者のつながりを、まだ確かめていません。".to_owned(),
        Obstacle::Stopped => "カードが止まっているため、いまはこの手続きができません。".to_owned(),
        Obstacle::Replaced => "このカードは、再発行で新しいカードに替わりました。".to_owned(),
        Obstacle::TooEarly { from } => format!("{}から手続きできます。", Day(*from)),
        Obstacle::TooLate { ended_on } => {
            format!("手続きできる期間は、{}に終わりました。新しく登録してください。", Day(*ended_on))
        }
        Obstacle::Waiting { from } => {
            format!("カードをさがす期間です。{}から再発行できます。", Day(*from))
        }
        Obstacle::TooOften => {
            "短い間に何度も発行したため、いまは受け付けられません。図書館にお電話ください。".to_owned()
        }
        Obstacle::FoundAgain => "カードが見つかったため、再発行は必要ありません。".to_owned(),
        // The reason is nobody's business on a screen that others may see.
        Obstacle::Blocked { explanation } => {
            explanation.clone().unwrap_or_else(|| "この手続きは窓口で承ります。図書館にお電話ください。".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn every_procedure_has_words_of_its_own() {
        let titles: std::collections::BTreeSet<_> = Procedure::ALL.into_iter().map(title).collect();
        let words: std::collections::BTreeSet<_> = Procedure::ALL.into_iter().map(|one| granted(one).done).collect();
        assert_eq!((titles.len(), words.len()), (Procedure::ALL.len(), Procedure::ALL.len()));
    }

    #[test]
    fn a_date_is_told_where_there_is_one() {
        let from = date!(2029 - 09 - 20);
        assert_eq!(of_obstacle(&Obstacle::TooEarly { from }), "2029年9月20日(木)から手続きできます。");
        assert!(of_obstacle(&Obstacle::Waiting { from }).contains("2029年9月20日(木)から再発行できます"));
    }

    #[test]
    fn of_a_block_only_the_text_of_the_rules_is_told() {
        let told = of_obstacle(&Obstacle::Blocked { explanation: None });
        assert_eq!(told, "この手続きは窓口で承ります。図書館にお電話ください。");
        let explanation = Some("本人確認の書類をお持ちください。".to_owned());
        assert_eq!(of_obstacle(&Obstacle::Blocked { explanation }), "本人確認の書類をお持ちください。");
    }
}
