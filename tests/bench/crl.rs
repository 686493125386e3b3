//! A revocation list of 2,000,000 certificates: how long it takes to load, with its signature, how
//! much memory stays in use, and how long one certificate takes to look up; beside OpenSSL in the
//! same run. Ends with an error if a limit is broken.
//!
//! The list is made by a process of its own, so that the memory counted is that of loading alone.

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use openssl::asn1::Asn1Integer;
use openssl::bn::BigNum;
use openssl::x509::X509Crl;
use time::OffsetDateTime;
use time::macros::datetime;
use todoke::demo::authority::{CrlFault, CrlOrder, Municipality, Revocation, TestAuthority};
use todoke::jpki::{Anchor, Crl, Policies, RevocationReason, Trust};

const NOW: OffsetDateTime = datetime!(2026-06-01 03:00 UTC);
const ENTRIES: u32 = 2_000_000;
const LOOKUPS: u32 = 200_000;
const MOST_LOADING: Duration = Duration::from_millis(500);
const MOST_MEGABYTES: f64 = 60.0;
const MOST_LOOKUP: Duration = Duration::from_micros(3);

type Problem = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Problem> {
    let mut arguments = std::env::args().skip(1);
    if let (Some("--make"), Some(folder)) = (arguments.next().as_deref(), arguments.next()) {
        make(Path::new(&folder))?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = std::env::temp_dir().join(format!("todoke-crl-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &Path) -> Result<ExitCode, Problem> {
    let made = Command::new(std::env::current_exe()?).arg("--make").arg(folder).status()?;
    if !made.success() {
        return Err("the list could not be made".into());
    }
    let list = folder.join("list.crl");
    let anchor = Anchor::from_der(&std::fs::read(folder.join("anchor.der"))?)?;
    let trust = Trust::signing(vec![anchor], Policies::demo());
    let file_megabytes = megabytes(std::fs::metadata(&list)?.len());
    println!("list of {ENTRIES} certificates, {file_megabytes:.0} MB");

    let before = resident()?;
    let start = Instant::now();
    let ours = Crl::read_from(File::open(&list)?, &trust)?;
    let streamed = start.elapsed();
    let memory = megabytes(resident()?.saturating_sub(before));
    if ours.len() != usize::try_from(ENTRIES)? {
        return Err("certificates are missing from the index".into());
    }
    let ours_lookup = timed(|serial| ours.lookup(&serial.to_be_bytes()).is_some())?;

    let bytes = std::fs::read(&list)?;
    let start = Instant::now();
    Crl::parse(&bytes, &trust)?;
    let parsed = start.elapsed();

    let before = resident()?;
    let start = Instant::now();
    let theirs = X509Crl::from_der(&bytes)?;
    let key = openssl::x509::X509::from_der(&std::fs::read(folder.join("anchor.der"))?)?.public_key()?;
    if !theirs.verify(&key)? {
        return Err("OpenSSL does not believe the list".into());
    }
    // The first question sorts the list.
    let known = |serial: u32| -> Result<bool, openssl::error::ErrorStack> {
        let serial = Asn1Integer::from_bn(&*BigNum::from_u32(serial)?)?;
        Ok(!matches!(theirs.get_by_serial(&serial), openssl::x509::CrlStatus::NotRevoked))
    };
    known(serial(0))?;
    let their_loading = start.elapsed();
    let their_memory = megabytes(resident()?.saturating_sub(before));
    let their_lookup = timed(|serial| known(serial).unwrap_or(false))?;

    let within = [
        limit("load from file", streamed <= MOST_LOADING, &format!("{streamed:.0?} (at most {MOST_LOADING:.0?})")),
        limit("load from memory", parsed <= MOST_LOADING, &format!("{parsed:.0?} (at most {MOST_LOADING:.0?})")),
        limit("memory in use", memory <= MOST_MEGABYTES, &format!("{memory:.0} MB (at most {MOST_MEGABYTES:.0} MB)")),
        limit("lookup", ours_lookup <= MOST_LOOKUP, &format!("{ours_lookup:.0?} (at most {MOST_LOOKUP:.0?})")),
    ];
    println!("openssl          {their_loading:.0?} to load, {their_memory:.0} MB, {their_lookup:.0?} a lookup");
    println!(
        "ratio            {:.1} to load, {:.1} in memory, {:.1} a lookup",
        their_loading.as_secs_f64() / streamed.as_secs_f64(),
        their_memory / memory,
        their_lookup.as_secs_f64() / ours_lookup.as_secs_f64(),
    );
    Ok(if within.iter().all(|within| *within) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn limit(name: &str, within: bool, figure: &str) -> bool {
    println!("{name:<16} {figure}{}", if within { "" } else { "  TOO MUCH" });
    within
}

/// The serial number of an entry: four octets as JPKI's, all different and in no order.
const fn serial(position: u32) -> u32 {
    0x4000_0000 | position.wrapping_mul(0x9E37_79B1) & 0x3FFF_FFFF
}

fn make(folder: &Path) -> Result<(), Problem> {
    let authority = TestAuthority::generate(NOW)?;
    let revoked: Vec<Revocation> = (0..ENTRIES)
        .map(|position| Revocation {
            serial: serial(position).to_be_bytes().to_vec(),
            at: NOW - time::Duration::minutes(i64::from(position / 16)),
            reason: RevocationReason::AffiliationChanged,
        })
        .collect();
    let list = authority.crl(&CrlOrder {
        municipality: &Municipality::default(),
        revoked: &revoked,
        this_update: NOW - time::Duration::hours(1),
        next_update: NOW + time::Duration::days(1),
        number: 1,
        fault: CrlFault::None,
    })?;
    std::fs::write(folder.join("list.crl"), list)?;
    std::fs::write(folder.join("anchor.der"), authority.anchor_der())?;
    Ok(())
}

/// The time of one lookup, half of them for certificates that are not on the list.
fn timed(is_revoked: impl Fn(u32) -> bool) -> Result<Duration, Problem> {
    let mut found = 0;
    let start = Instant::now();
    for round in 0..LOOKUPS {
        // Beyond the last entry the serial numbers are those of nobody.
        let position = round.wrapping_mul(0x85EB_CA6B) % (2 * ENTRIES);
        found += u32::from(is_revoked(serial(position)));
    }
    let elapsed = start.elapsed();
    let plausible = LOOKUPS / 3..LOOKUPS * 2 / 3;
    if plausible.contains(&found) { Ok(elapsed / LOOKUPS) } else { Err(format!("{found} found").into()) }
}

/// The memory in use, in octets.
fn resident() -> Result<u64, Problem> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split(' ').nth(1).ok_or("no memory figure")?.parse()?;
    Ok(pages * 4096)
}

fn megabytes(octets: u64) -> f64 {
    f64::from(u32::try_from(octets / 1000).unwrap_or(u32::MAX)) / 1000.0
}
