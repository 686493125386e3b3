//! Words for the procedures: what they are called, what they do, what stands against them.

pub use crate::document::wording::{of_changed, of_changes};

use super::filters::Day;
use crate::domain::library::ReissueReason;
use crate::domain::obstacle::Obstacle;
use crate::domain::procedure::Procedure;
use crate::domain::request::Request;
use crate::words::{Phrase, Words};

/// What a procedure is called.
#[must_use]
pub fn title(words: Words, procedure: Procedure) -> Phrase {
    match procedure {
        Procedure::NewCard => words.procedures_new_card(),
        Procedure::CardLink => words.procedures_card_link(),
        Procedure::Renewal => words.procedures_renewal(),
        Procedure::Reissue => words.procedures_reissue(),
        Procedure::PasswordIssue => words.procedures_password_issue(),
        Procedure::Change => words.procedures_change(),
    }
}

/// What somebody's own application is called, beside others of theirs.
#[must_use]
pub fn title_for(words: Words, procedure: Procedure, is_for_children: bool) -> Phrase {
    let title = title(words, procedure);
    if is_for_children { words.patron_list_for_children(title) } else { title }
}

/// What it does, in a sentence.
#[must_use]
pub fn sentence(words: Words, procedure: Procedure) -> Phrase {
    match procedure {
        Procedure::NewCard => words.procedures_new_card_what(),
        Procedure::CardLink => words.procedures_card_link_what(),
        Procedure::Renewal => words.procedures_renewal_what(),
        Procedure::Reissue => words.procedures_reissue_what(),
        Procedure::PasswordIssue => words.procedures_password_issue_what(),
        Procedure::Change => words.procedures_change_what(),
    }
}

/// What the holder of a card presses to begin it.
#[must_use]
pub fn button(words: Words, procedure: Procedure) -> Phrase {
    match procedure {
        Procedure::NewCard => words.granted_button_new_card(),
        Procedure::CardLink => words.granted_button_card_link(),
        Procedure::Renewal => words.granted_button_renewal(),
        Procedure::Reissue => words.granted_button_reissue(),
        Procedure::PasswordIssue => words.granted_button_password(),
        Procedure::Change => words.granted_button_change(),
    }
}

/// What the holder of a card presses to begin it, where the My Number card may be linked already.
#[must_use]
pub fn button_of(words: Words, procedure: Procedure, is_linked: bool) -> Phrase {
    match procedure {
        Procedure::CardLink if is_linked => words.granted_button_card_link_again(),
        procedure => button(words, procedure),
    }
}

/// What was done when it is granted: the word of the state, the sentence, the step to come and the step that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// In a word.
    pub word: Phrase,
    /// In a sentence.
    pub sentence: Phrase,
    /// The step, while it is still to come.
    pub ahead: Phrase,
    /// The step, once it is done.
    pub done: Phrase,
}

