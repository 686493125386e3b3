//! What notices print on their pages as on paper: barcodes and official days.

use crate::document::barcode::Svg;
use crate::domain::notice::IssuedNotice;
use crate::http::filters::{Day, in_both_calendars};
use crate::service::deliver::{barcode, barcode_of};
use crate::words::{Said, Value, Words};
use time::Date;

/// A barcode to be drawn inside the page: black bars in a box of so many units.
pub(in crate::http) struct Bars {
    /// In CSS pixels, where there is room: narrow bars of three pixels are easy to read from a screen.
    pub(in crate::http) shown_width: u32,
    pub(in crate::http) width: u32,
    pub(in crate::http) height: u32,
    pub(in crate::http) path: String,
}

impl Bars {
    /// A number that NW-7 cannot say is still a number: the page goes without the bars.
    pub(super) fn of(notice: &IssuedNotice) -> Option<Self> {
        barcode(notice).ok().as_ref().map(Self::drawn)
    }

    /// The same of a barcode's text.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        barcode_of(text).ok().as_ref().map(Self::drawn)
    }

    fn drawn(svg: &Svg) -> Self {
        Self { shown_width: svg.modules() * 3, width: svg.width(), height: svg.height(), path: svg.path().to_owned() }
    }
}

/// A day in both calendars, as official papers write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct PrintedDay(Date);

impl PrintedDay {
    /// `2026-11-20`.
    pub(in crate::http) fn iso(self) -> String {
        Day(self.0).iso()
    }
}

impl From<Date> for PrintedDay {
    fn from(day: Date) -> Self {
        Self(day)
    }
}

impl Value for PrintedDay {
    fn said(self, words: Words) -> Said {
        Said::Phrase(in_both_calendars(words, self.0))
    }
}
