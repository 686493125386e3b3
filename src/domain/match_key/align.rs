//! Laying two rows of signs side by side, so that one missing sign does not make all that follow differ.

use super::sign::Sign;
use super::{Difference, Likeness};

/// What it costs to lay signs side by side, or to leave one without a partner.
const WRITTEN_DIFFERENTLY: usize = 1;
const UNPAIRED: usize = 3;
const DIFFERENT: usize = 5;

/// The differences between two rows, in order; neighbours that differ for good are one difference.
pub(super) fn differences(declared: &[Sign], certificate: &[Sign]) -> Vec<Difference> {
    let width = certificate.len() + 1;
    let costs = costs(declared, certificate);
    let (mut row, mut column) = (0, 0);
    let mut found = Vec::new();
    while row < declared.len() || column < certificate.len() {
        let cost = costs[row * width + column];
        let pair = declared.get(row).zip(certificate.get(column));
        if let Some((mine, theirs)) =
            pair.filter(|(mine, theirs)| cost == pair_cost(mine, theirs) + costs[(row + 1) * width + column + 1])
        {
            push(&mut found, &mine.shown(), &theirs.shown(), mine.likeness(theirs));
            row += 1;
            column += 1;
        } else if row < declared.len() && cost == UNPAIRED + costs[(row + 1) * width + column] {
            push(&mut found, &declared[row].shown(), "", Likeness::Different);
            row += 1;
        } else {
            push(&mut found, "", &certificate[column].shown(), Likeness::Different);
            column += 1;
        }
    }
    found.retain(|difference| difference.likeness != Likeness::Same);
    found
}

/// The least cost of laying out what is left from each place on (Wagner and Fischer, from the end).
fn costs(declared: &[Sign], certificate: &[Sign]) -> Vec<usize> {
    let (rows, width) = (declared.len(), certificate.len() + 1);
    let mut costs = vec![0; (rows + 1) * width];
    for row in (0..=rows).rev() {
        for column in (0..width).rev() {
            let at = |row: usize, column: usize| costs[row * width + column];
            let cost = match (declared.get(row), certificate.get(column)) {
                (None, _) => (width - 1 - column) * UNPAIRED,
                (_, None) => (rows - row) * UNPAIRED,
                (Some(mine), Some(theirs)) => (pair_cost(mine, theirs) + at(row + 1, column + 1))
                    .min(UNPAIRED + at(row + 1, column))
                    .min(UNPAIRED + at(row, column + 1)),
            };
            costs[row * width + column] = cost;
        }
    }
    costs
}

fn pair_cost(mine: &Sign, theirs: &Sign) -> usize {
    match mine.likeness(theirs) {
        Likeness::Same => 0,
        Likeness::WrittenDifferently => WRITTEN_DIFFERENTLY,
        Likeness::Different | Likeness::NotKnown => DIFFERENT,
    }
}

/// Adds a place; equal places are added too, so that they part the differences around them.
fn push(found: &mut Vec<Difference>, declared: &str, certificate: &str, likeness: Likeness) {
    match found.last_mut() {
        Some(last) if last.likeness == Likeness::Different && likeness == Likeness::Different => {
            last.declared.push_str(declared);
            last.certificate.push_str(certificate);
        }
        _ => found.push(Difference { declared: declared.to_owned(), certificate: certificate.to_owned(), likeness }),
    }
}
