//! What is kept, in sections of rows: the page and the paper say the same.

use super::wording;
use crate::clock::japanese_date;
use crate::document::wording::words_of;
use crate::document::{RecordGroup, RecordPaper, RecordSection};
use crate::domain::library::LibraryRules;
use crate::http::filters::{Birth, Day, Moment};
use crate::http::patron::card::wording::{chip, of_request, of_request_state};
use crate::http::patron::notice_title::title_of;
use crate::service::devices::DEVICE_KEPT;
use crate::service::own_record::{DeedKept, KeptNotice, MAIL_KEPT, OwnDeed, OwnRecord};
use crate::words::{AsTyped, AsWritten, Phrase, Words};
use time::{Date, OffsetDateTime};

/// Things of one kind.
pub(super) struct Section {
    pub(super) heading: Phrase,
    pub(super) groups: Vec<Group>,
    /// What is said if there are none.
    pub(super) none: Phrase,
}

/// Things that are kept equally long, which is said of them once.
pub(super) struct Group {
    pub(super) rows: Vec<(Phrase, Phrase)>,
    pub(super) until: Phrase,
}

/// One thing.
pub(super) struct Row {
    pub(super) label: Phrase,
    pub(super) value: Phrase,
    /// When it is erased.
    pub(super) until: Phrase,
}

/// Something that happened at a time.
struct Happened {
    what: Phrase,
    at: OffsetDateTime,
    until: Phrase,
}

/// The same on one day, with the times of it.
struct OfDay {
    what: Phrase,
    day: Day,
    clocks: Vec<String>,
    until: Phrase,
}

/// Puts the record into words.
pub(super) struct Clerk<'a> {
    record: &'a OwnRecord,
    pub(super) rules: &'a LibraryRules,
    pub(super) words: Words,
    today: Date,
}

/// Everything.
pub(super) fn of(record: &OwnRecord, rules: &LibraryRules, words: Words) -> Vec<Section> {
    let clerk = Clerk { record, rules, words, today: japanese_date(record.at) };
    let section = |heading, rows| Section { heading, groups: clerk.grouped(rows), none: words.card_record_none() };
    vec![
        section(words.card_record_facts(), clerk.facts()),
        section(words.card_record_cards(), clerk.cards()),
        section(words.card_record_proofs(), clerk.proofs()),
        section(words.card_record_sign_in(), clerk.sign_in()),
        section(
            words.card_record_applications(),
            record.applications.iter().flat_map(|one| clerk.application(one)).collect(),
        ),
        section(words.card_record_notices(), clerk.notices()),
        section(words.card_record_requests(), clerk.requests()),
        section(words.card_record_mails(), clerk.mails()),
        section(words.card_record_looks(), clerk.looks()),
        section(words.card_record_deeds(), clerk.deeds()),
    ]
}

/// The same for the typesetter.
pub(super) fn paper(record: &OwnRecord, rules: &LibraryRules, words: Words) -> RecordPaper {
    let group = |Group { rows, until }: Group| RecordGroup { rows, until };
    let section = |Section { heading, groups, none }: Section| RecordSection {
        heading,
        groups: groups.into_iter().map(group).collect(),
        none,
    };
    RecordPaper {
        words,
        library: rules.name.clone(),
        name: record.patron.facts.name.as_str().to_owned(),
        dated: japanese_date(record.at),
        sections: of(record, rules, words).into_iter().map(section).collect(),
    }
}

