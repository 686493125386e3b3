use super::*;
use crate::domain::answers::DraftAnswers;
use crate::domain::card_number::InvalidSeries;
use crate::domain::library::{Ineligible, InvalidCalendar, NoticeKind};
use crate::domain::person::{BirthDate, PostalAddress, TypedAddress};
use crate::domain::procedure::Procedure;
use crate::domain::request::{DraftRequest, Request};
use time::macros::date;

const HIMEJI: &str = include_str!("../../../../deploy/libraries/himeji.toml");
const SHIOMI: &str = include_str!("../../../../deploy/libraries/shiomi.toml");

/// The line of the sample that lists what is offered online.
const PROCEDURES: &str =
    "procedures = [\"new_card\", \"card_link\", \"renewal\", \"reissue\", \"password_issue\", \"change\"]";

/// The fault that appears when `old` in the sample becomes `new`, and the line that holds `at` afterwards.
#[track_caller]
fn assert_fault(old: &str, new: &str, at: &str, fault: &RuleFault) {
    assert!(HIMEJI.contains(old), "the sample has no {old}");
    let text = HIMEJI.replacen(old, new, 1);
    let line = text.lines().position(|line| line.contains(at)).unwrap() + 1;
    let error = LibraryRules::parse(&text).unwrap_err();
    assert_eq!(error.fault, *fault);
    assert_eq!(error.line, Some(line), "{error}");
    assert!(error.to_string().starts_with(&format!("line {line}: ")));
}

#[test]
fn the_sample_rules_are_sound_and_issue_valid_numbers() {
    for text in [HIMEJI, SHIOMI] {
        let rules = LibraryRules::parse(text).unwrap();
        let number = rules.number_series.number(0).unwrap();
        assert!(rules.number_series.is_valid(&number));
        assert!(rules.branch(&rules.head_branch).is_some());
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<LibraryRules>(&json).unwrap(), rules, "rules survive storage as JSON");
    }
}

#[test]
fn unknown_and_missing_fields_are_refused_with_their_line() {
    let unknown = LibraryRules::parse(&HIMEJI.replace("draft_days = 7", "draft_dayz = 7")).unwrap_err();
    assert!(unknown.to_string().contains("draft_dayz"), "{unknown}");
    let line = HIMEJI.lines().position(|line| line == "draft_days = 7").unwrap() + 1;
    assert_eq!(unknown.line, Some(line));
    let missing = LibraryRules::parse(&HIMEJI.replace("issuer =", "# issuer =")).unwrap_err();
    assert!(missing.to_string().contains("issuer"), "{missing}");
    let scheme = LibraryRules::parse(&HIMEJI.replace("modulus10_weight31", "modulus12")).unwrap_err();
    assert!(scheme.to_string().contains("modulus12"), "{scheme}");
    assert_eq!(scheme.line, Some(HIMEJI.lines().position(|line| line.starts_with("check =")).unwrap() + 1));
}

#[test]
fn parts_that_do_not_fit_together_are_refused_with_their_line() {
    assert_fault(
        "head_branch = \"jonai\"",
        "head_branch = \"eki\"",
        "head_branch",
        &RuleFault::UnknownBranch("eki".parse().unwrap()),
    );
    assert_fault(
        "code = \"hanakita\"",
        "code = \"jonai\" # twice",
        "# twice",
        &RuleFault::RepeatedBranch("jonai".parse().unwrap()),
    );
    assert_fault(
        "code = \"harima-region\"",
        "code = \"resident\" # twice",
        "# twice",
        &RuleFault::RepeatedCategory("resident".parse().unwrap()),
    );
    assert_fault(
        "id = \"privacy\"",
        "id = \"terms\" # twice",
        "# twice",
        &RuleFault::RepeatedConsent("terms".parse().unwrap()),
    );
    assert_fault(
        "areas = [\"兵庫県姫路市\"]",
        "areas = [\"姫路市\"]",
        "areas = [\"姫路市\"]",
        &RuleFault::Area("姫路市".into()),
    );
    assert_fault(
        "loan_limit = 6",
        "loan_limit = 0",
        "loan_limit = 0",
        &RuleFault::LoanLimit("resident".parse().unwrap()),
    );
    assert_fault("version = 1", "version = 0", "version = 0", &RuleFault::ConsentVersion("terms".parse().unwrap()));
}