/// What was done when the procedure is granted.
#[must_use]
pub fn granted(words: Words, procedure: Procedure) -> Granted {
    match procedure {
        Procedure::NewCard => Granted {
            word: words.granted_word_new_card(),
            sentence: words.granted_new_card(),
            ahead: words.granted_ahead_new_card(),
            done: words.granted_word_new_card(),
        },
        Procedure::CardLink => Granted {
            word: words.granted_word_card_link(),
            sentence: words.granted_card_link(),
            ahead: words.granted_ahead_card_link(),
            done: words.granted_done_card_link(),
        },
        Procedure::Renewal => Granted {
            word: words.granted_word_renewal(),
            sentence: words.granted_renewal(),
            ahead: words.granted_ahead_renewal(),
            done: words.granted_word_renewal(),
        },
        Procedure::Reissue => Granted {
            word: words.granted_word_reissue(),
            sentence: words.granted_reissue(),
            ahead: words.granted_ahead_reissue(),
            done: words.granted_word_reissue(),
        },
        Procedure::PasswordIssue => Granted {
            word: words.granted_word_password(),
            sentence: words.granted_password(),
            ahead: words.granted_ahead_password(),
            done: words.granted_word_password(),
        },
        Procedure::Change => Granted {
            word: words.granted_word_change(),
            sentence: words.granted_change(),
            ahead: words.granted_ahead_change(),
            done: words.granted_done_change(),
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
pub fn of_reason(words: Words, reason: ReissueReason) -> Phrase {
    match reason {
        ReissueReason::Lost => words.apply_request_lost(),
        ReissueReason::Damaged => words.apply_request_damaged(),
        ReissueReason::NameChanged => words.apply_request_name_changed(),
    }
}

/// What is asked for about which card: labels and values.
#[must_use]
pub fn rows_of(words: Words, request: &Request) -> Vec<(Phrase, Phrase)> {
    let number = request.card_number().as_str();
    let mut rows = vec![(words.apply_label_card_number(), words.say(number))];
    match request {
        Request::CardLink { .. } | Request::PasswordIssue { .. } => {}
        Request::Renewal { facts_unchanged: true, .. } => {
            rows.push((words.apply_request_facts(), words.apply_request_unchanged()));
        }
        Request::Renewal { .. } => rows.push((words.apply_request_facts(), words.apply_request_changed())),
        Request::Reissue { reason, lost_on, .. } => {
            rows.push((words.apply_card_reason(), of_reason(words, *reason)));
            rows.extend(lost_on.map(|day| (words.apply_card_lost_on(), words.say(Day(day)))));
        }
        Request::Change { changed, .. } => rows.push((words.apply_card_changed(), of_changes(words, changed))),
    }
    rows
}

/// Why it cannot be done, or not now, to the card's holder.
#[must_use]
pub fn of_obstacle(words: Words, obstacle: &Obstacle) -> Phrase {
    match obstacle {
        Obstacle::NotOffered => words.obstacle_not_offered(),
        Obstacle::CounterOnly => words.obstacle_counter_only(),
        Obstacle::NotMatched => words.obstacle_not_matched(),
        Obstacle::Stopped => words.obstacle_stopped(),
        Obstacle::Replaced => words.obstacle_replaced(),
        Obstacle::TooEarly { from } => words.obstacle_too_early(Day(*from)),
        Obstacle::TooLate { ended_on } => words.obstacle_too_late(Day(*ended_on)),
        Obstacle::Waiting { from } => words.obstacle_waiting(Day(*from)),
        Obstacle::TooYoung { minimum } => words.obstacle_too_young(*minimum),
        Obstacle::GuardianSigns { minimum } => words.obstacle_guardian_signs(*minimum),
        Obstacle::TooYoungToLink { minimum } => words.obstacle_too_young_to_link(*minimum),
        Obstacle::TooOften => words.obstacle_too_often(),
        Obstacle::FoundAgain => words.obstacle_found_again(),
        // The reason is nobody's business on a screen that others may see.
        Obstacle::Blocked { explanation: None } => words.obstacle_blocked(),
        Obstacle::Blocked { explanation: Some(explanation) } => words.say(explanation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;
    use time::macros::date;

    const WORDS: Words = Words::new(Lang::Ja);

    #[test]
    fn every_procedure_has_words_of_its_own() {
        let titles: std::collections::BTreeSet<_> =
            Procedure::ALL.into_iter().map(|one| title(WORDS, one).plain()).collect();
        let words: std::collections::BTreeSet<_> =
            Procedure::ALL.into_iter().map(|one| granted(WORDS, one).done.plain()).collect();
        assert_eq!((titles.len(), words.len()), (Procedure::ALL.len(), Procedure::ALL.len()));
    }

    #[test]
    fn who_is_linked_links_again() {
        assert_eq!(button_of(WORDS, Procedure::CardLink, true).plain(), "マイナンバーカードを登録しなおす");
        assert_eq!(button_of(WORDS, Procedure::CardLink, false), button(WORDS, Procedure::CardLink));
        assert_eq!(button_of(WORDS, Procedure::Renewal, true), button(WORDS, Procedure::Renewal));
    }

    #[test]
    fn a_date_is_told_where_there_is_one() {
        let from = date!(2029 - 09 - 20);
        assert_eq!(of_obstacle(WORDS, &Obstacle::TooEarly { from }).plain(), "2029年9月20日(木)から手続きできます。");
        assert!(
            of_obstacle(WORDS, &Obstacle::Waiting { from }).plain().contains("2029年9月20日(木)から再発行できます")
        );
    }

    #[test]
    fn of_a_block_only_the_text_of_the_rules_is_told() {
        let told = of_obstacle(WORDS, &Obstacle::Blocked { explanation: None }).plain();
        assert_eq!(told, "この手続きは窓口で承ります。図書館にお電話ください。");
        let explanation = Some("本人確認の書類をお持ちください。".into());
        assert_eq!(of_obstacle(WORDS, &Obstacle::Blocked { explanation }).plain(), "本人確認の書類をお持ちください。");
    }
}
