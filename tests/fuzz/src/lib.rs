//! The engine as the targets see it, and what all of them share.

#[path = "../../../src/jpki/mod.rs"]
pub mod jpki;

#[path = "../../../src/evidence/mod.rs"]
pub mod evidence;

#[path = "../../../src/sha256.rs"]
pub mod sha256;

#[path = "../../../src/demo"]
pub mod demo {
    pub mod authority;
}

pub mod entry;
mod memory;

use std::sync::Once;

/// Runs a target and sees that it takes no more than its share of memory.
pub fn run(target: fn(&[u8]), bytes: &[u8]) {
    static READY: Once = Once::new();
    // What is made once and stays is nobody's share.
    READY.call_once(|| target(&[0]));
    memory::within(4 * entry::reach(target, bytes) + memory::CONSTANT, || target(bytes));
}
