//! The card that an application is about: whose it is, what state it is in, what stands against the request.

use crate::domain::card::{Card, CardState, StopReason};
use crate::domain::obstacle::Obstacle;
use crate::domain::patron::PatronFacts;
use crate::domain::person::PostalAddress;
use crate::http::filters::{Birth, Day};
use crate::http::procedure_wording as wording;
use crate::service::about_card::AboutCard;
use crate::words::Words;
use time::Date;

/// What the page shows of it, and what can be done.
pub(super) struct CardSection {
    pub(super) is_matched: bool,
    /// Label and value, of the holder and the card.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What stands against approving.
    pub(super) obstacle: String,
    /// The blocks on the patron that stop it.
    pub(super) blocks: String,
    /// Where the holder is said; only for whoever holds the claim.
    pub(super) match_url: Option<String>,
}

impl CardSection {
    pub(super) fn of(about: &AboutCard, match_url: Option<String>) -> Self {
        let facts = about.holder.as_ref().map(|(patron, card)| facts(patron, card, &about.shown)).unwrap_or_default();
        // A block is told with its name, which is for staff only.
        let obstacle = about
            .obstacle
            .as_ref()
            .filter(|obstacle| !matches!(obstacle, Obstacle::NotMatched | Obstacle::Blocked { .. }));
        Self {
            is_matched: about.is_matched,
            facts,
            obstacle: obstacle.map(|found| wording::of_obstacle(Words::default(), found).plain()).unwrap_or_default(),
            blocks: about.blocks.join("、"),
            match_url,
        }
    }
}

fn facts(patron: &PatronFacts, card: &Card, shown: &[(String, Option<Date>)]) -> Vec<(&'static str, String)> {
    let state = match card.state {
        CardState::Pending => "まだ発行していない（登録待ち）",
        CardState::Active => "使える",
        CardState::Stopped { reason: StopReason::Lost, .. } => "止めている（紛失の届け）",
        CardState::Stopped { reason: StopReason::ByLibrary, .. } => "止めている（図書館）",
        CardState::Replaced { .. } => "再発行で替わった",
    };
    let address = patron.address.as_ref().map_or_else(|| "（記録なし）".to_owned(), PostalAddress::one_line);
    let mut facts = vec![
        ("登録の氏名", patron.name.as_str().to_owned()),
        ("登録の生年月日", Birth(patron.birth).to_string()),
        ("登録の住所", address),
        ("いまのカード番号", card.number.as_str().to_owned()),
        ("有効期限", Day(card.expires_on).to_string()),
        ("カードの状態", state.to_owned()),
    ];
    facts.extend(shown.iter().map(|one| ("前に見せてもらった書類", in_words(one))));
    facts
}

/// A document, and until when it counts.
pub(super) fn in_words((label, until): &(String, Option<Date>)) -> String {
    match until {
        Some(day) => format!("{label}（{}まで）", Day(*day)),
        None => label.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request::Request;

    #[test]
    fn an_unmatched_number_is_no_obstacle_of_its_own_but_a_notice() {
        let about = AboutCard {
            request: Request::PasswordIssue { card_number: "300000014".parse().unwrap() },
            is_matched: false,
            holder: None,
            is_linked: false,
            obstacle: Some(Obstacle::NotMatched),
            blocks: Vec::new(),
            shown: Vec::new(),
        };
        let section = CardSection::of(&about, Some("/x".into()));
        assert!(section.obstacle.is_empty() && section.facts.is_empty() && !section.is_matched);
    }

    #[test]
    fn staff_read_the_name_of_a_block_and_not_what_the_patron_reads() {
        let about = AboutCard {
            request: Request::PasswordIssue { card_number: "300000014".parse().unwrap() },
            is_matched: true,
            holder: None,
            is_linked: false,
            obstacle: Some(Obstacle::Blocked { explanation: Some("お電話ください".into()) }),
            blocks: vec!["本人確認が必要".into(), "要相談".into()],
            shown: Vec::new(),
        };
        let section = CardSection::of(&about, None);
        assert_eq!((section.blocks.as_str(), section.obstacle.as_str()), ("本人確認が必要、要相談", ""));
    }
}
