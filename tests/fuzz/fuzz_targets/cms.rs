#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{NO_LISTS, NOW, SIGNING, jpki};

fuzz_target!(|bytes: &[u8]| {
    let _ = jpki::verify_cms(bytes, None, &SIGNING, &NO_LISTS, NOW);
    let _ = jpki::verify_cms(bytes, Some(b"a document"), &SIGNING, &NO_LISTS, NOW);
});
