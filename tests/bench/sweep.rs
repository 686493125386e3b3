//! A million linked certificates against a list of two million entries, on SQLite.
//!
//! Ends with an error if reading, opening and sifting them takes longer than five seconds.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use time::macros::datetime;
use todoke::demo::authority::{CrlFault, CrlOrder, Municipality, Revocation as Entry, TestAuthority};
use todoke::demo::stage::LIBRARIES;
use todoke::domain::application::Application;
use todoke::domain::ids::{CertificateLinkId, LibraryId, PatronId};
use todoke::domain::language::Language;
use todoke::domain::library::LibraryRules;
use todoke::domain::patron::{Patron, PatronFacts};
use todoke::domain::person::{PostalAddress, TypedAddress};
use todoke::domain::procedure::Procedure;
use todoke::domain::reference::Reference;
use todoke::gateway::revocation::{NamedSerials, Revocation};
use todoke::jpki::{Anchor, Policies, RevocationReason, Trust};
use todoke::service::certificate_sweep::sift;
use todoke::store::certificate_links::{self, CertificateLink};
use todoke::store::seal::Keyring;
use todoke::store::{Db, Tx, applications, libraries, patrons};

const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
const LINKS: u32 = 1_000_000;
const ENTRIES: u32 = 2_000_000;
/// Every so many-th link is on the list.
const REVOKED_EVERY: u32 = 1_000;
const ROUNDS: u32 = 3;
const LIMIT: Duration = Duration::from_secs(5);

type Problem = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<ExitCode, Problem> {
    let folder = std::env::temp_dir().join(format!("todoke-sweep-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder)?;
    let outcome = measure(&format!("sqlite:{}", folder.join("bench.sqlite").display())).await;
    std::fs::remove_dir_all(&folder)?;
    outcome
}

async fn measure(address: &str) -> Result<ExitCode, Problem> {
    let keys = Keyring::generate_line(1);
    let db = Db::connect(address, Arc::new(Keyring::parse(&keys)?)).await?;
    db.migrate().await?;
    let library_id = fill(&db).await?;
    let revocation = Revocation::none();
    load(&revocation)?;

    let mut fastest = Duration::MAX;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let (looked_at, suspects) = sift(&db, library_id, &Arc::new(NamedSerials::of(&revocation.current()))).await?;
        fastest = fastest.min(begun.elapsed());
        if (looked_at, suspects.len()) != (u64::from(LINKS), (LINKS / REVOKED_EVERY) as usize) {
            return Err(format!("{looked_at} looked at, {} found", suspects.len()).into());
        }
    }
    db.close().await;
    let ratio = LIMIT.as_secs_f64() / fastest.as_secs_f64();
    println!("sweep of {LINKS} links over {ENTRIES} entries: {fastest:.2?}");
    println!("limit {LIMIT:?}, ratio {ratio:.2} (at least 1 wanted)");
    Ok(if ratio >= 1.0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Serial numbers of links are even, those of strangers on the list odd.
fn serial(number: u32) -> Vec<u8> {
    (number.wrapping_mul(0x9E37_79B1) & 0x7FFF_FFFF).to_be_bytes().to_vec()
}

async fn fill(db: &Db) -> Result<LibraryId, Problem> {
    let begun = Instant::now();
    let mut tx = db.begin().await?;
    let rules = LibraryRules::parse(LIBRARIES[0])?;
    let library = libraries::save_rules(&mut tx, &rules, LIBRARIES[0], NOW).await?;
    let patron = patron(&mut tx, library.id).await?;
    for number in 0..LINKS {
        let link = CertificateLink {
            id: CertificateLinkId::new(NOW + time::Duration::milliseconds(i64::from(number))),
            library_id: library.id,
            patron_id: patron.id,
            application_id: patron.application_id.expect("made by an application"),
            signer_token: [0; 32],
            serial: serial(2 * number),
            linked_at: NOW,
        };
        certificate_links::insert(&mut tx, &link).await?;
    }
    tx.commit().await?;
    println!("{LINKS} links written in {:.1?}", begun.elapsed());
    Ok(library.id)
}

async fn patron(tx: &mut Tx, library_id: LibraryId) -> Result<Patron, Problem> {
    let week = time::Duration::days(7);
    let application = Application::start(library_id, Reference::from_random(1), Procedure::NewCard, 1, week, NOW);
    applications::insert(tx, &application).await?;
    let typed =
        TypedAddress {
            postcode: "670-0012", prefecture: "28", municipality: "姫路市", line1: "本町68番地", line2: ""
        };
    let address = PostalAddress::parse(typed).map_err(|_| "an address")?;
    let patron = Patron {
        id: PatronId::new(NOW),
        library_id,
        application_id: Some(application.id),
        child_number: 0,
        facts: PatronFacts {
            name: "姫路 花子".parse()?,
            kana: "ヒメジ ハナコ".parse()?,
            birth: "1985-04-27".parse()?,
            address: Some(address),
            phone: None,
            email: Some("hanako@example.jp".parse()?),
            category: None,
            branch: None,
        },
        language: Language::Ja,
        registered_at: NOW,
        row_version: 0,
    };
    patrons::insert(tx, &patron).await?;
    Ok(patron)
}

fn load(revocation: &Revocation) -> Result<(), Problem> {
    let linked = (0..LINKS).step_by(REVOKED_EVERY as usize).map(|number| 2 * number);
    let strangers = (0..ENTRIES - LINKS / REVOKED_EVERY).map(|number| 2 * number + 1);
    let entry = |number| Entry { serial: serial(number), at: NOW, reason: RevocationReason::AffiliationChanged };
    let revoked: Vec<Entry> = linked.chain(strangers).map(entry).collect();
    let authority = TestAuthority::generate(NOW)?;
    let list = authority.crl(&CrlOrder {
        municipality: &Municipality::default(),
        revoked: &revoked,
        this_update: NOW,
        next_update: NOW + time::Duration::DAY,
        number: 1,
        fault: CrlFault::None,
    })?;
    let trust = Trust::signing(vec![Anchor::from_der(authority.anchor_der())?], Policies::demo());
    let begun = Instant::now();
    revocation.add(&list, &trust, NOW)?;
    println!("list of {ENTRIES} entries, {} MB: in force after {:.2?}", list.len() / 1_000_000, begun.elapsed());
    Ok(())
}
