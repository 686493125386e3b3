use super::fixtures::{NOW, answers, draft, library, new_draft, new_patron, staff_member, submitted};
use crate::support::database::both_engines;
use time::Duration;
use todoke::domain::duplicate::{CandidateOwner, DuplicateVerdict, PersonFacts, StandingVerdict, VerdictNote};
use todoke::domain::ids::{DuplicateVerdictId, LibraryId, PatronId};
use todoke::domain::library::Library;
use todoke::domain::patron::{Patron, PatronFacts};
use todoke::domain::person::{PostalAddress, TypedAddress};
use todoke::store::duplicate_verdicts::{NewVerdict, PairVerdict, Side};
use todoke::store::duplicates::{Sought, digest, list_candidates, lock};
use todoke::store::staff::Ties;
use todoke::store::{Tx, applications, duplicate_verdicts, patrons, seal, staff, token_backfills};
use uuid::Uuid;

fn at(line1: &str) -> PostalAddress {
    let typed = TypedAddress { postcode: "670-0012", prefecture: "28", municipality: "姫路市", line1, line2: "" };
    PostalAddress::parse(typed).unwrap()
}

fn facts(name: &str, kana: &str, birth: &str, line1: &str, phone: &str, email: &str) -> PatronFacts {
    PatronFacts {
        name: name.parse().unwrap(),
        kana: kana.parse().unwrap(),
        birth: birth.parse().unwrap(),
        address: Some(at(line1)),
        phone: phone.parse().ok(),
        email: email.parse().ok(),
        category: None,
        branch: None,
    }
}

fn watanabe() -> PatronFacts {
    facts("渡邉 幸子", "ワタナベ サチコ", "1972-02-29", "本町12番地7", "079-000-1234", "watanabe@example.jp")
}

async fn register(tx: &mut Tx, library: &Library, facts: PatronFacts) -> Patron {
    let application = new_draft(library.id);
    applications::insert(tx, &application).await.unwrap();
    let patron = Patron { facts, ..new_patron(library.id, application.id) };
    patrons::insert(tx, &patron).await.unwrap();
    patron
}

async fn found(tx: &mut Tx, library_id: LibraryId, facts: &PatronFacts) -> Vec<Uuid> {
    let application = new_draft(library_id);
    let facts = PersonFacts::from(facts);
    let sought = Sought { library_id, application_id: application.id, patron_id: None, facts: &facts };
    let candidates = list_candidates(tx, &sought, NOW - Duration::days(180)).await.unwrap();
    candidates.iter().map(|candidate| candidate.owner.id()).collect()
}

