#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{NO_LISTS, NOW, SIGNING, jpki};

fuzz_target!(|bytes: &[u8]| {
    let _ = jpki::verify_pdf(bytes, None, &SIGNING, &NO_LISTS, NOW);
    // A signed file begins with the original: any half of the bytes will do for one.
    let _ = jpki::verify_pdf(bytes, bytes.get(..bytes.len() / 2), &SIGNING, &NO_LISTS, NOW);
});
