#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{SIGNING, jpki};

fuzz_target!(|bytes: &[u8]| {
    let _ = jpki::Crl::parse(bytes, &SIGNING);
});
