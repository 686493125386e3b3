//! The record for programs: stable English names, days as `2026-11-20`, times in UTC.

use crate::clock::japanese_date;
use crate::domain::library::LibraryRules;
use crate::domain::message::{LetterText, Message};
use crate::domain::patron_request::PatronRequest;
use crate::http::filters::Day;
use crate::service::own_record::{
    DeedKept, KeptApplication, KeptMail, KeptNotice, KeptVersion, Looked, MAIL_KEPT, OwnDeed, OwnRecord, RoleLook,
};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

/// Everything.
pub(super) fn of(record: &OwnRecord, rules: &LibraryRules) -> Value {
    let facts = &record.patron.facts;
    json!({
        "library": { "slug": rules.slug, "name": rules.name },
        "read_at": moment(record.at),
        "kept_until": record.kept_until.map(day),
        "facts": {
            "name": facts.name.as_str(),
            "kana": facts.kana.as_str(),
            "birth": day(facts.birth.date()),
            "address": facts.address.as_ref().map(crate::domain::person::PostalAddress::one_line),
            "phone": facts.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            "email": facts.email.as_ref().map(|email| email.as_str().to_owned()),
            "category": facts.category.as_ref().map(|code| code.as_str().to_owned()),
            "branch": facts.branch.as_ref().map(|code| code.as_str().to_owned()),
            "language": record.patron.language.as_str(),
            "registered_at": moment(record.patron.registered_at),
            "blocks": record.blocks.iter().map(|code| code.as_str().to_owned()).collect::<Vec<_>>(),
        },
        "cards": record.cards.iter().map(|card| json!({
            "number": card.number.as_str(),
            "state": state_of(card),
            "issued_at": moment(card.issued_at),
            "expires_on": day(card.expires_on),
        })).collect::<Vec<_>>(),
        "my_number_card": {
            "is_linked": record.linked.is_some(),
            "certificate_ends_on": record.linked.and_then(|linked| linked.ends_on).map(day),
            "has_certificate_number": record.has_certificate_number,
        },
        "documents_shown": record.proofs.iter().map(|shown| json!({
            "kind": shown.kind.as_str(),
            "counts_until": shown.counts_until.map(day),
        })).collect::<Vec<_>>(),
        "sign_in": {
            "has_password": record.has_password,
            "password_chosen_at": record.password_chosen_at.map(moment),
            "passkeys": record.passkeys.iter().map(|one| json!({
                "device": one.device.as_str(),
                "added_at": moment(one.added_at),
                "used_at": one.used_at.map(moment),
            })).collect::<Vec<_>>(),
            "sessions": record.sessions.iter().map(|one| json!({
                "device": one.device.map(crate::domain::device::DeviceKind::as_str),
                "started_at": moment(one.started_at),
                "seen_at": moment(one.seen_at),
            })).collect::<Vec<_>>(),
            "devices": record.devices.iter().map(|one| json!({
                "device": one.kind.as_str(),
                "first_at": moment(one.first_at),
                "last_at": moment(one.last_at),
            })).collect::<Vec<_>>(),
        },
        "applications": record.applications.iter().map(application).collect::<Vec<_>>(),
        "notices": record.notices.iter().map(notice).collect::<Vec<_>>(),
        "requests": record.requests.iter().map(request).collect::<Vec<_>>(),
        "mails": record.mails.iter().map(mail).collect::<Vec<_>>(),
        "looks": record.looks.iter().map(look).collect::<Vec<_>>(),
        "deeds": record.deeds.iter().map(deed).collect::<Vec<_>>(),
    })
}