both_engines! {
    async fn two_facts_lead_to_somebody_and_one_does_not(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        let patron = register(&mut tx, &himeji, watanabe()).await;
        register(&mut tx, &akashi, watanabe()).await;
        let (old, new) = ("watanabe@example.jp", "new@example.com");
        for (who, sought, is_found) in [
            ("name in another variant and birth date", facts("渡辺　幸子", "ワタベ ユキコ", "1972-02-29", "別所町1", "", new), true),
            ("and the other one", facts("渡邊幸子", "ワタベ ユキコ", "1972-02-29", "別所町1", "", new), true),
            ("reading and birth date", facts("綿鍋 祥子", "わたなべ さちこ", "1972-02-29", "別所町1", "", new), true),
            ("married, at the old address", facts("山本 幸子", "ヤマモト サチコ", "1972-02-29", "本町１２－７", "", new), true),
            ("married, telephone kept", facts("山本 幸子", "ヤマモト サチコ", "1972-02-29", "別所町1", "0790001234", new), true),
            ("name and address", facts("渡辺 幸子", "ワタベ ユキコ", "1973-03-01", "本町12-7", "", new), true),
            ("name and e-mail address", facts("渡辺 幸子", "ワタベ ユキコ", "1973-03-01", "別所町1", "", old), true),
            ("a child at home", facts("渡邉 小梅", "ワタナベ コウメ", "2012-01-02", "本町12番地7", "079-000-1234", old), false),
            ("a namesake", facts("渡邉 幸子", "ワタナベ サチコ", "1990-01-02", "別所町1", "", new), false),
            ("born on that day", facts("佐藤 一郎", "サトウ イチロウ", "1972-02-29", "別所町1", "", new), false),
        ] {
            let expected: &[Uuid] = if is_found { &[patron.id.as_uuid()] } else { &[] };
            assert_eq!(found(&mut tx, himeji.id, &sought).await, expected, "{who}");
        }
    }

    async fn a_patron_is_no_double_of_the_own_application_nor_of_the_one_it_is_about(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patron = register(&mut tx, &library, watanabe()).await;
        let facts = PersonFacts::from(&watanabe());
        let other = new_draft(library.id).id;
        for (application_id, patron_id, expected) in [
            (patron.application_id.unwrap(), None, 0),
            (other, Some(patron.id), 0),
            (other, Some(PatronId::new(NOW)), 1),
            (other, None, 1),
        ] {
            let sought = Sought { library_id: library.id, application_id, patron_id, facts: &facts };
            assert_eq!(list_candidates(&mut tx, &sought, NOW).await.unwrap().len(), expected);
        }
    }

    async fn other_applications_are_found_from_submission_until_a_while_after_a_refusal(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "sato").await;
        draft(&mut tx, library.id).await;
        let mine = PersonFacts::of_draft(&answers()).unwrap();
        let sought =
            Sought { library_id: library.id, application_id: new_draft(library.id).id, patron_id: None, facts: &mine };
        assert!(list_candidates(&mut tx, &sought, NOW).await.unwrap().is_empty(), "nobody sees a draft");
        let other = submitted(&mut tx, library.id, b"1", NOW).await;
        let open = list_candidates(&mut tx, &sought, NOW).await.unwrap();
        let [candidate] = &open[..] else { panic!("{open:?}") };
        assert!(matches!(&candidate.owner, CandidateOwner::Application { reference, is_open: true, submitted_at, .. }
            if *reference == other.reference && *submitted_at == Some(NOW)));
        assert_eq!(candidate.facts, mine);
        let version = other.state.version().unwrap();
        let claimed = applications::save(&mut tx, other.claim(&by, NOW).unwrap()).await.unwrap();
        applications::save(&mut tx, claimed.decline(&by, version, NOW).unwrap()).await.unwrap();
        let lately = list_candidates(&mut tx, &sought, NOW - Duration::days(1)).await.unwrap();
        assert!(matches!(lately[0].owner, CandidateOwner::Application { is_open: false, .. }));
        assert!(list_candidates(&mut tx, &sought, NOW).await.unwrap().is_empty(), "long ago");
    }

    async fn a_verdict_is_found_from_either_side_and_its_note_is_sealed(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let by = staff_member(&mut tx, library.id, "sato").await;
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let patron = register(&mut tx, &library, watanabe()).await;
        let facts = PersonFacts::from(&watanabe());
        let own = digest(&mut tx, library.id, &facts).await.unwrap();
        assert_eq!(digest(&mut tx, library.id, &facts).await.unwrap(), own);
        let moved = PersonFacts { address: Some(at("別所町1")), ..facts.clone() };
        let other = digest(&mut tx, library.id, &moved).await.unwrap();
        assert_ne!(own, other);
        let said = |verdict, minutes| StandingVerdict {
            verdict,
            note: VerdictNote::parse("電話で確かめた").unwrap(),
            by: by.id,
            at: NOW + Duration::minutes(minutes),
        };
        let one = Side { owner: application.id.as_uuid(), digest: own };
        let two = Side { owner: patron.id.as_uuid(), digest: other };
        for (minutes, verdict, one, other) in
            [(0, DuplicateVerdict::Unsure, one, two), (5, DuplicateVerdict::Different, two, one)]
        {
            let new = NewVerdict {
                id: DuplicateVerdictId::new(NOW),
                library_id: library.id,
                application_id: application.id,
                one,
                other,
                said: said(verdict, minutes),
            };
            duplicate_verdicts::insert(&mut tx, &new).await.unwrap();
        }
        let of_application = duplicate_verdicts::list_of(&mut tx, library.id, one.owner).await.unwrap();
        let newest = PairVerdict { own_digest: own, other: two, said: said(DuplicateVerdict::Different, 5) };
        assert_eq!(of_application.len(), 2);
        assert_eq!(of_application[0], newest, "the newest first");
        let of_patron = duplicate_verdicts::list_of(&mut tx, library.id, two.owner).await.unwrap();
        assert_eq!(of_patron[0], PairVerdict { own_digest: other, other: one, ..newest });
        assert!(duplicate_verdicts::list_of(&mut tx, library.id, Uuid::nil()).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert!(!database.holds("電話で確かめた").await);
        let mut tx = database.db.begin().await.unwrap();
        seal::erase_key(&mut tx, two.owner).await.unwrap();
        let after = duplicate_verdicts::list_of(&mut tx, library.id, one.owner).await.unwrap();
        assert!(after.is_empty(), "nothing is said of people who were erased");
    }

    async fn rows_from_before_get_their_tokens_once(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let patrons: Vec<Patron> = vec![
            register(&mut tx, &library, watanabe()).await,
            register(&mut tx, &library, watanabe()).await,
            register(&mut tx, &library, watanabe()).await,
        ];
        let erased = register(&mut tx, &library, watanabe()).await;
        seal::erase_key(&mut tx, erased.id.as_uuid()).await.unwrap();
        draft(&mut tx, library.id).await;
        tx.commit().await.unwrap();
        let all = database.count("SELECT COUNT(*) FROM search_tokens").await;
        database.execute("DELETE FROM search_tokens WHERE field IN ('phone', 'address', 'name')").await.unwrap();
        let nil = if database.address.starts_with("sqlite:") { "zeroblob(16)" } else { "CAST(LPAD('', 32, '0') AS UUID)" };
        for kind in ["patrons", "applications"] {
            let begun = format!("INSERT INTO token_backfills (library_id, kind, after_id) SELECT id, '{kind}', {nil} FROM libraries");
            database.execute(&begun).await.unwrap();
        }
        let mut steps = 0;
        loop {
            let mut tx = database.db.begin().await.unwrap();
            let more = token_backfills::step(&mut tx, 2).await.unwrap();
            tx.commit().await.unwrap();
            if !more {
                break;
            }
            steps += 1;
        }
        assert_eq!(steps, 5, "two and one patrons, the end of them, one application, the end of them");
        assert_eq!(database.count("SELECT COUNT(*) FROM search_tokens").await, all);
        assert_eq!(database.count("SELECT COUNT(*) FROM token_backfills").await, 0);
        let mut tx = database.db.begin().await.unwrap();
        let married = facts("山本 幸子", "ヤマモト サチコ", "1972-02-29", "本町１２－７", "", "new@example.com");
        assert_eq!(found(&mut tx, library.id, &married).await.len(), patrons.len());
    }

    async fn approvals_of_one_library_wait_for_each_other(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let (himeji, akashi) = (library(&mut tx, "himeji").await, library(&mut tx, "akashi").await);
        lock(&mut tx, himeji.id).await.unwrap();
        lock(&mut tx, akashi.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(database.count("SELECT COUNT(*) FROM counters WHERE name = 'approval'").await, 2);
    }

    async fn staff_name_their_people_and_leave_applications_to_others(database: &TestDatabase) {
        let mut tx = database.db.begin().await.unwrap();
        let library = library(&mut tx, "himeji").await;
        let (sato, imai) =
            (staff_member(&mut tx, library.id, "sato").await, staff_member(&mut tx, library.id, "imai").await);
        let patron = register(&mut tx, &library, watanabe()).await;
        for _ in 0..2 {
            staff::insert_relation(&mut tx, &sato, patron.id, NOW).await.unwrap();
        }
        let relations = staff::list_relations(&mut tx, library.id, sato.id).await.unwrap();
        assert_eq!(relations.len(), 1);
        assert_eq!((relations[0].patron_id, &relations[0].number, relations[0].recorded_at), (patron.id, &None, NOW));
        assert!(staff::list_relations(&mut tx, library.id, imai.id).await.unwrap().is_empty());
        let application = submitted(&mut tx, library.id, b"1", NOW).await;
        let ties = staff::find_ties(&mut tx, &application, &sato).await.unwrap();
        assert_eq!(ties, Ties { is_recused: false, patrons: vec![patron.id] });
        assert!(!staff::delete_relation(&mut tx, &imai, patron.id).await.unwrap());
        assert!(staff::delete_relation(&mut tx, &sato, patron.id).await.unwrap());
        assert!(staff::list_relations(&mut tx, library.id, sato.id).await.unwrap().is_empty());

        let nothing = Ties { is_recused: false, patrons: Vec::new() };
        assert_eq!(staff::find_ties(&mut tx, &application, &sato).await.unwrap(), nothing);
        for _ in 0..2 {
            staff::insert_recusal(&mut tx, &application, &sato, NOW).await.unwrap();
        }
        assert!(staff::find_ties(&mut tx, &application, &sato).await.unwrap().is_recused);
        assert_eq!(staff::find_ties(&mut tx, &application, &imai).await.unwrap(), nothing);
        let other = submitted(&mut tx, library.id, b"2", NOW).await;
        assert_eq!(staff::find_ties(&mut tx, &other, &sato).await.unwrap(), nothing);
    }
}