#[test]
fn values_out_of_range_are_refused_with_their_line() {
    assert_fault("slug = \"himeji\"", "slug = \"Himeji\"", "slug", &RuleFault::Slug);
    assert_fault("slug = \"himeji\"", "slug = \"s\"", "slug", &RuleFault::ReservedSlug);
    assert_fault("slug = \"himeji\"", "slug = \"readings\"", "slug", &RuleFault::ReservedSlug);
    assert_fault("telephone = \"0790-00-0000\"", "telephone = \" \"", "telephone", &RuleFault::EmptyText("telephone"));
    assert_fault(PROCEDURES, "procedures = [] # none", "# none", &RuleFault::EmptyList("procedures"));
    assert_fault("years = 3", "years = 0", "validity", &RuleFault::Validity);
    assert_fault("length = 10", "length = 6", "length", &RuleFault::PasswordLength);
    assert_fault("minimum_length = 8", "minimum_length = 6", "minimum_length", &RuleFault::PasswordLength);
    assert_fault("draft_days = 7", "draft_days = 0", "draft_days", &RuleFault::NoDays("draft_days"));
    assert_fault("width = 8", "width = 7", "[number_series]", &RuleFault::NumberSeries(InvalidSeries::TooSmall));
    assert_fault(
        "closed_on_weekdays = [\"monday\"]",
        "closed_on_weekdays = [\"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\", \"sunday\"]",
        "closed_on_weekdays",
        &RuleFault::OpenDays(InvalidCalendar::NeverOpen),
    );
}

#[test]
fn empty_lists_are_refused() {
    for (list, next) in [("branches", "categories"), ("categories", "consents")] {
        let start = HIMEJI.find(&format!("[[{list}]]")).unwrap();
        let end = HIMEJI.find(&format!("[[{next}]]")).unwrap();
        let text = format!("{list} = []\n{}{}", &HIMEJI[..start], &HIMEJI[end..]);
        let error = LibraryRules::parse(&text).unwrap_err();
        assert!(matches!(error, InvalidRules { line: Some(1), fault: RuleFault::EmptyList(name) } if name == list));
    }
}

fn answers(category: &str, birth: &str, municipality: &str) -> DraftAnswers {
    let address = TypedAddress { postcode: "6700012", prefecture: "28", municipality, line1: "1-1", line2: "" };
    DraftAnswers {
        category: Some(category.parse().unwrap()),
        birth: Some(birth.parse().unwrap()),
        address: Some(PostalAddress::parse(address).unwrap()),
        ..DraftAnswers::default()
    }
}

#[test]
fn eligibility_asks_for_category_age_and_area() {
    let rules = LibraryRules::parse(HIMEJI).unwrap();
    let today = date!(2026 - 11 - 20);
    let eligibility =
        |category, birth, municipality| answers(category, birth, municipality).check_eligibility(&rules, today);
    assert_eq!(eligibility("resident", "1985-04-27", "姫路市"), Ok(()));
    assert_eq!(eligibility("resident", "1985-04-27", "神戸市中央区"), Err(Ineligible::OutOfArea));
    assert_eq!(eligibility("commuter-student", "1985-04-27", "神戸市中央区"), Ok(()));
    assert_eq!(eligibility("harima-region", "1985-04-27", "福崎町"), Ok(()));
    assert_eq!(eligibility("tourist", "1985-04-27", "姫路市"), Err(Ineligible::UnknownCategory));
    assert_eq!(eligibility("resident", "2011-11-21", "姫路市"), Ok(()), "fifteen is reached on the eve");
    assert_eq!(eligibility("resident", "2011-11-22", "姫路市"), Err(Ineligible::TooYoung { minimum: 15 }));
}

#[test]
fn a_library_may_link_no_cards_of_the_young() {
    let mut rules = LibraryRules::parse(HIMEJI).unwrap();
    rules.card_link.minimum_age = Some(18);
    let card_number = "300000014".parse().unwrap();
    let request = DraftRequest::Whole(Request::CardLink { card_number });
    let of_sixteen = DraftAnswers { request, ..answers("resident", "2010-04-01", "姫路市") };
    let today = date!(2026 - 11 - 20);
    assert_eq!(of_sixteen.check_eligibility(&rules, today), Err(Ineligible::TooYoung { minimum: 18 }));
    let renewal = DraftAnswers { request: DraftRequest::default(), ..of_sixteen };
    assert_eq!(renewal.check_eligibility(&rules, today), Ok(()), "a card they may have");
}

