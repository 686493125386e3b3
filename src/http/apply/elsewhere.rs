//! Who cannot apply online, why, and what they do instead: a page that explains, not a field error.

use crate::domain::library::Ineligible;
use crate::http::error::Error;
use crate::http::page::{self, Here, Layout};
use crate::http::urls::Urls;
use crate::words::AsWritten;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

/// Why the online way is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Why {
    /// Too young for a signing certificate or by the library's rules.
    Age,
    /// None of the library's categories fits.
    #[default]
    Category,
    /// Too young to sign without a guardian.
    Cosigner,
    /// A guardian who is not of age.
    Guardian,
    /// The address lies outside the chosen category's area.
    Area,
}

impl Why {
    /// The page that explains it.
    pub(super) fn url(self, urls: &Urls) -> String {
        let why = match self {
            Self::Age => "age",
            Self::Category => "category",
            Self::Area => "area",
            Self::Guardian => "guardian",
            Self::Cosigner => "cosigner",
        };
        format!("{}?why={why}", urls.apply_elsewhere())
    }
}

impl From<Ineligible> for Why {
    fn from(reason: Ineligible) -> Self {
        match reason {
            Ineligible::UnknownCategory | Ineligible::CounterOnly | Ineligible::TooOld { .. } => Self::Category,
            Ineligible::TooYoung { .. } => Self::Age,
            Ineligible::OutOfArea => Self::Area,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Reason {
    why: Why,
}

/// The explanation.
#[derive(Template)]
#[template(path = "apply/elsewhere.html")]
struct ElsewherePage {
    layout: Layout,
    why: Why,
    municipality: AsWritten,
    minimum_age: u32,
    guardians_apply: bool,
    cosigns_below: u32,
    has_slips: bool,
    telephone: String,
}

/// Explains.
pub(in crate::http) async fn show(here: Here, reason: web::Query<Reason>) -> Result<HttpResponse, Error> {
    let rules = &here.library.rules;
    page::ok(&ElsewherePage {
        layout: here.layout,
        why: reason.why,
        municipality: (&rules.municipality).into(),
        minimum_age: rules.minimum_age,
        guardians_apply: rules.guardians_apply(),
        cosigns_below: rules.guardian.cosigns_below_age,
        has_slips: rules.unsigned.visit_slip,
        telephone: rules.contact.telephone.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_explained_and_leads_to_the_counter() {
        for (why, part) in [
            (Why::Age, "15歳"),
            (Why::Category, "オンラインで申し込める方の条件"),
            (Why::Area, "対象の地域"),
            (Why::Guardian, "18歳以上"),
            (Why::Cosigner, "保護者の方の署名も"),
        ] {
            let page = ElsewherePage {
                layout: Layout::sample(),
                why,
                municipality: "石川県あおぞら市".into(),
                minimum_age: 15,
                guardians_apply: true,
                cosigns_below: 18,
                has_slips: true,
                telephone: "076-000-0000".into(),
            };
            let page = page.render().unwrap();
            assert!(page.contains(part), "{why:?}");
            assert!(page.contains("/aozora/ja/counter"));
        }
    }
}
