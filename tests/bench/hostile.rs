//! Bad input to every parser: each case in a process of its own, its time and the memory that it takes
//! beside its input, against the limits: one second of a processor, and four times the input.
//!
//! `cargo bench --bench hostile [-- NAME]`. Ends with an error if a limit is broken.

#[path = "hostile/certificates.rs"]
mod certificates;
#[path = "hostile/files.rs"]
mod files;
#[path = "hostile/messages.rs"]
mod messages;

use std::process::{Command, ExitCode};
use std::time::Duration;

const MOST_TIME: Duration = Duration::from_secs(1);
const MOST_TIMES_INPUT: u64 = 4;
/// What any parser may use besides: a small input must not fail for the pages of the program.
const FREE: u64 = 4 * 1024 * 1024;

type Problem = Box<dyn std::error::Error>;

/// Bad input, and what reads it and says what it found.
struct Case {
    octets: usize,
    run: Box<dyn FnOnce() -> String>,
}

impl Case {
    fn new(input: Vec<u8>, run: impl Fn(&[u8]) -> String + 'static) -> Self {
        Self { octets: input.len(), run: Box::new(move || run(&input)) }
    }
}

/// The name of a case and what makes its input.
type Entry = (&'static str, fn() -> Case);

fn main() -> Result<ExitCode, Problem> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let cases = [files::CASES, messages::CASES, certificates::CASES].concat();
    if let [flag, name] = arguments.as_slice()
        && flag == "--case"
    {
        let (_, make) = cases.iter().find(|(known, _)| known == name).ok_or("no such case")?;
        return measure(name, make());
    }
    let wanted = arguments.first().map_or("", String::as_str);
    println!("{:<28} {:>9} {:>9} {:>10}  what was found", "case", "input", "time", "memory");
    let mut all_within = true;
    for (name, _) in cases.iter().filter(|(name, _)| name.contains(wanted)) {
        let status = Command::new(std::env::current_exe()?).args(["--case", name]).status()?;
        all_within &= status.success();
    }
    println!("limits: {MOST_TIME:?}, {MOST_TIMES_INPUT} times the input and {} MB", FREE / 1_000_000);
    Ok(if all_within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(name: &str, case: Case) -> Result<ExitCode, Problem> {
    // From here on the highest mark counts.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = status("VmRSS:")?;
    let start = processor_time()?;
    let found = (case.run)();
    let time = processor_time()?.saturating_sub(start);
    let memory = status("VmHWM:")?.saturating_sub(before);
    let octets = u64::try_from(case.octets)?;
    let within = time <= MOST_TIME && memory <= MOST_TIMES_INPUT * octets + FREE;
    println!(
        "{name:<28} {:>6} kB {:>6} ms {:>7} kB  {found}{}",
        octets / 1000,
        time.as_millis(),
        memory / 1000,
        if within { "" } else { "  TOO MUCH" }
    );
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What this thread has used of a processor, whatever else the machine does.
fn processor_time() -> Result<Duration, Problem> {
    // Giving the processor away brings the figure up to date.
    std::thread::yield_now();
    let figures = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(figures.split(' ').next().ok_or("no such figure")?.parse()?))
}

/// A figure of this process, in octets.
fn status(figure: &str) -> Result<u64, Problem> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).ok_or("no such figure")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024)
}