impl Clerk<'_> {
    /// Puts together what stands together and is kept equally long.
    fn grouped(&self, rows: Vec<Row>) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for Row { label, value, until } in rows {
            let until = self.words.card_record_kept_for(until);
            match groups.last_mut() {
                Some(group) if group.until == until => group.rows.push((label, value)),
                _ => groups.push(Group { rows: vec![(label, value)], until }),
            }
        }
        groups
    }

    /// Puts together what happened more than once on a day, the newest day first.
    fn by_day(happened: impl Iterator<Item = Happened>) -> Vec<OfDay> {
        let mut days: Vec<OfDay> = Vec::new();
        for Happened { what, at, until } in happened {
            let (day, clock) = (Day::of(at), Moment(at).clock());
            match days.iter_mut().find(|one| one.day == day && one.what == what && one.until == until) {
                Some(known) if known.clocks.contains(&clock) => {}
                Some(known) => known.clocks.push(clock),
                None => days.push(OfDay { what, day, clocks: vec![clock], until }),
            }
        }
        days
    }

    /// The times of a day, the first one first.
    fn times(&self, mut clocks: Vec<String>) -> Phrase {
        clocks.sort_unstable();
        self.words.join(clocks.into_iter().map(|clock| self.words.say(clock)), self.words.ways_comma())
    }

    /// What happened, day by day.
    fn diary(&self, happened: impl Iterator<Item = Happened>) -> Vec<Row> {
        let words = self.words;
        let row = |OfDay { what, day, clocks, until }: OfDay| Row {
            label: words.say(day),
            value: words.card_record_at_times(what, self.times(clocks)),
            until,
        };
        Self::by_day(happened).into_iter().map(row).collect()
    }

    fn row(&self, label: Phrase, value: Phrase) -> Row {
        Row { label, value, until: self.with_record() }
    }

    /// What goes with the record.
    fn with_record(&self) -> Phrase {
        match self.record.kept_until {
            Some(until) => self.words.card_record_until(Day(until)),
            None => self.words.card_record_until_closed(),
        }
    }

    fn facts(&self) -> Vec<Row> {
        let (words, facts) = (self.words, &self.record.patron.facts);
        let typed = |text: &str| words.say(AsTyped::from(text));
        let category = facts.category.as_ref().map(|code| {
            self.rules.category(code).map_or_else(|| code.as_str().into(), |category| words.say(&category.label))
        });
        let branch = facts
            .branch
            .as_ref()
            .map(|code| self.rules.branch(code).map_or_else(|| code.as_str().into(), |branch| words.say(&branch.name)));
        let read_in = words_of(self.record.patron.language).lang();
        let told = [
            (words.apply_label_name(), Some(typed(facts.name.as_str()))),
            (words.apply_label_kana(), Some(typed(facts.kana.as_str()))),
            (words.apply_label_birth(), Some(words.say(Birth(facts.birth)))),
            (words.apply_label_address(), facts.address.as_ref().map(|address| typed(&address.one_line()))),
            (words.apply_label_phone(), facts.phone.as_ref().map(|phone| typed(phone.as_str()))),
            (words.apply_label_email(), facts.email.as_ref().map(|email| typed(email.as_str()))),
            (words.card_record_language(), Some(typed(read_in.own_name()))),
            (words.apply_label_category(), category),
            (words.apply_label_branch(), branch),
            (words.card_record_since(), Some(words.say(Day::of(self.record.patron.registered_at)))),
        ];
        let blocks =
            self.record.blocks.iter().map(|_| (words.card_record_block(), Some(words.card_record_block_what())));
        told.into_iter().chain(blocks).filter_map(|(label, value)| Some(self.row(label, value?))).collect()
    }

    fn cards(&self) -> Vec<Row> {
        let words = self.words;
        let mut rows: Vec<Row> = Vec::new();
        for card in &self.record.cards {
            let number = self.rules.number_series.grouped(&card.number);
            let (_, _, state) = chip(words, card, self.today);
            let value = words.card_record_card(number, state, Day::of(card.issued_at), Day(card.expires_on));
            // A number that was once given is never given to anybody else.
            rows.push(Row { label: words.card_home_number(), value, until: words.card_record_until_never() });
        }
        if let Some(linked) = self.record.linked {
            let value = match linked.ends_on {
                Some(day) => words.card_record_linked_until(Day(day)),
                None => words.card_home_linked(),
            };
            let until = words.card_record_until_unlinked();
            rows.push(Row { label: words.card_record_linked(), value, until });
        }
        if self.record.has_certificate_number {
            let (label, value) = (words.card_record_certificate(), words.card_record_certificate_what());
            rows.push(Row { label, value, until: words.card_record_until_unlinked() });
        }
        rows
    }

    fn proofs(&self) -> Vec<Row> {
        let words = self.words;
        let row = |shown: &crate::domain::proof::ShownProof| {
            let kind = self.rules.evidence_kind(&shown.kind);
            let label = kind.map_or_else(|| shown.kind.as_str().into(), |kind| words.say(&kind.label));
            let value = match shown.counts_until {
                Some(day) => words.card_record_proof_until(Day(day)),
                None => words.card_record_proof(),
            };
            self.row(label, value)
        };
        self.record.proofs.iter().map(row).collect()
    }

    fn requests(&self) -> Vec<Row> {
        let words = self.words;
        let mut rows = Vec::new();
        for request in &self.record.requests {
            let (_, _, state) = of_request_state(words, &request.state);
            let value = words.card_record_request(Moment(request.made_at), state);
            rows.push(self.row(of_request(words, request.kind), value));
            if let Some(text) = &request.words {
                rows.push(self.row(words.card_requests_text(), words.say(AsTyped::from(text.as_str()))));
            }
            if let Some(settled) = request.state.settled() {
                rows.push(self.row(words.card_requests_answer(), words.say(AsWritten::from(settled.answer.as_str()))));
            }
        }
        rows
    }

    fn sign_in(&self) -> Vec<Row> {
        let (words, record) = (self.words, self.record);
        let mut rows = Vec::new();
        if record.has_password {
            let value = match record.password_chosen_at {
                Some(at) => words.card_record_password_chosen(Moment(at)),
                None => words.card_record_password_initial(),
            };
            rows.push(self.row(words.card_record_password(), value));
        }
        for passkey in &record.passkeys {
            let device = wording::of_device(words, Some(passkey.device));
            let value = words.card_record_since_when(device, Moment(passkey.added_at));
            rows.push(self.row(words.card_record_passkey(), value));
        }
        for session in &record.sessions {
            let device = wording::of_device(words, session.device);
            let value = words.card_record_since_when(device, Moment(session.started_at));
            rows.push(Row { label: words.card_record_session(), value, until: words.card_record_until_sign_out() });
        }
        for device in &record.devices {
            let value = words.card_record_last(wording::of_device(words, Some(device.kind)), Moment(device.last_at));
            let until = words.card_record_until(Day::of(device.last_at + DEVICE_KEPT));
            rows.push(Row { label: words.card_record_device(), value, until });
        }
        rows
    }

    fn notices(&self) -> Vec<Row> {
        let words = self.words;
        let row = |one: &KeptNotice| {
            let notice = &one.own.notice;
            let read = match notice.first_read_at {
                Some(at) => words.card_record_notice_read(Moment(notice.placed_at), Moment(at)),
                None => words.card_record_notice(Moment(notice.placed_at)),
            };
            let mailed = notice.mailed_at.map(|at| words.card_record_notice_mailed(Moment(at)));
            let saved = notice.first_saved_at.map(|at| words.card_record_notice_downloaded(Moment(at)));
            let shown = one.password_shown_at.map(|at| words.card_record_notice_password(Moment(at)));
            let revoked = one.own.revoked_at.map(|at| words.card_record_notice_revoked(Moment(at)));
            let told = [Some(read), mailed, saved, shown, revoked].into_iter().flatten();
            Row {
                label: title_of(words, &notice.content),
                value: words.join(told, words.card_record_and()),
                until: match one.kept_until {
                    Some(day) => words.card_record_until(Day(day)),
                    None => words.card_record_until_application(),
                },
            }
        };
        self.record.notices.iter().map(row).collect()
    }

    fn mails(&self) -> Vec<Row> {
        let words = self.words;
        let sent = self.record.mails.iter().map(|mail| Happened {
            what: wording::of_mail(words, &mail.kind),
            at: mail.settled_at.unwrap_or(mail.queued_at),
            until: match mail.settled_at {
                Some(at) if !mail.stays => words.card_record_until(Day::of(at + MAIL_KEPT)),
                None if !mail.stays => words.card_record_until_sent(MAIL_KEPT.whole_days().unsigned_abs()),
                _ => words.card_record_until_checked(),
            },
        });
        self.diary(sent)
    }

    fn looks(&self) -> Vec<Row> {
        let words = self.words;
        let looks = self.record.looks.iter().map(|look| {
            let roles = look.roles.iter().map(|role| wording::of_role(words, *role));
            let roles = words.join(roles, words.ways_comma());
            let who = if roles.is_empty() { words.card_record_role_former() } else { roles };
            Happened {
                what: words.card_record_look(who, wording::of_look(words, look.what)),
                at: look.at,
                until: words.card_record_until_checked(),
            }
        });
        self.diary(looks)
    }

    fn deeds(&self) -> Vec<Row> {
        let words = self.words;
        let mut deeds: Vec<&OwnDeed> = self.record.deeds.iter().collect();
        // What is kept equally long stands together.
        deeds.sort_by_key(|deed| match deed.kept {
            DeedKept::ForGood => (0, None),
            DeedKept::Until(day) => (1, Some(day)),
            DeedKept::WithSession => (2, None),
        });
        self.diary(deeds.into_iter().map(|deed| Happened {
            what: wording::of_deed(words, deed.what),
            at: deed.at,
            until: match deed.kept {
                DeedKept::ForGood => words.card_record_until_checked(),
                DeedKept::Until(day) => words.card_record_until(Day(day)),
                DeedKept::WithSession => words.card_record_until_sign_out(),
            },
        }))
    }
}
