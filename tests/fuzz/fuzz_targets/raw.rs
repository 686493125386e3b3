#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{CARD, NO_LISTS, NOW, SIGNING, jpki};

fuzz_target!(|bytes: &[u8]| {
    let (signature, content) = bytes.split_at(bytes.len().min(256));
    let _ = jpki::verify_raw(signature, content, CARD, &SIGNING, &NO_LISTS, NOW);
});
