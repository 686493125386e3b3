//! Stories through the browser's door, and the store's contract, on both engines.

#[cfg(test)]
mod apply;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
