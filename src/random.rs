//! Random bytes from the operating system's generator, in one place.

use aws_lc_rs::rand;

/// Fresh random bytes.
///
/// # Panics
/// If the operating system has none to give: nothing could be kept secret then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Fills a place that its owner wipes with fresh random bytes.
///
/// # Panics
/// As [`bytes`].
pub fn fill(place: &mut [u8]) {
    rand::fill(place).expect("the operating system gives random bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_are_the_same() {
        assert_ne!(bytes::<32>(), bytes::<32>());
        let mut place = [0; 32];
        fill(&mut place);
        assert_ne!(place, [0; 32]);
    }
}
