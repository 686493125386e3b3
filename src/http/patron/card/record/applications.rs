//! What is kept of each application, thing by thing.

use super::sections::{Clerk, Row};
use crate::domain::statement::AgreedText;
use crate::http::filters::{Day, Moment};
use crate::http::patron::standing::mark;
use crate::http::procedure_wording::title;
use crate::service::own_record::{KeptApplication, KeptSignature, KeptVersion};
use crate::words::{AsWritten, Phrase};

impl Clerk<'_> {
    pub(super) fn application(&self, one: &KeptApplication) -> Vec<Row> {
        let (words, application) = (self.words, &one.application);
        let until = || match one.kept_until {
            None => words.card_record_until_decided(),
            Some(until) => words.card_record_until(Day(until)),
        };
        let row = |label: Phrase, value: Phrase| Row { label, value, until: until() };
        let (_, _, state) = mark(words, &application.state, application.procedure);
        let value =
            words.card_record_application(title(words, application.procedure), Day::of(application.started_at), state);
        let mut rows = vec![row(words.say(application.reference.to_string()), value)];
        if one.draft.is_some() {
            rows.push(row(words.card_record_draft(), words.card_record_draft_what()));
        }
        rows.extend(
            one.versions.iter().flat_map(|version| self.version(version)).map(|(label, value)| row(label, value)),
        );
        for message in &one.messages {
            let at = Moment(message.sent_at);
            let value = match message.sender.staff_id() {
                Some(_) => words.card_record_message_theirs(at),
                None => words.card_record_message_own(at),
            };
            rows.push(row(words.card_record_message(), value));
        }
        for picture in &one.attachments {
            let kind = self.rules.evidence_kind(&picture.kind);
            let label = kind.map_or_else(|| picture.kind.as_str().into(), |kind| words.say(&kind.label));
            rows.push(match (picture.destroyed_at, one.pictures_until) {
                (Some(at), _) => row(label, words.card_record_picture_destroyed(Moment(at))),
                (None, Some(day)) => Row {
                    label,
                    value: words.card_record_picture(Moment(picture.attached_at)),
                    until: words.card_record_until(Day(day)),
                },
                (None, None) => row(label, words.card_record_picture(Moment(picture.attached_at))),
            });
        }
        rows
    }

    /// What a text is called that was agreed to: in the reader's language, as far as the library still has it.
    fn consent(&self, agreed: &AgreedText) -> Phrase {
        let known = self.rules.consents.iter().find(|one| one.id == agreed.id && one.title.as_str() == agreed.title);
        known.map_or_else(|| self.words.say(AsWritten::from(agreed.title.as_str())), |one| self.words.say(&one.title))
    }

    /// A version, what was consented to with it, and who signed it.
    fn version(&self, version: &KeptVersion) -> Vec<(Phrase, Phrase)> {
        let words = self.words;
        let what = words.card_record_version_what(Moment(version.frozen_at));
        let mut told = vec![(words.card_record_version(version.number), what)];
        let consents = version.statement.consents.iter().map(|text| self.consent(text));
        let consents = words.join(consents, words.ways_comma());
        if !consents.is_empty() {
            told.push((words.card_record_consents(), consents));
        }
        if let Some(KeptSignature { received_at, signer, .. }) = &version.signature {
            told.push((words.card_record_signature(), words.card_record_received(Moment(*received_at))));
            if let Some(signer) = signer {
                let until = Day::of(signer.not_after);
                let value = words.card_record_signing_certificate_what(signer.serial.as_str(), until);
                told.push((words.card_record_signing_certificate(), value));
            }
        }
        if let Some(at) = version.cosigned_at {
            told.push((words.card_record_guardian_signature(), words.card_record_received(Moment(at))));
        }
        told
    }
}
