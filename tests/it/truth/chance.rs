//! Chance that can be had again: a seed is printed when something fails.

/// Numbers from a seed (splitmix64, Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    pub(super) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap())).unwrap()
    }
}

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    let text = std::env::var_os(name)?.into_string().expect("a number");
    Some(text.parse().expect("a number"))
}

/// How many stories are told: `usual`, or as many as `TODOKE_TRUTH` asks for.
pub(super) fn how_many(usual: u64) -> u64 {
    number("TODOKE_TRUTH").unwrap_or(usual)
}

/// Where the stories begin: `TODOKE_TRUTH_SEED`, or another place each time.
pub(super) fn first_seed() -> u64 {
    number("TODOKE_TRUTH_SEED").unwrap_or_else(|| {
        let random: [u8; 8] = uuid::Uuid::new_v4().as_bytes()[8..].try_into().unwrap();
        u64::from_be_bytes(random) >> 24
    })
}
