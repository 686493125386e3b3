//! A thousand notices, set and sealed as the portal does it: how long each takes, and whether the memory stays flat.
//!
//! Ends with an error if one takes 30 ms or longer in the mean or the median once the typesetter is warm, if the process ever
//! takes 120 MB, or if the second half of the thousand takes more than the first.

#![expect(clippy::unwrap_used, reason = "it stands on made-up notices, where nothing is handled")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::macros::{date, datetime};
use todoke::demo::seal_authority::SealAuthority;
use todoke::document::{Edition, Typesetter, WayToVerify};
use todoke::domain::notice::{IssuedNotice, NoticeContent};
use todoke::domain::reference::Reference;
use todoke::gateway::seal::Seal;
use tokio::task::{JoinSet, spawn_blocking};

const NOW: OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
const NOTICES: u32 = 1000;
/// Until here the typesetter warms up.
const WARM: u32 = 100;
/// Each notice, at most.
const LIMIT: Duration = Duration::from_millis(30);
/// The whole process, at most, in MB.
const MOST: f64 = 120.0;
/// How much more it may take in the second half than in the first, in MB: an allocator never gives back everything.
const GROWTH: f64 = 5.0;
/// Family and given names that differ in every part, so that no line of one notice is a line of the next.
const FAMILIES: [&str; 10] = ["姫路", "髙橋", "飾磨", "網干", "広畑", "的形", "白浜", "書写", "余部", "大塩"];
const GIVENS: [&str; 10] = ["花子", "太郎", "翔", "美咲", "一", "さくら", "健一郎", "葵", "ひかり", "渉"];

#[tokio::main]
async fn main() -> ExitCode {
    let typesetter = Arc::new(Typesetter::new(Vec::new()).unwrap());
    let authority = SealAuthority::generate(NOW).unwrap();
    let seal = Arc::new(authority.seal_for("himeji", "姫路市立図書館", NOW).unwrap());

    let cold = Instant::now();
    let pages = made(&typesetter, &seal, 0).await;
    println!("the first notice: {:.1?}, {} kB", cold.elapsed(), pages.len() / 1000);
    for number in 1..WARM {
        made(&typesetter, &seal, number).await;
    }
    let (mut took, mut memories) = (Vec::new(), vec![memory("VmRSS")]);
    let worked = processor_time();
    for number in WARM..NOTICES {
        let begun = Instant::now();
        made(&typesetter, &seal, number).await;
        took.push(begun.elapsed());
        if (number + 1) % WARM == 0 {
            memories.push(memory("VmRSS"));
        }
    }
    let worked = processor_time().saturating_sub(worked) / (NOTICES - WARM);
    let is_quick = is_quick(&mut took);
    println!("of which {worked:.1?} of a processor each");

    // As many at once as the portal lets.
    let at_once = u32::try_from(std::thread::available_parallelism().unwrap().get()).unwrap();
    let mut crowd = JoinSet::new();
    for share in 0..at_once {
        let (typesetter, seal) = (Arc::clone(&typesetter), Arc::clone(&seal));
        crowd.spawn(async move {
            for number in (NOTICES + share..2 * NOTICES).step_by(at_once as usize) {
                made(&typesetter, &seal, number).await;
            }
        });
    }
    let begun = Instant::now();
    crowd.join_all().await;
    let rate = f64::from(NOTICES) / begun.elapsed().as_secs_f64();
    println!("{at_once} at once: {rate:.0} notices/s");
    let (end, peak) = (memory("VmRSS"), memory("VmHWM"));
    let line: Vec<String> = memories.iter().map(|each| format!("{each:.1}")).collect();
    println!("memory after each {WARM}: {} MB; {end:.1} MB after {NOTICES} more", line.join(", "));
    let growth = memories[memories.len() - 1] - memories[memories.len() / 2];
    println!(
        "at the most {peak:.1} MB (limit {MOST:.0}), growth of the second half {growth:.1} MB (limit {GROWTH:.0})"
    );
    if is_quick && peak < MOST && growth < GROWTH { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One notice, set and sealed.
async fn made(typesetter: &Arc<Typesetter>, seal: &Seal, number: u32) -> Vec<u8> {
    let typesetter = Arc::clone(typesetter);
    let pdf = spawn_blocking(move || typesetter.notice_as(&notice(number), &edition(number)).unwrap()).await.unwrap();
    seal.put_on(&pdf, &edition(number).seal_label(), None, NOW).await.unwrap().pdf
}

fn notice(number: u32) -> NoticeContent {
    let name = format!("{} {}", FAMILIES[number as usize % 10], GIVENS[number as usize / 10 % 10]);
    let card = format!("3{number:06}");
    NoticeContent::Issued(IssuedNotice {
        document_number: format!("2026-{number:06}"),
        issued_on: date!(2026 - 11 - 20),
        library_name: "姫路市立図書館".into(),
        issuer: "姫路市立城内図書館長".into(),
        contact: "電話 079-289-4888\n火曜日から日曜日 10時から18時まで".into(),
        reference: Reference::from_random(u64::from(number) * 7919),
        name: name.parse().unwrap(),
        category: "一般（市内に住んでいる人）".into(),
        card_number: card.parse().unwrap(),
        card_number_grouped: format!("{} {}", &card[..4], &card[4..]),
        barcode: format!("A{card}A"),
        expires_on: date!(2029 - 11 - 20),
        ends_with: None,
        loan_limit: 12,
        portal_url: "https://card.example.jp/himeji/ja/my".to_owned(),
        password_at_counter: false,
        password_way: None,
        library_words: None,
    })
}

fn edition(number: u32) -> Edition {
    let page = "https://card.example.jp/himeji/ja/verify".to_owned();
    let code = format!("KX7M-2Q9T-{number:04}-WPHB");
    let address = format!("{page}/{}", code.replace('-', ""));
    Edition { verification: Some(WayToVerify { code, address, page }), is_sealed: true, ..Edition::default() }
}

/// Prints how long they took.
fn is_quick(took: &mut [Duration]) -> bool {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    let mean = took.iter().sum::<Duration>() / u32::try_from(took.len()).unwrap();
    let (median, late) = (at(50), at(99));
    println!("one after another: p50 {median:.1?}, p99 {late:.1?}, mean {mean:.1?}, limit {LIMIT:?}");
    median < LIMIT && mean < LIMIT
}

/// What the kernel says of this process, in MB.
fn memory(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// What the process has used of processors, which says more than the clock where others work, too.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    // The kernel counts in hundredths of a second.
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * ticks)
}
