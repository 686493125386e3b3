use super::fixtures::{NOW, library, staff_member};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::ids::StaffId;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::domain::staff::StaffMember;
use todoke::store::staff::{self, AccountState, StaffAccount, StaffChange};
use todoke::store::{Db, StoreError, Tx};

async fn accept(db: Db, id: StaffId) -> bool {
    let mut tx = db.begin().await.unwrap();
    let accepted = staff::accept_totp_step(&mut tx, id, 100).await.unwrap();
    tx.commit().await.unwrap();
    accepted
}

both_engines! {
    async fn changes_of_accounts_are_kept_and_nobody_makes_their_own(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let (imai, kato) = (staff_member(&mut tx, himeji.id, "imai").await, staff_member(&mut tx, himeji.id, "kato").await);
        let change = |what: &str, seconds, made_by| StaffChange {
            library_id: himeji.id,
            staff_id: imai.id,
            what: what.into(),
            roles: "supervisor".into(),
            made_by,
            made_at: NOW + Duration::seconds(seconds),
        };
        let (first, second) = (change("invited", 0, None), change("suspended", 1, Some(kato.id)));
        for change in [&first, &second] {
            staff::insert_change(&mut tx, change).await.unwrap();
        }
        assert_eq!(staff::list_changes(&mut tx, himeji.id, 9).await.unwrap(), [second.clone(), first]);
        assert_eq!(staff::list_changes(&mut tx, himeji.id, 1).await.unwrap(), [second]);
        assert_eq!(staff::list_changes(&mut tx, akashi.id, 9).await.unwrap(), []);
        tx.commit().await.unwrap();
        for wrong in [change("roles", 2, Some(imai.id)), change("promoted", 2, None)] {
            let mut tx = database.db.begin().await.unwrap();
            assert!(staff::insert_change(&mut tx, &wrong).await.is_err(), "{wrong:?}");
        }
        assert!(database.execute("DELETE FROM staff_changes").await.is_err());
    }

    async fn an_account_tells_whether_it_is_used(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let imai = staff_member(&mut tx, himeji.id, "imai").await;
        staff::lock_accounts(&mut tx, himeji.id).await.unwrap();
        let state = async |tx: &mut Tx| staff::list_accounts(tx, himeji.id).await.unwrap().remove(0).1;
        assert_eq!(state(&mut tx).await, AccountState { is_enrolled: false, signed_in_at: None });
        staff::save_credentials(&mut tx, imai.id, "hash", b"secret").await.unwrap();
        staff::mark_signed_in(&mut tx, imai.id, NOW).await.unwrap();
        assert_eq!(state(&mut tx).await, AccountState { is_enrolled: true, signed_in_at: Some(NOW) });
        assert_eq!(staff::list_accounts(&mut tx, akashi.id).await.unwrap(), []);
        assert!(!staff::enable(&mut tx, himeji.id, imai.id).await.unwrap(), "nobody shut them out");
        assert!(staff::disable(&mut tx, himeji.id, imai.id, NOW).await.unwrap());
        assert!(!staff::enable(&mut tx, akashi.id, imai.id).await.unwrap());
        assert!(staff::enable(&mut tx, himeji.id, imai.id).await.unwrap());
        assert!(staff::find(&mut tx, himeji.id, imai.id).await.unwrap().unwrap().member.is_active());
    }

    async fn a_staff_member_is_found_in_one_library_only(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let member = staff_member(&mut tx, himeji.id, "imai").await;
        let account = StaffAccount {
            member: member.clone(),
            password_hash: None,
            totp_secret: None,
            totp_last_step: None,
        };
        assert_eq!(staff::find(&mut tx, himeji.id, member.id).await.unwrap(), Some(account.clone()));
        assert_eq!(staff::find_by_login(&mut tx, himeji.id, "imai").await.unwrap(), Some(account));
        assert_eq!(staff::find_member(&mut tx, himeji.id, member.id).await.unwrap(), Some(member.clone()));
        assert_eq!(staff::find(&mut tx, akashi.id, member.id).await.unwrap(), None);
        assert_eq!(staff::find_member(&mut tx, akashi.id, member.id).await.unwrap(), None);
        assert_eq!(staff::find_by_login(&mut tx, akashi.id, "imai").await.unwrap(), None);
        let other = staff_member(&mut tx, akashi.id, "imai").await;
        assert_eq!(staff::list(&mut tx, himeji.id).await.unwrap(), std::slice::from_ref(&member));
        assert_eq!(staff::list(&mut tx, akashi.id).await.unwrap(), [other]);
        let again = StaffMember { id: StaffId::new(NOW), ..member };
        assert!(matches!(staff::insert(&mut tx, &again).await, Err(StoreError::Duplicate)));
    }

    async fn whoever_acts_is_found_with_all_roles_and_with_none(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let mut member = staff_member(&mut tx, library.id, "imai").await;
        for roles in [
            Vec::new(),
            vec![
                RoleGrant { role: Role::Reviewer, branch: Some("jonai".parse().unwrap()) },
                RoleGrant::everywhere(Role::Supervisor),
            ],
        ] {
            member.roles = roles;
            staff::replace_roles(&mut tx, &member).await.unwrap();
            assert_eq!(staff::find_member(&mut tx, library.id, member.id).await.unwrap(), Some(member.clone()));
        }
        staff::disable(&mut tx, library.id, member.id, NOW).await.unwrap();
        let found = staff::find_member(&mut tx, library.id, member.id).await.unwrap().unwrap();
        assert_eq!(found.disabled_at, Some(NOW));
    }

    async fn credentials_are_kept(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let member = staff_member(&mut tx, library.id, "imai").await;
        staff::save_credentials(&mut tx, member.id, "$argon2id$", b"totp secret").await.unwrap();
        let account = staff::find(&mut tx, library.id, member.id).await.unwrap().unwrap();
        assert_eq!(account.password_hash.as_deref(), Some("$argon2id$"));
        assert_eq!(account.totp_secret.as_deref(), Some(&b"totp secret"[..]));
        let unknown = staff::save_credentials(&mut tx, StaffId::new(NOW), "$argon2id$", b"totp secret").await;
        assert!(matches!(unknown, Err(StoreError::Unsealable { table: "staff", .. })));
    }

    async fn a_one_time_code_is_taken_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let member = staff_member(&mut tx, library.id, "imai").await;
        assert!(!staff::accept_totp_step(&mut tx, member.id, 99).await.unwrap(), "no secret, no code");
        staff::save_credentials(&mut tx, member.id, "hash", b"secret").await.unwrap();
        tx.commit().await.unwrap();
        let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(accept(database.db.clone(), member.id))).collect();
        let mut accepted = 0;
        for task in tasks {
            accepted += usize::from(task.await.unwrap());
        }
        assert_eq!(accepted, 1);
        let mut tx = database.db.begin().await.unwrap();
        assert!(!staff::accept_totp_step(&mut tx, member.id, 99).await.unwrap());
        assert!(staff::accept_totp_step(&mut tx, member.id, 101).await.unwrap());
        let account = staff::find(&mut tx, library.id, member.id).await.unwrap().unwrap();
        assert_eq!(account.totp_last_step, Some(101));
    }

    async fn a_staff_member_is_disabled_by_their_own_library(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let member = staff_member(&mut tx, himeji.id, "imai").await;
        assert!(!staff::disable(&mut tx, akashi.id, member.id, NOW).await.unwrap());
        assert!(staff::disable(&mut tx, himeji.id, member.id, NOW).await.unwrap());
        assert!(!staff::disable(&mut tx, himeji.id, member.id, NOW).await.unwrap());
        let account = staff::find(&mut tx, himeji.id, member.id).await.unwrap().unwrap();
        assert!(!account.member.is_active());
    }

    async fn erased_credentials_open_nothing_until_new_ones_are_set(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (member, other) =
            (staff_member(&mut tx, library.id, "imai").await, staff_member(&mut tx, library.id, "ueda").await);
        for id in [member.id, other.id] {
            staff::save_credentials(&mut tx, id, "hash", b"secret").await.unwrap();
            staff::insert_invite(&mut tx, id, &[if id == member.id { 1 } else { 2 }; 32], NOW + Duration::DAY).await.unwrap();
        }
        assert!(staff::accept_totp_step(&mut tx, member.id, 7).await.unwrap());
        staff::erase_credentials(&mut tx, member.id).await.unwrap();
        staff::delete_invites(&mut tx, member.id).await.unwrap();
        let account = staff::find(&mut tx, library.id, member.id).await.unwrap().unwrap();
        assert_eq!((account.password_hash, account.totp_secret, account.totp_last_step), (None, None, None));
        assert!(!staff::accept_totp_step(&mut tx, member.id, 8).await.unwrap());
        assert_eq!(staff::find_invite(&mut tx, &[1; 32], NOW).await.unwrap(), None);
        assert_eq!(staff::find_invite(&mut tx, &[2; 32], NOW).await.unwrap(), Some(other.id));
        let untouched = staff::find(&mut tx, library.id, other.id).await.unwrap().unwrap();
        assert_eq!(untouched.password_hash.as_deref(), Some("hash"));
        staff::save_credentials(&mut tx, member.id, "another", b"another secret").await.unwrap();
        assert!(staff::accept_totp_step(&mut tx, member.id, 7).await.unwrap());
    }

    async fn an_invitation_works_once_and_in_time(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let member = staff_member(&mut tx, library.id, "imai").await;
        let end = NOW + Duration::DAY;
        staff::insert_invite(&mut tx, member.id, &[1; 32], end).await.unwrap();
        staff::insert_invite(&mut tx, member.id, &[2; 32], end).await.unwrap();
        assert_eq!(staff::consume_invite(&mut tx, &[1; 32], NOW).await.unwrap(), None, "a newer one replaced it");
        assert_eq!(staff::find_invite(&mut tx, &[2; 32], NOW).await.unwrap(), Some(member.id));
        assert_eq!(staff::find_invite(&mut tx, &[2; 32], end).await.unwrap(), None);
        assert_eq!(staff::consume_invite(&mut tx, &[2; 32], end).await.unwrap(), None);
        assert_eq!(staff::consume_invite(&mut tx, &[2; 32], NOW).await.unwrap(), Some(member.id));
        assert_eq!(staff::consume_invite(&mut tx, &[2; 32], NOW).await.unwrap(), None);
        assert_eq!(staff::find_invite(&mut tx, &[2; 32], NOW).await.unwrap(), None);
    }
}
