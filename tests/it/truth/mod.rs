//! What must be true whoever does what, in whatever order, and whenever the process dies.
//!
//! - `model`, `actions`: the table of transitions a second time, to be compared with; a new transition is one line
//! - `sequences`: random lives, one step after the other and several at once
//! - `crowd`: two hundred people at once
//! - `refused`: what the database itself refuses
//! - `death`: the process dies between any two statements; `killed`: it is killed in earnest
//! - `mails`: the process dies while mails are handed over, come back, or are followed
//! - `outside`: the library system confirms what was approved

mod actions;
mod chance;
mod crowd;
mod death;
mod invariants;
mod killed;
mod mails;
mod model;
mod outside;
mod refused;
mod sequences;
mod world;
