//! Rules in words that everybody understands.

use crate::domain::library::{
    AgeBand, Category, ClosedBecause, Demand, LibraryRules, LibraryText, NumberAfter, PatronService, ProxyRules, Reach,
    ReissueReason, Span, Validity, Way,
};
use crate::domain::procedure::Procedure;
use crate::words::{Phrase, Words};

pub(super) fn ages(words: Words, band: AgeBand) -> Phrase {
    match (band.from, band.to) {
        (0, None) => words.ways_all_ages(),
        (from, None) => words.ways_age_from(from),
        (from, Some(to)) if from == to => words.ways_age_only(from),
        (from, Some(to)) => words.ways_age_between(from, to),
    }
}

pub(super) fn way(words: Words, way: Way) -> Phrase {
    match way {
        Way::Online => words.ways_online(),
        Way::OnlineWithGuardian => words.ways_online_with_guardian(),
        Way::GuardianOnline => words.ways_guardian_online(),
        Way::Counter => words.ways_counter(),
        Way::None => words.ways_no_way(),
    }
}

pub(super) fn loan_limit(words: Words, category: &Category) -> Phrase {
    match category.loan_limit_linked {
        Some(linked) => words.ways_loan_limit_linked(category.loan_limit, linked),
        None => words.ways_loan_limit(category.loan_limit),
    }
}

pub(super) fn services(words: Words, services: &[PatronService]) -> Phrase {
    let name = |service: &PatronService| match service {
        PatronService::Loan => words.ways_loan(),
        PatronService::Reservation => words.ways_reservation(),
        PatronService::Login => words.ways_login(),
        PatronService::ELibrary => words.ways_e_library(),
        PatronService::PurchaseRequest => words.ways_purchase(),
    };
    words.join(services.iter().map(name), words.ways_comma())
}

/// What stops when nobody renews, and when the record goes.
pub(super) fn after_expiry(words: Words, rules: &LibraryRules) -> Phrase {
    let after = &rules.after_expiry;
    let stops = (!after.stops.is_empty()).then(|| words.ways_stops(services(words, &after.stops)));
    let ends = (after.e_library_days_left > 0).then(|| words.ways_e_library_ends(after.e_library_days_left));
    let erased = after.erased_after.map(|kept| words.ways_erased(span(words, kept)));
    sentences(words, [stops, ends, erased].into_iter().flatten())
}

/// Sentences one after another, with a space between them where the language has one.
pub(super) fn sentences(words: Words, all: impl IntoIterator<Item = Phrase>) -> Phrase {
    words.join(all, if words.lang().is_japanese() { "" } else { " " })
}

pub(in crate::http::public) fn span(words: Words, span: Span) -> Phrase {
    match span {
        Span::Days(days) => words.ways_days(days),
        Span::Months(months) => words.ways_months(months),
        Span::Years(years) => words.ways_span_years(years),
    }
}

pub(super) fn validity(words: Words, validity: &Validity) -> Phrase {
    match validity {
        Validity::YearsFromIssue { years } => words.ways_years(*years),
        Validity::NthBirthday { nth: 1 } => words.ways_first_birthday(),
        Validity::NthBirthday { nth } => words.ways_nth_birthday(*nth),
        Validity::EndOfBirthMonth { years } => words.ways_birth_month(*years),
        Validity::FixedDay { month, day, years: 1 } => words.ways_next_day(words.date_month_day(*month, *day)),
        Validity::FixedDay { month, day, years } => words.ways_nth_day(*years, words.date_month_day(*month, *day)),
        Validity::FixedDates { .. } => words.ways_fixed(),
    }
}

/// Several texts of the library's own in a row.
fn listed<'a>(words: Words, texts: impl IntoIterator<Item = &'a LibraryText>) -> Phrase {
    words.join(texts.into_iter().map(|text| words.say(text)), words.ways_comma())
}

/// What is asked for, which documents meet it, and whether it can be left out.
pub(super) fn demand(words: Words, proves: Phrase, demand: Demand, labels: &[&LibraryText]) -> Phrase {
    let kinds = listed(words, labels.iter().copied());
    let asked =
        if labels.len() > 1 { words.ways_demand_one_of(proves, kinds) } else { words.ways_demand_one(proves, kinds) };
    match demand {
        Demand::Optional => words.ways_if_any(asked),
        Demand::Required | Demand::None => asked,
    }
}

pub(super) fn unsigned(words: Words, rules: &LibraryRules) -> Vec<Phrase> {
    let slip = rules.unsigned.visit_slip.then(|| words.ways_by_slip(rules.unsigned.visit_slip_days));
    let pictures = rules.unsigned.upload.then(|| words.ways_by_pictures());
    slip.into_iter().chain(pictures).chain([words.ways_on_paper()]).collect()
}

pub(super) fn renewal(words: Words, rules: &LibraryRules) -> Phrase {
    let before = match rules.renewal.open_before_expiry {
        Reach::Always => words.ways_renewal_before_always(),
        reach => reach
            .span()
            .map_or_else(|| words.ways_renewal_before_never(), |before| words.ways_renewal_before(span(words, before))),
    };
    let after = match rules.renewal.open_after_expiry {
        Reach::Always => words.ways_renewal_after_always(),
        reach => reach
            .span()
            .map_or_else(|| words.ways_renewal_after_never(), |after| words.ways_renewal_after(span(words, after))),
    };
    if rules.offers(Procedure::Renewal) {
        words.ways_renewal_online(before, after)
    } else {
        words.ways_renewal_counter(before, after)
    }
}

pub(super) fn reissue(words: Words, rules: &LibraryRules, reason: ReissueReason) -> Phrase {
    let terms = rules.reissue.terms(reason);
    let is_online = !terms.counter_only && rules.offers(Procedure::Reissue);
    let how = if is_online { words.ways_reissue_online() } else { words.ways_reissue_counter() };
    let how = match terms.waits {
        Some(wait) => words.ways_reissue_wait(span(words, wait), how),
        None => how,
    };
    let number = match rules.number_after(reason) {
        NumberAfter::Kept => words.ways_number_kept(),
        NumberAfter::New => words.ways_number_new(),
    };
    sentences(words, [how, number])
}

pub(super) fn proxy(words: Words, rules: &ProxyRules) -> Phrase {
    match rules {
        ProxyRules::Never => words.ways_proxy_never(),
        ProxyRules::GuardianOnly => words.ways_proxy_guardian(),
        ProxyRules::WithLetter { only_for } if only_for.is_empty() => words.ways_proxy_letter(),
        ProxyRules::WithLetter { only_for } => words.ways_proxy_letter_for(listed(words, only_for)),
    }
}

pub(super) fn pick_up(words: Words, rules: &LibraryRules) -> Phrase {
    if rules.plastic_card.pick_up_branches.is_empty() {
        return words.ways_pick_up_anywhere();
    }
    words.ways_pick_up(listed(words, rules.pick_up_branches().map(|branch| &branch.name)))
}

pub(super) fn closed_because(words: Words, why: ClosedBecause<'_>) -> Phrase {
    match why {
        ClosedBecause::Weekly | ClosedBecause::Monthly | ClosedBecause::Listed => words.ways_closed_regular(),
        ClosedBecause::Holiday => words.ways_holiday(),
        ClosedBecause::AfterHoliday => words.ways_after_holiday(),
        ClosedBecause::Reason(reason) => words.say(reason),
    }
}
