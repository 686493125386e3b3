//! What notices print on their pages as on paper: barcodes and official days.

use crate::document::barcode::Svg;
use crate::domain::notice::IssuedNotice;
use crate::domain::person::Wareki;
use crate::http::filters::{Day, era_year};
use crate::service::deliver::{barcode, barcode_of};
use time::Date;

/// A barcode to be drawn inside the page: black bars in a box of so many units.
pub(super) struct Bars {
    /// In CSS pixels, where there is room: narrow bars of three pixels are easy to read from a screen.
    pub(super) shown_width: u32,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) path: String,
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
pub(in crate::http) struct PrintedDay {
    pub(in crate::http) iso: String,
    pub(in crate::http) text: String,
}

impl From<Date> for PrintedDay {
    fn from(day: Date) -> Self {
        let era = Wareki::of(day).map(|wareki| format!("（{}）", era_year(wareki))).unwrap_or_default();
        let text = format!("{}年{era}{}月{}日", day.year(), u8::from(day.month()), day.day());
        Self { iso: Day(day).iso(), text }
    }
}