fn application(one: &KeptApplication) -> Value {
    let present = one.attachments.iter().filter(|picture| picture.destroyed_at.is_none()).count();
    json!({
        "reference": one.application.reference.to_string(),
        "procedure": one.application.procedure.as_str(),
        "state": one.application.state.name(),
        "started_at": moment(one.application.started_at),
        "kept_until": one.kept_until.map(day),
        "draft": one.draft,
        "versions": one.versions.iter().map(version).collect::<Vec<_>>(),
        "messages": one.messages.iter().map(message).collect::<Vec<_>>(),
        "pictures": present,
        "pictures_kept_until": one.pictures_until.map(day),
        "attachments": one.attachments.iter().map(|picture| json!({
            "kind": picture.kind.as_str(),
            "file_name": picture.file_name,
            "octets": picture.size,
            "sha256": picture.sha256.to_string(),
            "counts_until": picture.expires_on.map(day),
            "attached_at": moment(picture.attached_at),
            "destroyed_at": picture.destroyed_at.map(moment),
        })).collect::<Vec<_>>(),
    })
}

fn version(version: &KeptVersion) -> Value {
    json!({
        "number": version.number,
        "frozen_at": moment(version.frozen_at),
        // The answers, and the whole texts that were consented to.
        "statement": version.statement,
        "signature": version.signature.as_ref().map(|signature| json!({
            "received_at": moment(signature.received_at),
            "way": signature.way,
            "certificate": signature.signer,
        })),
        "guardian_signed_at": version.cosigned_at.map(moment),
    })
}

fn message(message: &Message) -> Value {
    json!({
        "from": message.sender.kind(),
        "sent_at": moment(message.sent_at),
        "read_at": message.read_at.map(moment),
        "text": message.text.as_str(),
    })
}

fn notice(one: &KeptNotice) -> Value {
    let notice = &one.own.notice;
    json!({
        "kind": notice.content.kind(),
        "placed_at": moment(notice.placed_at),
        "mailed_at": notice.mailed_at.map(moment),
        "first_read_at": notice.first_read_at.map(moment),
        "downloaded_at": notice.first_saved_at.map(moment),
        "password_shown_at": one.password_shown_at.map(moment),
        "revoked_at": one.own.revoked_at.map(moment),
    })
}

/// What stays for good, or goes with a session, has no day until which it is kept.
fn deed(deed: &OwnDeed) -> Value {
    let ends = match deed.kept {
        DeedKept::Until(until) => Some(until),
        DeedKept::ForGood | DeedKept::WithSession => None,
    };
    json!({ "what": deed.what.as_str(), "at": moment(deed.at), "kept_until": ends.map(day) })
}

fn request(request: &PatronRequest) -> Value {
    let settled = request.state.settled();
    json!({
        "kind": request.kind.as_str(),
        "text": request.words.as_ref().map(LetterText::as_str),
        "made_at": moment(request.made_at),
        "state": request.state.as_str(),
        "settled_at": settled.map(|settled| moment(settled.at)),
        "answer": settled.map(|settled| settled.answer.as_str()),
    })
}

/// What stays written down for good has no day until which it is kept.
fn mail(mail: &KeptMail) -> Value {
    let ends = mail.settled_at.filter(|_| !mail.stays).map(|at| at + MAIL_KEPT);
    json!({
        "kind": mail.kind,
        "queued_at": moment(mail.queued_at),
        "settled_at": mail.settled_at.map(moment),
        "kept_until": ends.map(|at| day(japanese_date(at))),
    })
}

fn look(look: &RoleLook) -> Value {
    let (of, what) = match look.what {
        Looked::AtPatron(deed) => ("patron", deed.as_str()),
        Looked::AtApplication(kind) => ("application", kind.as_str()),
    };
    let roles: Vec<&str> = look.roles.iter().map(|role| role.as_str()).collect();
    json!({ "at": moment(look.at), "roles": roles, "of": of, "what": what, "kept_until": null })
}

const fn state_of(card: &crate::domain::card::Card) -> &'static str {
    use crate::domain::card::CardState;
    match card.state {
        CardState::Pending => "pending",
        CardState::Active => "active",
        CardState::Stopped { reason, .. } => reason.as_str(),
        CardState::Replaced { .. } => "replaced",
    }
}

fn day(day: Date) -> String {
    Day(day).iso()
}

fn moment(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
