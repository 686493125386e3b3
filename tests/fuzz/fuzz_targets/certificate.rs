#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{NO_LISTS, NOW, SIGNING, jpki};

fuzz_target!(|bytes: &[u8]| {
    let _ = jpki::verify_certificate(bytes, &SIGNING, &NO_LISTS, NOW);
    let _ = jpki::Anchor::from_der(bytes);
});
