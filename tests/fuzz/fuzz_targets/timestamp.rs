#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{NOW, TIMESTAMPING, jpki};

fuzz_target!(|bytes: &[u8]| {
    let _ = jpki::verify_timestamp(bytes, &[0; 32], None, &TIMESTAMPING, NOW);
});
