//! Verifications per second of the whole pipeline, beside OpenSSL's `CMS_verify` in the same run.
//!
//! Ours checks the message over 20 kB, profile, path and a revocation list of 100,000 entries;
//! OpenSSL checks message and path for any purpose, without a list. The rounds alternate, so that
//! both see the same machine, and the median of the rounds counts. Ends with an error if ours is not
//! at least three and a half times as fast, or if the certificate alone (profile, path, validity and
//! revocation) takes longer than forty microseconds in the fastest round.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParam;
use time::OffsetDateTime;
use time::macros::datetime;
use todoke::demo::authority::{
    CardHolder, CrlFault, CrlOrder, Fault, Municipality, Revocation, TestAuthority, TestCard,
};
use todoke::jpki::{
    Anchor, Crl, CrlSet, Policies, RevocationReason, RevocationStatus, SignedAttributes, Trust, verify_certificate,
    verify_cms,
};

const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const ENTRIES: u32 = 100_000;
const ROUNDS: u32 = 21;
const PER_ROUND: u32 = 250;
const LEAST_RATIO: f64 = 3.5;
const MOST_PATH: Duration = Duration::from_micros(40);

type Problem = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Problem> {
    let authority = TestAuthority::generate(NOW)?;
    let holder = CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１");
    let card = authority.issue(&holder, Fault::None, authority.key(), NOW)?;
    let document = vec![0x5A; 20_000];
    let message = sign(&card, &document)?;

    let list = list(&authority)?;
    let trust = Trust::signing(vec![Anchor::from_der(authority.anchor_der())?], Policies::demo());
    let loading = Instant::now();
    let mut lists = CrlSet::new();
    lists.insert(Crl::parse(&list, &trust)?);
    println!("list of {ENTRIES} entries, {} kB: loaded in {:.1?}", list.len() / 1000, loading.elapsed());

    let ours = || -> Result<(), Problem> {
        let verdict = verify_cms(&message, Some(&document), &trust, &lists, NOW);
        match (verdict.reason(), &verdict.revocation) {
            (None, RevocationStatus::Good { .. }) => Ok(()),
            (reason, revocation) => Err(format!("{reason:?}, {revocation:?}").into()),
        }
    };
    let store = store(authority.anchor_der())?;
    let theirs = || -> Result<(), Problem> {
        let mut parsed = CmsContentInfo::from_der(&message)?;
        parsed.verify(None, Some(&store), Some(&document), None, CMSOptions::BINARY)?;
        Ok(())
    };
    let certificate = || -> Result<(), Problem> {
        let verdict = verify_certificate(card.certificate_der(), &trust, &lists, NOW);
        if verdict.is_valid() { Ok(()) } else { Err(format!("{:?}", verdict.reason()).into()) }
    };
    let (mut our_times, mut their_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut path = Duration::MAX;
    for _ in 0..ROUNDS {
        let (our_time, their_time) = (timed(ours)?, timed(theirs)?);
        ratios.push(their_time.as_secs_f64() / our_time.as_secs_f64());
        our_times.push(our_time.as_secs_f64());
        their_times.push(their_time.as_secs_f64());
        path = path.min(timed(certificate)? / PER_ROUND);
    }
    let ratio = median(ratios);
    println!("todoke  {:>8.0} verifications/s  message, profile, path, revocation", per_second(our_times));
    println!("openssl {:>8.0} verifications/s  message, path", per_second(their_times));
    println!("ratio   {ratio:>8.2}  (at least {LEAST_RATIO:.1} wanted)");
    println!("path    {path:>8.1?}  (at most {MOST_PATH:.0?} wanted)");
    Ok(if ratio >= LEAST_RATIO && path <= MOST_PATH { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sign(card: &TestCard, document: &[u8]) -> Result<Vec<u8>, Problem> {
    let digest = openssl::sha::sha256(document);
    let attributes = SignedAttributes::new(digest, NOW);
    Ok(attributes.to_cms(&card.sign(&attributes.digest_info())?, card.certificate_der())?)
}

fn list(authority: &TestAuthority) -> Result<Vec<u8>, Problem> {
    let at = NOW - time::Duration::days(9);
    let revoked: Vec<Revocation> = (1..=ENTRIES)
        .map(|serial| Revocation {
            serial: serial.wrapping_mul(0x9E37_79B1).to_be_bytes()[1..].to_vec(),
            at,
            reason: RevocationReason::AffiliationChanged,
        })
        .collect();
    Ok(authority.crl(&CrlOrder {
        municipality: &Municipality::default(),
        revoked: &revoked,
        this_update: NOW - time::Duration::hours(1),
        next_update: NOW + time::Duration::days(1),
        number: 1,
        fault: CrlFault::None,
    })?)
}

fn store(anchor: &[u8]) -> Result<X509Store, Problem> {
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(NOW.unix_timestamp());
    parameters.set_purpose(openssl::x509::X509PurposeId::ANY)?;
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(X509::from_der(anchor)?)?;
    store.set_param(&parameters)?;
    Ok(store.build())
}

fn timed(verify: impl Fn() -> Result<(), Problem>) -> Result<Duration, Problem> {
    let start = Instant::now();
    for _ in 0..PER_ROUND {
        verify()?;
    }
    Ok(start.elapsed())
}

fn per_second(rounds: Vec<f64>) -> f64 {
    f64::from(PER_ROUND) / median(rounds)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
