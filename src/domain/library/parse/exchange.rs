//! Checking the part `[exchange]`.

use super::{RuleFault, Step};
use crate::domain::exchange::{FaultPlace, first_fault};
use crate::domain::library::LibraryRules;

impl LibraryRules {
    pub(super) fn fault_of_exchange(&self) -> Option<(Vec<Step>, RuleFault)> {
        let (FaultPlace { profile, column, key }, fault) = first_fault(&self.exchange, &self.known_codes())?;
        let mut path = vec![Step::Field("exchange"), Step::Field("profiles"), Step::Entry(profile)];
        path.extend(column.into_iter().flat_map(|column| [Step::Field("columns"), Step::Entry(column)]));
        path.push(Step::Field(key));
        Some((path, fault.into()))
    }
}
