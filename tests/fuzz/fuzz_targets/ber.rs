#![no_main]

use libfuzzer_sys::fuzz_target;
use todoke_fuzz::jpki;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(der) = jpki::to_der(bytes) {
        assert!(der.len() <= bytes.len() * 4);
        assert_eq!(jpki::to_der(&der).as_deref(), Ok(der.as_slice()), "DER comes back unchanged");
    }
});