#[test]
fn a_category_may_have_its_own_age_and_validity() {
    let rules = LibraryRules::parse(SHIOMI).unwrap();
    let birth: BirthDate = "2013-06-10".parse().unwrap();
    let issued_on = date!(2026 - 11 - 20);
    let category = |code: &str| rules.category(&code.parse().unwrap()).unwrap();
    assert_eq!(rules.eligible_age(category("townspeople"), birth, issued_on), Ok(()));
    assert_eq!(rules.eligible_age(category("work"), birth, issued_on), Err(Ineligible::TooYoung { minimum: 15 }));
    assert_eq!(rules.expiry_for(category("townspeople"), birth, issued_on), date!(2028 - 06 - 30));
    assert_eq!(rules.expiry_for(category("school"), birth, issued_on), date!(2027 - 03 - 31));
    assert_eq!(rules.expiry_for(category("work"), birth, issued_on), date!(2027 - 06 - 10));
}

#[test]
fn the_promise_is_counted_in_open_days() {
    let rules = LibraryRules::parse(HIMEJI).unwrap();
    // From Friday: Saturday, Sunday, (Monday closed,) Tuesday.
    assert_eq!(rules.answer_promised_for(Procedure::NewCard, date!(2026 - 11 - 20)), date!(2026 - 11 - 24));
}

#[test]
fn faults_in_terms_are_refused_with_their_line() {
    let days = |field| RuleFault::NoDays(field);
    assert_fault(
        "promised_open_days = 1",
        "promised_open_days = 0",
        "promised_open_days = 0",
        &days("promised_open_days"),
    );
    assert_fault(
        "[procedure.reissue]",
        "[procedure.reissue]\nautomatic = true # no",
        "# no",
        &RuleFault::Automatic(Procedure::Reissue),
    );
    let fee = "fee.ja = \"カードの再発行は無料です。\"";
    assert_fault(fee, "fee.ja = \" \"", "fee.ja = \" \"", &RuleFault::EmptyText("fee"));
    assert_fault(
        PROCEDURES,
        "procedures = [\"new_card\", \"new_card\"]",
        "procedures = [\"new_card\", \"new_card\"]",
        &RuleFault::Repeated("procedures"),
    );
    assert_fault("{ months = 2 }", "{ months = 0 }", "{ months = 0 }", &RuleFault::Span("open_before_expiry"));
    assert_fault("waits = { days = 7 }", "waits = { days = 0 }", "waits = { days = 0 }", &RuleFault::Span("waits"));
    assert_fault("issued = { years = 1 }", "issued = { years = 101 }", "issued = {", &RuleFault::Span("issued"));
    assert_fault("[60, 14, 0]", "[60, 60, 0]", "[60, 60, 0]", &RuleFault::Reminders("reminder_days"));
    // Only of a card is somebody reminded on the last day itself.
    assert_fault("[90, 30]", "[90, 0]", "[90, 0]", &RuleFault::Reminders("reminder_days"));
    assert_fault("[7, 3, 1]", "[7, 3, 0]", "[7, 3, 0]", &RuleFault::Reminders("reminder_days"));
    assert_fault("[7, 3, 1]", "[14, 3, 1]", "[14, 3, 1]", &RuleFault::Reminders("reminder_days"));
    assert_fault("hold_days = 30", "hold_days = 0", "hold_days = 0", &RuleFault::Zero("hold_days"));
    assert_fault("times = 3", "times = 0", "times = 0", &RuleFault::Zero("times"));
    assert_fault(
        "pick_up_branches = []",
        "pick_up_branches = [\"eki\"]",
        "pick_up_branches",
        &RuleFault::UnknownBranch("eki".parse().unwrap()),
    );
    let never = HIMEJI
        .replace("open_before_expiry = { months = 2 }", "open_before_expiry = \"never\"")
        .replace("open_after_expiry = \"always\"", "open_after_expiry = \"never\"");
    let error = LibraryRules::parse(&never).unwrap_err();
    assert_eq!(error.fault, RuleFault::NeverRenewable);
    assert_eq!(error.line, never.lines().position(|line| line == "[renewal]").map(|line| line + 1));
}

