//! What can be done online, one sentence each.

use crate::domain::library::LibraryRules;
use crate::http::error::Error;
use crate::http::page::{self, Here, Layout};
use crate::http::procedure_wording as wording;
use crate::words::{AsWritten, Phrase};
use actix_web::HttpResponse;
use askama::Template;

/// The list.
#[derive(Template)]
#[template(path = "public/procedures.html")]
struct ProceduresPage {
    layout: Layout,
    procedures: Vec<Line>,
    /// True if whoever cannot sign may come to the counter with what was typed.
    by_slip: bool,
    /// True if they may send pictures of documents.
    by_pictures: bool,
    /// True if there is more to do than to apply for a card.
    has_more: bool,
}

impl ProceduresPage {
    fn new(layout: Layout, rules: &LibraryRules) -> Self {
        Self {
            procedures: lines(rules, &layout),
            by_slip: rules.unsigned.visit_slip,
            by_pictures: rules.unsigned.upload,
            has_more: rules.procedures.len() > 1,
            layout,
        }
    }
}

/// One procedure.
struct Line {
    title: Phrase,
    sentence: Phrase,
    fee: AsWritten,
    promised_days: u32,
    url: String,
}

/// Shows what the library offers, in its order.
pub(in crate::http) async fn show(here: Here) -> Result<HttpResponse, Error> {
    page::for_everybody(&ProceduresPage::new(here.layout, &here.library.rules))
}

fn lines(rules: &LibraryRules, layout: &Layout) -> Vec<Line> {
    let line = |procedure| Line {
        title: wording::title(layout.words, procedure),
        sentence: wording::sentence(layout.words, procedure),
        fee: rules.fee(procedure).map(AsWritten::from).unwrap_or_default(),
        promised_days: rules.promised_open_days_for(procedure),
        url: layout.urls.apply_for(procedure),
    };
    rules.procedures.iter().copied().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::procedure::Procedure;

    #[test]
    fn whoever_offers_new_cards_alone_and_takes_pictures_says_so() {
        let rules = LibraryRules::parse(include_str!("../../../deploy/libraries/shiomi.toml")).unwrap();
        let page = ProceduresPage::new(Layout::sample(), &rules).render().unwrap();
        assert!(page.contains("書類の画像を送って") && !page.contains("窓口で書類を見せて"));
        assert!(!page.contains("入力しなおさずに"));
    }

    #[test]
    fn what_the_library_offers_is_listed_and_nothing_else() {
        let rules = LibraryRules::parse(include_str!("../../../deploy/libraries/himeji.toml")).unwrap();
        let rules = LibraryRules { procedures: vec![Procedure::NewCard, Procedure::Renewal], ..rules };
        let page = ProceduresPage::new(Layout::sample(), &rules).render().unwrap();
        for part in ["/aozora/ja/apply/who?procedure=new_card", "/aozora/ja/apply/card?procedure=renewal", "1開館日"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(page.contains("窓口で書類を見せて") && !page.contains("書類の画像を送って"));
        assert!(page.contains("入力しなおさずに"));
        assert!(!page.contains("procedure=reissue") && !page.contains("name=\"csrf\""));
    }
}
