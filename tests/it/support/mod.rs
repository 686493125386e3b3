//! What stories stand on: a database of their own, a portal of their own, a browser.

pub(crate) mod database;
