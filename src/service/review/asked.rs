//! What reviewers asked of the applicant, and what came of it: the answers are for whoever decides.

use crate::document::read_statement;
use crate::domain::application::Application;
use crate::domain::correction::Correction;
use crate::domain::ids::StaffId;
use crate::domain::message::LetterText;
use crate::domain::notice::NoticeContent;
use crate::domain::statement::Statement;
use crate::service::Error;
use crate::store::{Tx, corrections, notices, versions};
use time::OffsetDateTime;

/// What was asked at once.
#[derive(Debug, Clone)]
pub struct CorrectionRound {
    /// Who asked.
    pub asked_by: StaffId,
    /// When.
    pub asked_at: OffsetDateTime,
    /// What stood above the single items, if anything.
    pub text: Option<LetterText>,
    /// The items, each with what the applicant answered.
    pub items: Vec<Correction>,
    /// What the reviewer saw who asked.
    pub before: Option<Statement>,
    /// What was sent for it; `None` until it was.
    pub after: Option<Statement>,
}

/// Lists the rounds of an application, the oldest first.
pub(super) async fn rounds_of(tx: &mut Tx, application: &Application) -> Result<Vec<CorrectionRound>, Error> {
    let mut rounds: Vec<CorrectionRound> = Vec::new();
    for correction in corrections::list(tx, application.id).await? {
        match rounds.last_mut() {
            Some(round) if round.asked_at == correction.asked_at => round.items.push(correction),
            _ => rounds.push(CorrectionRound {
                asked_by: correction.asked_by,
                asked_at: correction.asked_at,
                text: None,
                before: statement_of(tx, application, Some(correction.version)).await?,
                after: statement_of(tx, application, correction.resolved_version).await?,
                items: vec![correction],
            }),
        }
    }
    if rounds.is_empty() {
        return Ok(rounds);
    }
    for notice in notices::list_by_application(tx, application.library_id, application.id).await? {
        let NoticeContent::Returned(letter) = notice.content else { continue };
        if let Some(round) = rounds.iter_mut().find(|round| round.asked_at == notice.placed_at) {
            round.text = letter.text;
        }
    }
    Ok(rounds)
}

async fn statement_of(tx: &mut Tx, application: &Application, number: Option<u32>) -> Result<Option<Statement>, Error> {
    let Some(number) = number else { return Ok(None) };
    let frozen = versions::find(tx, application.id, number).await?;
    Ok(frozen.map(|frozen| read_statement(&frozen.document)).transpose()?)
}
