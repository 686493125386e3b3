//! What changed rules would treat differently, among the cards and applications that are stored.

use crate::support::app::{TestApp, stories};
use todoke::demo::LIBRARIES;
use todoke::demo::journey::Person;
use todoke::domain::library::{Difference, LibraryRules};
use todoke::service::Error;
use todoke::service::simulate::{Totals, simulate};
use todoke::store::cards;

/// What changes when `old` in the rules of Himeji becomes `new`: the totals, and each case in a line.
async fn changed(app: &TestApp, old: &str, new: &str) -> (Totals, Vec<String>) {
    assert!(LIBRARIES[0].contains(old), "the sample has no {old}");
    let rules = LibraryRules::parse(&LIBRARIES[0].replace(old, new)).unwrap();
    let mut told = Vec::new();
    let today = app.portal().clock.today();
    let totals = simulate(&app.database.db, &rules, today, |case, differences| {
        let kinds: Vec<&str> = differences.iter().map(|difference| difference.as_str()).collect();
        told.push(format!("{case}: {}", kinds.join(", ")));
    })
    .await
    .unwrap();
    (totals, told)
}

stories! {
    async fn cards_and_open_applications_are_counted_and_named(app: &TestApp) {
        let issued = app.issued_to_hanako().await;
        // There are fewer test cards than applicants in this story.
        app.database.execute("UPDATE applications SET signer_token = NULL").await.unwrap();
        let waiting = app.submitted("himeji", &Person::hanako().with_email("other@example.jp")).await;
        let library_id = app.library("himeji").await.id;
        let mut tx = app.database.db.read().await.unwrap();
        let card = cards::list_after(&mut tx, library_id, None, 2).await.unwrap().remove(0);
        drop(tx);

        let (totals, told) = changed(app, "draft_days = 7", "draft_days = 8").await;
        assert_eq!((totals.cards, totals.applications, totals.unreadable), (1, 1, 0));
        assert_eq!(told, [""; 0]);

        let (totals, told) = changed(app, "years = 3 }", "years = 5 }").await;
        assert_eq!(totals.counted(Difference::Expiry), (1, 1));
        assert_eq!(totals.counted(Difference::Eligibility), (0, 0));
        assert_eq!(told, [format!("card {}: expiry", card.number), format!("application {}: expiry", waiting.reference)]);
        assert!(!told.concat().contains(&issued.reference), "what is decided is not open");

        let (_, told) = changed(app, "areas = [\"兵庫県姫路市\"]", "areas = [\"兵庫県神戸市\"]").await;
        assert_eq!(told.len(), 2);
    }

    async fn nothing_is_written_and_a_library_that_is_not_stored_is_said(app: &TestApp) {
        app.issued_to_hanako().await;
        let before = app.written().await;
        changed(app, "loan_limit = 6", "loan_limit = 7").await;
        assert_eq!(app.written().await, before);
        let stranger = LibraryRules::parse(&LIBRARIES[0].replace("slug = \"himeji\"", "slug = \"akashi\"")).unwrap();
        let told = simulate(&app.database.db, &stranger, app.portal().clock.today(), |_, _| {}).await;
        assert!(matches!(told, Err(Error::NotFound)));
    }
}
