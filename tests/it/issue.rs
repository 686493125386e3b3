//! Issuing: numbers from the library's own series, each once, with the expiry of the library's rule.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::lists;
use crate::support::pages;
use crate::support::sending::{Sending, all_at_once};
use std::collections::BTreeSet;
use time::Duration;
use time::macros::date;
use todoke::demo::journey::Person;
use todoke::demo::{SECOND_STAFF_LOGIN, STAFF_LOGIN};
use todoke::domain::notice::{IssuedNotice, NoticeContent};
use todoke::store::notices;

/// What was issued to an applicant, as the notice says it.
async fn issued(app: &TestApp, slug: &str, reference: &str) -> IssuedNotice {
    let application = app.application(slug, reference).await;
    let mut tx = app.database.db.read().await.unwrap();
    let found = notices::list_by_application(&mut tx, application.library_id, application.id).await.unwrap();
    assert_eq!(found.len(), 1, "one notice each");
    match found.into_iter().next().unwrap().content {
        NoticeContent::Issued(notice) => notice,
        other => panic!("a notice that is {}", other.kind()),
    }
}

/// An application by somebody with a card, a birth date and a home of their own: there are fewer test cards than
/// applicants in these stories, and one person gets one card.
async fn submitted_by_somebody(app: &TestApp, slug: &str, number: usize) -> Submitted {
    let person = if slug == "himeji" { Person::hanako() } else { pages::hanako_of_shiomi() };
    let [_, month, day] = person.birth;
    let [postcode, prefecture, municipality, line1] = person.address;
    let own = |text: String| -> &'static str { text.leak() };
    let person = Person {
        birth: [own((1950 + number).to_string()), month, day],
        address: [postcode, prefecture, municipality, own(format!("{line1}の{}", 500 + number))],
        ..person.with_email(&format!("person{number}@example.jp"))
    };
    let (applicant, sign) = app.frozen(slug, &person).await;
    let done = applicant.sign_with(&sign, "birth-unknown").await.unwrap();
    app.deliver_mail().await;
    app.database.execute("UPDATE applications SET signer_token = NULL").await.unwrap();
    Submitted::on(applicant, &person, &done)
}

stories! {
    async fn twenty_approvals_at_once_give_twenty_numbers_in_a_row(app: &TestApp) {
        let mut submitted = Vec::new();
        for number in 0..20 {
            submitted.push(submitted_by_somebody(app, "himeji", number).await);
        }
        let staff = app.sato().await;
        let mut decisions = Vec::new();
        for Submitted { reference, .. } in &submitted {
            let file = staff.open_staff(&format!("applications/{reference}")).await.unwrap();
            let claimed = staff.press(&file, "担当する").await.unwrap();
            let confirmation = staff.send(&claimed, &[("outcome", "approve")]).await.unwrap();
            decisions.push(Sending::form(&confirmation.form("outcome").unwrap(), &staff.browser));
        }
        for answer in all_at_once(decisions).await {
            assert_eq!(answer.status, 303, "{}", answer.text());
        }
        let library = app.library("himeji").await;
        let series = &library.rules.number_series;
        let (mut numbers, mut documents) = (BTreeSet::new(), BTreeSet::new());
        for Submitted { reference, .. } in &submitted {
            let notice = issued(app, "himeji", reference).await;
            numbers.insert(notice.card_number.as_str().to_owned());
            documents.insert(notice.document_number);
        }
        let expected: BTreeSet<_> = (0..20).map(|place| series.number(place).unwrap().as_str().to_owned()).collect();
        assert_eq!(numbers, expected);
        assert_eq!(documents, (1..=20).map(|place| format!("2026-{place:06}")).collect());
        assert_eq!(app.deliver_mail().await.sent, 20);
        for Submitted { person, .. } in &submitted {
            assert_eq!(app.letters_to(&person.email).len(), 3, "code, receipt, notice");
        }
    }

    async fn each_library_counts_for_itself_and_by_its_own_rule(app: &TestApp) {
        let himeji = submitted_by_somebody(app, "himeji", 1).await;
        let shiomi = submitted_by_somebody(app, "shiomi", 2).await;
        app.sato().await.decide(&himeji.reference, "approve", "").await.unwrap();
        // Her certificate knows another town: two persons look.
        for login in [STAFF_LOGIN, SECOND_STAFF_LOGIN] {
            app.staff("shiomi", login).await.decide(&shiomi.reference, "approve", "").await.unwrap();
        }
        let (himeji, shiomi) =
            (issued(app, "himeji", &himeji.reference).await, issued(app, "shiomi", &shiomi.reference).await);
        // 30000001 and its check digit by modulus 10, weights 3 and 1 from the right: 1×3 + 3×1 = 6, 10 − 6 = 4.
        assert_eq!(himeji.card_number.as_str(), "300000014");
        assert_eq!(himeji.barcode, "A300000014A");
        // 050001 mod 7 = 50001 − 7143 × 7 = 0.
        assert_eq!(shiomi.card_number.as_str(), "S0500010");
        assert_eq!((himeji.document_number.as_str(), shiomi.document_number.as_str()), ("2026-000001", "2026-000001"));
        assert_eq!(himeji.expires_on, date!(2029 - 11 - 20), "three years from issue");
        assert_eq!(shiomi.expires_on, date!(2028 - 04 - 30), "the end of the month of birth, two years on");
        assert_eq!((himeji.loan_limit, shiomi.loan_limit), (6, 10));
        app.deliver_mail().await;
    }

    async fn documents_are_counted_anew_each_year_in_japan_and_cards_are_not(app: &TestApp) {
        let first = submitted_by_somebody(app, "himeji", 1).await;
        app.sato().await.decide(&first.reference, "approve", "").await.unwrap();
        // 2026-12-31 23:50 in Japan, when it is still afternoon in Greenwich.
        app.advance(time::macros::datetime!(2026-12-31 14:50 UTC) - app.now());
        // The list of November has run out by then.
        lists::publish(app, 9, None).await;
        let second = submitted_by_somebody(app, "himeji", 2).await;
        app.advance(Duration::minutes(15));
        app.sato().await.decide(&second.reference, "approve", "").await.unwrap();
        let notice = issued(app, "himeji", &second.reference).await;
        assert_eq!(notice.document_number, "2027-000001");
        assert_eq!(notice.issued_on, date!(2027 - 01 - 01));
        let library = app.library("himeji").await;
        let series = &library.rules.number_series;
        assert_eq!(notice.card_number, series.number(1).unwrap());
        app.deliver_mail().await;
    }
}
