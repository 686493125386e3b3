#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{CARD, NOW, SIGNING, jpki};

fuzz_target!(|bytes: &[u8]| {
    let _ = jpki::verify_ocsp(bytes, CARD, None, &SIGNING, NOW);
});