#[test]
fn faults_about_people_are_refused_with_their_line() {
    let ages = &RuleFault::GuardianAges;
    assert_fault("signs_below_age = 15", "signs_below_age = 16", "signs_below_age = 16", ages);
    assert_fault("cosigns_below_age = 0", "cosigns_below_age = 15", "cosigns_below_age = 15", ages);
    let twice = RuleFault::RepeatedCode("relations", "parent".into());
    assert_fault("code = \"guardian\"", "code = \"parent\"", "ja = \"未成年後見人\"", &twice);
    assert_fault("ja = \"父または母\"", "ja = \"\"", "ja = \"\"", &RuleFault::EmptyText("label"));
    let stops = "stops = [\"renewal\", \"reissue\", \"password_issue\"]";
    assert_fault(stops, "stops = []", "stops = []", &RuleFault::EmptyList("stops"));
    let everybody = "stops = [\"renewal\", \"new_card\"]";
    assert_fault(stops, everybody, "\"new_card\"]", &RuleFault::BlockedNewCard);
    let silent = format!("{stops}\nexplanation = \" \"");
    assert_fault(stops, &silent, "explanation", &RuleFault::EmptyText("explanation"));
    assert_fault(
        "code = \"resident\"",
        "code = \"resident\"\nlowest_age = 20\nmaximum_age = 19",
        "maximum_age",
        &RuleFault::CategoryAges("resident".parse().unwrap()),
    );
    assert_fault(
        "loan_limit_linked = 12",
        "loan_limit_linked = 0",
        "loan_limit_linked = 0",
        &RuleFault::LoanLimit("resident".parse().unwrap()),
    );
}

#[test]
fn faults_in_texts_are_refused_with_their_line() {
    for (old, new, told) in [
        ("name.ko = \"시오미정립 도서관\"", "name.ko = \" \"", "the text is empty"),
        ("name.ko = \"", "name.de = \"", "does not speak `de`"),
        ("hours.en = \"Wednesday to Monday, 9:30 to 17:30\"", "hours.en = 930", "expected a string"),
        ("fee.ja-simple = \"", "fee.ja-simple = \"《", "a reading is not written"),
        ("en = \"Misaki Reading Room\"", "en = \"\"", "the text is empty"),
        ("text.en = \"\"\"\nWhen a typhoon", "text.fr = \"\"\"\nWhen a typhoon", "does not speak `fr`"),
    ] {
        assert_eq!(SHIOMI.matches(old).count(), 1, "{old}");
        let line = 1 + SHIOMI[..SHIOMI.find(old).unwrap()].matches('\n').count();
        let error = LibraryRules::parse(&SHIOMI.replace(old, new)).unwrap_err();
        assert!(error.to_string().contains(told), "{old}: {error}");
        assert_eq!(error.line, Some(line), "{old}: {error}");
    }
    // What stands under a `rule` is read as a whole, and has the line on which that begins.
    let error = LibraryRules::parse(&SHIOMI.replace("\"people with disabilities\"", "\"\"")).unwrap_err();
    assert_eq!(error.line, SHIOMI.lines().position(|line| line.starts_with("proxy")).map(|line| line + 1));
    let (hint, without) = ("hint.ja = \"名刺では受けつけられません。\"", "hint.ja = \"\"");
    let error = LibraryRules::parse(&SHIOMI.replace(hint, without)).unwrap_err();
    assert_eq!(error.fault, RuleFault::EmptyText("hint"));
    assert_eq!(error.line, SHIOMI.lines().position(|line| line == hint).map(|line| line + 1));
    assert_fault("ja = \"城内図書館\"", "ja = \"\"", "ja = \"\"", &RuleFault::EmptyText("name"));
}

#[test]
fn faults_in_evidence_are_refused_with_their_line() {
    assert_fault(
        "code = \"residence-card\"",
        "code = \"driving-licence\" # twice",
        "# twice",
        &RuleFault::RepeatedCode("evidence", "driving-licence".into()),
    );
    assert_fault("proves = [\"work\"]", "proves = []", "proves = []", &RuleFault::EmptyList("proves"));
    assert_fault("{ months = 3 }", "{ months = 0 }", "{ months = 0 }", &RuleFault::Span("valid_for"));
    assert_fault(
        "accepted_until = \"2025-12-01\"",
        "accepted_until = \"2025-12-01\"\naccepted_from = \"2025-12-02\"",
        "accepted_from",
        &RuleFault::AcceptedDates("insurance-card".parse().unwrap()),
    );
    assert_fault(
        "proves = [\"work\", \"study\"]",
        "proves = [\"guarantee\"]",
        "proves = [\"guarantee\"]",
        &RuleFault::NoEvidence,
    );
}

