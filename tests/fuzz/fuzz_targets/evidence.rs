#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::{NOW, SIGNING, TIMESTAMPING, evidence};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(archive) = evidence::Archive::from_zip(bytes) {
        let _ = evidence::verify_evidence(&archive, &SIGNING, &TIMESTAMPING);
    }
});
