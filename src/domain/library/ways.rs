//! By which way people of a category and an age come to a card.

use super::{Category, GuardianPart, LibraryRules};

/// A way to apply for a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Online, alone.
    Online,
    /// Online, and a guardian signs as well.
    OnlineWithGuardian,
    /// A guardian applies online.
    GuardianOnline,
    /// At the counter.
    Counter,
    /// Not in this category.
    None,
}

/// Ages with one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeBand {
    /// The lowest age, in full years.
    pub from: u32,
    /// The highest; `None`: no end.
    pub to: Option<u32>,
    /// The way.
    pub way: Way,
}

/// The ways of those who are too young to apply alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaysOfTheYoung {
    /// Below this age a guardian applies online.
    pub guardian_below: Option<u32>,
    /// From the one age to the other, both included, the only way is the counter.
    pub counter: Option<(u32, u32)>,
}

impl LibraryRules {
    /// The ways of those who are too young to apply alone, as far as they are the same in every category.
    #[must_use]
    pub fn ways_of_the_young(&self) -> WaysOfTheYoung {
        let guardian_below = self.guardians_apply().then_some(self.guardian.signs_below_age);
        let from = guardian_below.unwrap_or(0);
        let counter = (from < self.minimum_age).then(|| (from, self.minimum_age - 1));
        WaysOfTheYoung { guardian_below, counter }
    }

    /// The way by which people of this age apply for a card of this category.
    #[must_use]
    pub fn way_at(&self, category: &Category, age: u32) -> Way {
        if age < category.lowest_age || category.maximum_age.is_some_and(|maximum| age > maximum) {
            return Way::None;
        }
        if !category.online {
            return Way::Counter;
        }
        match self.guardian_part(age) {
            GuardianPart::Signs => Way::GuardianOnline,
            _ if age < self.minimum_age_in(category) => Way::Counter,
            GuardianPart::CoSigns => Way::OnlineWithGuardian,
            GuardianPart::None => Way::Online,
        }
    }

    /// All ages, from 0 on, in bands of one way each.
    #[must_use]
    pub fn age_bands(&self, category: &Category) -> Vec<AgeBand> {
        let mut starts = vec![
            0,
            category.lowest_age,
            self.minimum_age_in(category),
            self.guardian.signs_below_age,
            self.guardian.cosigns_below_age,
        ];
        starts.extend(category.maximum_age.map(|maximum| maximum.saturating_add(1)));
        starts.sort_unstable();
        starts.dedup();
        let mut bands: Vec<AgeBand> = Vec::new();
        for from in starts {
            let way = self.way_at(category, from);
            match bands.last_mut() {
                Some(last) if last.way == way => continue,
                Some(last) => last.to = Some(from - 1),
                None => {}
            }
            bands.push(AgeBand { from, to: None, way });
        }
        bands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(text: &str, category: &str) -> Vec<(u32, Option<u32>, Way)> {
        let rules = LibraryRules::parse(text).unwrap();
        let category = rules.category(&category.parse().unwrap()).unwrap();
        rules.age_bands(category).iter().map(|band| (band.from, band.to, band.way)).collect()
    }

    #[test]
    fn the_young_have_a_guardian_or_the_counter() {
        let young = |text: &str| LibraryRules::parse(text).unwrap().ways_of_the_young();
        let himeji = include_str!("../../../deploy/libraries/himeji.toml");
        let shiomi = include_str!("../../../deploy/libraries/shiomi.toml");
        assert_eq!(young(himeji), WaysOfTheYoung { guardian_below: Some(15), counter: None });
        assert_eq!(young(shiomi), WaysOfTheYoung { guardian_below: Some(12), counter: None });
        let alone = himeji.replace("signs_below_age = 15", "signs_below_age = 0");
        assert_eq!(young(&alone), WaysOfTheYoung { guardian_below: None, counter: Some((0, 14)) });
        let between = himeji.replace("signs_below_age = 15", "signs_below_age = 12");
        assert_eq!(young(&between), WaysOfTheYoung { guardian_below: Some(12), counter: Some((12, 14)) });
    }

    #[test]
    fn every_age_has_its_way() {
        let himeji = include_str!("../../../deploy/libraries/himeji.toml");
        let shiomi = include_str!("../../../deploy/libraries/shiomi.toml");
        assert_eq!(bands(himeji, "resident"), [(0, Some(14), Way::GuardianOnline), (15, None, Way::Online)]);
        assert_eq!(
            bands(shiomi, "townspeople"),
            [(0, Some(11), Way::GuardianOnline), (12, Some(17), Way::OnlineWithGuardian), (18, None, Way::Online)]
        );
        assert_eq!(
            bands(shiomi, "school"),
            [
                (0, Some(5), Way::None),
                (6, Some(11), Way::GuardianOnline),
                (12, Some(17), Way::OnlineWithGuardian),
                (18, Some(22), Way::Online),
                (23, None, Way::None),
            ]
        );
        assert_eq!(
            bands(shiomi, "work"),
            [
                (0, Some(11), Way::GuardianOnline),
                (12, Some(14), Way::Counter),
                (15, Some(17), Way::OnlineWithGuardian),
                (18, None, Way::Online),
            ]
        );
        assert_eq!(bands(shiomi, "visitor"), [(0, Some(15), Way::None), (16, None, Way::Counter)]);
        let alone = himeji.replace("signs_below_age = 15", "signs_below_age = 0");
        assert_eq!(bands(&alone, "resident"), [(0, Some(14), Way::Counter), (15, None, Way::Online)]);
    }
}
