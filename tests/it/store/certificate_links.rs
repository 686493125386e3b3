use super::fixtures::{NOW, library, patron};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::{CertificateLinkId, LibraryId};
use todoke::domain::patron::Patron;
use todoke::jpki::RevocationReason;
use todoke::store::certificate_links::{self, CertificateLink, SealedLink};
use todoke::store::revocation_answers::RevokedSince;

fn link(patron: &Patron, number: u8) -> CertificateLink {
    CertificateLink {
        id: CertificateLinkId::new(NOW + Duration::seconds(i64::from(number))),
        library_id: patron.library_id,
        patron_id: patron.id,
        application_id: patron.application_id.unwrap(),
        signer_token: [number; 32],
        serial: vec![0x40, number],
        linked_at: NOW,
    }
}

async fn ids(
    tx: &mut todoke::store::Tx,
    library_id: LibraryId,
    after: Option<CertificateLinkId>,
) -> Vec<CertificateLinkId> {
    let links = certificate_links::list_live_after(tx, library_id, after, 2).await.unwrap();
    links.iter().map(SealedLink::id).collect()
}

both_engines! {
    async fn links_are_read_in_batches_and_opened_with_the_librarys_key(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (hanako, other) = (patron(&mut tx, himeji.id).await, patron(&mut tx, akashi.id).await);
        let links = [link(&hanako, 1), link(&hanako, 2), link(&hanako, 3)];
        for link in links.iter().chain([&link(&other, 4)]) {
            certificate_links::insert(&mut tx, link).await.unwrap();
        }
        assert_eq!(ids(&mut tx, himeji.id, None).await, [links[0].id, links[1].id]);
        assert_eq!(ids(&mut tx, himeji.id, Some(links[1].id)).await, [links[2].id]);
        assert!(certificate_links::is_linked(&mut tx, himeji.id, hanako.id).await.unwrap());
        assert!(!certificate_links::is_linked(&mut tx, akashi.id, hanako.id).await.unwrap());
        let opener = certificate_links::opener(&mut tx, himeji.id).await.unwrap();
        let sealed = certificate_links::list_live_after(&mut tx, himeji.id, None, 9).await.unwrap();
        let serials: Vec<_> = sealed.iter().map(|link| opener.open(link).unwrap().to_vec()).collect();
        assert_eq!(serials, links.each_ref().map(|link| link.serial.clone()));
        let foreign = certificate_links::list_live_after(&mut tx, akashi.id, None, 9).await.unwrap();
        assert!(opener.open(&foreign[0]).is_err());
        let found = certificate_links::find_application(&mut tx, himeji.id, links[0].id).await.unwrap();
        assert_eq!(found, hanako.application_id);
        assert_eq!(certificate_links::find_application(&mut tx, akashi.id, links[0].id).await.unwrap(), None);
        assert_eq!(certificate_links::delete_by_patron(&mut tx, himeji.id, hanako.id).await.unwrap(), 3);
        assert_eq!(ids(&mut tx, himeji.id, None).await, []);
        assert!(!certificate_links::is_linked(&mut tx, himeji.id, hanako.id).await.unwrap());
    }

    async fn what_was_found_revoked_is_counted_and_not_looked_at_again(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = patron(&mut tx, library.id).await;
        let (first, second) = (link(&patron, 1), link(&patron, 2));
        for link in [&first, &second] {
            certificate_links::insert(&mut tx, link).await.unwrap();
        }
        let revoked = RevokedSince { at: NOW, reason: RevocationReason::KeyCompromise };
        assert!(certificate_links::mark_revoked(&mut tx, library.id, first.id, revoked, NOW).await.unwrap());
        assert!(!certificate_links::mark_revoked(&mut tx, library.id, first.id, revoked, NOW).await.unwrap());
        assert_eq!(certificate_links::count_revoked(&mut tx, library.id).await.unwrap(), 1);
        assert_eq!(ids(&mut tx, library.id, None).await, [second.id]);
    }
}
