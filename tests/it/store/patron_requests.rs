use super::fixtures::{NOW, library, patron, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::PatronRequestId;
use todoke::domain::patron::Patron;
use todoke::domain::patron_deed::PatronDeed;
use todoke::domain::patron_request::{PatronRequest, RequestKind, RequestState, Settled};
use todoke::store::patron_views::PatronView;
use todoke::store::{StoreError, own_record, patron_deeds, patron_devices, patron_requests, patron_views};

fn asked(by: &Patron, kind: RequestKind) -> PatronRequest {
    PatronRequest {
        id: PatronRequestId::new(NOW),
        library_id: by.library_id,
        patron_id: by.id,
        kind,
        words: Some("電話番号を消してください".parse().unwrap()),
        made_at: NOW,
        state: RequestState::Open,
    }
}

both_engines! {
    async fn a_request_is_open_until_it_is_settled_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (hanako, by) = (patron(&mut tx, himeji.id).await, staff_member(&mut tx, himeji.id, "imai").await);
        let request = asked(&hanako, RequestKind::Erasure);
        let closing = PatronRequest { words: None, ..asked(&hanako, RequestKind::Closing) };
        patron_requests::insert(&mut tx, &request).await.unwrap();
        patron_requests::insert(&mut tx, &closing).await.unwrap();
        assert_eq!(patron_requests::find(&mut tx, himeji.id, request.id).await.unwrap(), Some(request.clone()));
        assert_eq!(patron_requests::find(&mut tx, akashi.id, request.id).await.unwrap(), None);
        assert_eq!(patron_requests::list_open(&mut tx, himeji.id, 9).await.unwrap().len(), 2);
        let answer = Settled { by: by.id, at: NOW + Duration::HOUR, answer: "消しました".parse().unwrap() };
        let done = PatronRequest { state: RequestState::Done(answer), ..request };
        assert!(patron_requests::settle(&mut tx, &done).await.unwrap());
        let late = PatronRequest { state: RequestState::TakenBack { at: NOW }, ..done.clone() };
        assert!(!patron_requests::settle(&mut tx, &late).await.unwrap(), "it is answered");
        assert_eq!(patron_requests::list_open(&mut tx, himeji.id, 9).await.unwrap(), std::slice::from_ref(&closing));
        let all = patron_requests::list_by_patron(&mut tx, himeji.id, hanako.id, 9).await.unwrap();
        assert!(all.len() == 2 && all.contains(&done) && all.contains(&closing));
        // Another one of the kind, now that the first is settled.
        patron_requests::insert(&mut tx, &asked(&hanako, RequestKind::Erasure)).await.unwrap();
    }

    async fn two_of_a_kind_are_never_open_at_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let hanako = patron(&mut tx, library.id).await;
        patron_requests::insert(&mut tx, &asked(&hanako, RequestKind::Correction)).await.unwrap();
        let again = patron_requests::insert(&mut tx, &asked(&hanako, RequestKind::Correction)).await;
        assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
    }

    async fn what_a_patron_did_and_who_looked_is_told_newest_first(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (hanako, by) = (patron(&mut tx, library.id).await, staff_member(&mut tx, library.id, "imai").await);
        for (minutes, deed) in (0..).zip(PatronDeed::KEPT) {
            patron_deeds::insert(&mut tx, &hanako, deed, NOW + Duration::minutes(minutes)).await.unwrap();
        }
        let deeds = patron_deeds::list(&mut tx, library.id, hanako.id, 2).await.unwrap();
        assert_eq!(deeds.iter().map(|(deed, _)| *deed).collect::<Vec<_>>(), [PatronDeed::PasswordChosen, PatronDeed::TakenBack]);

        patron_views::insert(&mut tx, &by, &PatronView::Opened(hanako.id), NOW).await.unwrap();
        let settled = PatronView::RequestSettled(hanako.id, RequestKind::Erasure);
        patron_views::insert(&mut tx, &by, &settled, NOW + Duration::HOUR).await.unwrap();
        let ids = hanako.application_id.into_iter().collect::<Vec<_>>();
        let looks = own_record::list_looks(&mut tx, library.id, hanako.id, &ids, 9).await.unwrap();
        assert_eq!(looks.len(), 2);
        assert!(looks[0].at > looks[1].at && looks[0].by == by.id);
        let device = todoke::domain::device::DeviceKind::Ipad;
        patron_devices::save(&mut tx, library.id, hanako.id, &[1; 32], device, NOW).await.unwrap();
        let devices = own_record::list_devices(&mut tx, library.id, hanako.id).await.unwrap();
        assert_eq!(devices.iter().map(|one| one.kind).collect::<Vec<_>>(), [device]);
        assert!(own_record::list_mails(&mut tx, library.id, (hanako.id, None), &ids, 9).await.unwrap().is_empty());
    }
}
