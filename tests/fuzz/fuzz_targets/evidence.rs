#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{entry, run};

fuzz_target!(|bytes: &[u8]| run(entry::evidence, bytes));