#[test]
fn cards_end_only_with_documents_that_have_an_end() {
    let bounded = "code = \"resident\"\nends_with_proof = true";
    let fault = RuleFault::NoEndOfProof("resident".parse().unwrap());
    assert_fault("code = \"resident\"", bounded, "ends_with_proof = true", &fault);
    let commuters = HIMEJI.replace("ends_with_proof = false", "ends_with_proof = true");
    assert!(LibraryRules::parse(&commuters).is_ok(), "a student card has one");
    let letters = commuters.replace("\"work\", \"study\"], procedures", "\"work\"], procedures");
    let fault = RuleFault::NoEndOfProof("commuter-student".parse().unwrap());
    assert_eq!(LibraryRules::parse(&letters).unwrap_err().fault, fault, "a letter from work has none");
    let sometimes = HIMEJI.replace("\"when_ended\"", "\"sometimes\"");
    let error = LibraryRules::parse(&sometimes).unwrap_err();
    assert_eq!(error.line, HIMEJI.lines().position(|line| line.starts_with("evidence_again")).map(|line| line + 1));
    assert!(error.to_string().contains("sometimes"), "{error}");
}

#[test]
fn faults_about_unread_notices_are_refused_with_their_line() {
    let rules = |lines: &str| format!("[unread]\n{lines} # here\n\n[correction]");
    let reminders = RuleFault::UnreadReminders("reminder_days");
    for days in ["[7, 3]", "[3, 3]", "[0, 3]", "[3, 14]", "[3, 90]"] {
        let lines = format!("reminder_days = {days}");
        assert_fault("[correction]", &rules(&lines), "# here", &reminders);
    }
    assert_fault("[correction]", &rules("paper_after = 0\nreminder_days = [3, 90]"), "# here", &reminders);
    let late = RuleFault::UnreadTooLate("paper_after");
    assert_fault("[correction]", &rules("paper_after = 90"), "# here", &late);
    for sound in
        ["paper_after = 0\nreminder_days = [3, 89]", "paper_after = 89\nreminder_days = []", "paper_after = 20"]
    {
        let text = HIMEJI.replacen("[correction]", &rules(sound), 1);
        assert_eq!(LibraryRules::parse(&text).map(drop), Ok(()), "{sound}");
    }
}

#[test]
fn faults_in_the_calendar_are_refused_with_their_line() {
    let calendar = |fault| RuleFault::OpenDays(fault);
    let monthly = "closed_monthly = [{ day = 32 }]";
    assert_fault("closed_monthly = []", monthly, monthly, &calendar(InvalidCalendar::DayOfMonth));
    assert_fault("to = \"2027-02-24\"", "to = \"2027-02-14\"", "2027-02-14", &calendar(InvalidCalendar::Backwards));
    assert_fault("ja = \"蔵書点検\"", "ja = \"\"", "ja = \"\"", &calendar(InvalidCalendar::NoReason));
    let yearly = LibraryRules::parse(&HIMEJI.replace("from = \"12-29\"", "from = \"12-32\"")).unwrap_err();
    assert!(yearly.to_string().contains("month and day"), "{yearly}");
    assert_eq!(yearly.line, HIMEJI.lines().position(|line| line.contains("12-29")).map(|line| line + 1));
}

#[test]
fn what_a_library_says_in_its_notices_is_never_empty_and_of_a_kind_that_there_is() {
    let rules = LibraryRules::parse(SHIOMI).unwrap();
    assert!(rules.notice_words(NoticeKind::Issued).unwrap().translations().any(|(language, _)| language == "en"));
    assert_eq!(rules.notice_words(NoticeKind::Returned), None);
    let with = |more: &str| LibraryRules::parse(&format!("{HIMEJI}\n[notice.renewed]\n{more}\n")).unwrap_err();
    let last = HIMEJI.lines().count() + 3;
    for (more, told) in [
        ("words = \" \"", "words"),
        ("words = { ja = \"またどうぞ。\", de = \"Bis bald.\" }", "does not speak `de`"),
        ("words = { ja = \"またどうぞ。\", en = \"\" }", "empty"),
        ("words = { ja = \"またどうぞ。\", ja-simple = \"また《どうぞ\" }", "reading"),
        ("text = \"またどうぞ。\"", "text"),
    ] {
        let error = with(more);
        assert!(error.line == Some(last) && error.to_string().contains(told), "{more}: {error}");
    }
    let strange = LibraryRules::parse(&format!("{HIMEJI}\n[notice.lost]\nwords = \"なし\"\n")).unwrap_err();
    assert!(strange.line == Some(last - 1) && strange.to_string().contains("lost"), "{strange}");
}
