//! Blocks on a patron: what is in place, and what is chosen and typed about them.

use crate::domain::block::Block;
use crate::domain::library::{BlockCode, LibraryRules};
use crate::domain::review::Remark;
use crate::domain::staff::StaffMember;
use crate::http::filters::Moment;
use crate::http::form::FieldErrors;
use crate::http::staff::wording::{name_of, of_procedure, of_remark};
use serde::Deserialize;

/// A block, as chosen and typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http) struct BlockForm {
    pub(super) block: String,
    pub(super) block_note: String,
}

/// Which block to lift.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LiftForm {
    pub(super) block: String,
}

/// The part of the record about blocks.
pub(super) struct BlockSection {
    pub(super) lines: Vec<Line>,
    /// Kinds to choose from: code, label and what it stops; empty for whoever may not.
    pub(super) kinds: Vec<(String, String)>,
    pub(super) may_change: bool,
    pub(super) input: BlockForm,
}

/// A block that is in place.
pub(super) struct Line {
    pub(super) code: String,
    pub(super) label: String,
    pub(super) stops: String,
    pub(super) note: Option<String>,
    pub(super) by: String,
    pub(super) at: Moment,
}

impl BlockForm {
    pub(super) fn read(&self, rules: &LibraryRules) -> Result<(BlockCode, Option<Remark>), FieldErrors> {
        let mut errors = FieldErrors::none();
        let kind = rules.blocks.iter().find(|kind| kind.code.as_str() == self.block);
        if kind.is_none() {
            errors.add("block", "どの理由で止めるかを選んでください");
        }
        let typed = Some(self.block_note.trim()).filter(|note| !note.is_empty());
        let note = typed.map(str::parse::<Remark>).transpose();
        let note = note.map_err(|error| errors.add("block_note", of_remark("メモ", error)));
        match (kind, note) {
            (Some(kind), Ok(note)) => Ok((kind.code.clone(), note)),
            _ => Err(errors),
        }
    }
}

impl BlockSection {
    /// `None` where the library knows no blocks and none is in place.
    pub(super) fn of(
        rules: &LibraryRules,
        blocks: &[Block],
        colleagues: &[StaffMember],
        may_change: bool,
        input: BlockForm,
    ) -> Option<Self> {
        if rules.blocks.is_empty() && blocks.is_empty() {
            return None;
        }
        let kinds = rules.blocks.iter().filter(|_| may_change);
        Some(Self {
            lines: blocks.iter().map(|block| Line::of(rules, block, colleagues)).collect(),
            kinds: kinds.map(|kind| (kind.code.to_string(), kind.label.clone())).collect(),
            may_change,
            input,
        })
    }
}

impl Line {
    fn of(rules: &LibraryRules, block: &Block, colleagues: &[StaffMember]) -> Self {
        let kind = rules.blocks.iter().find(|kind| kind.code == block.code);
        let stops = kind.map(|kind| kind.stops.iter().map(|one| of_procedure(*one)).collect::<Vec<_>>().join("、"));
        Self {
            code: block.code.to_string(),
            label: kind.map_or_else(|| format!("規則にない種類（{}）", block.code), |kind| kind.label.clone()),
            stops: stops.unwrap_or_else(|| "なし（規則から外れたため）".to_owned()),
            note: block.note.as_ref().map(|note| note.as_str().to_owned()),
            by: name_of(colleagues, block.set_by),
            at: Moment(block.set_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{LibraryId, PatronId, StaffId};
    use time::macros::datetime;

    fn rules() -> LibraryRules {
        LibraryRules::parse(include_str!("../../../../deploy/libraries/himeji.toml")).unwrap()
    }

    #[test]
    fn a_kind_is_chosen_and_a_note_may_be_left_out() {
        let form = |block: &str, note: &str| BlockForm { block: block.into(), block_note: note.into() };
        let (code, note) = form("ask-at-counter", " ").read(&rules()).unwrap();
        assert_eq!((code.as_str(), note), ("ask-at-counter", None));
        assert!(form("ask-at-counter", "本人確認").read(&rules()).unwrap().1.is_some());
        assert!(form("", "").read(&rules()).unwrap_err().has("block"));
        let both = form("unknown", &"長".repeat(20_000)).read(&rules()).unwrap_err();
        assert!(both.has("block") && both.has("block_note"));
    }

    #[test]
    fn a_kind_that_the_rules_no_longer_name_is_told_as_such() {
        let at = datetime!(2026-11-20 09:00 UTC);
        let block = |code: &str| Block {
            library_id: LibraryId::new(at),
            patron_id: PatronId::new(at),
            code: code.parse().unwrap(),
            note: None,
            set_by: StaffId::new(at),
            set_at: at,
        };
        let blocks = [block("ask-at-counter"), block("gone")];
        let section = BlockSection::of(&rules(), &blocks, &[], false, BlockForm::default()).unwrap();
        assert!(section.lines[0].label.contains("窓口") && section.lines[0].stops.contains('、'));
        assert!(section.lines[1].label.contains("gone") && section.lines[1].stops.contains("なし"));
        assert!(section.kinds.is_empty(), "nothing to choose for whoever may not");
        let none = LibraryRules { blocks: Vec::new(), ..rules() };
        assert!(BlockSection::of(&none, &[], &[], true, BlockForm::default()).is_none());
    }
}
