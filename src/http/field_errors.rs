//! What was wrong with the fields of a form, said at each of them.

use super::wording::Wording;
use crate::words::Phrase;
use std::borrow::Cow;

/// What was wrong with the fields, in the order of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

/// One sentence about one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The id of the control, which the summary links to.
    pub field: Cow<'static, str>,
    /// What to do about it; the page says it in its own words.
    pub message: Phrase,
    /// The same in plain Japanese.
    plain: String,
    /// True if it asks whether a number is a My Number.
    asks_about_number: bool,
}

impl FieldError {
    fn new(field: impl Into<Cow<'static, str>>, message: impl Into<Phrase>) -> Self {
        let message = message.into();
        Self { field: field.into(), plain: message.plain(), message, asks_about_number: false }
    }
}

impl FieldErrors {
    /// Nothing wrong so far.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// One sentence about one control.
    #[must_use]
    pub fn one(field: impl Into<Cow<'static, str>>, message: impl Into<Phrase>) -> Self {
        Self(vec![FieldError::new(field, message)])
    }

    /// Adds a sentence.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<Phrase>) {
        self.0.push(FieldError::new(field, message));
    }

    /// Adds a sentence that asks whether the number in a box is a My Number.
    pub fn ask(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<Phrase>) {
        self.0.push(FieldError { asks_about_number: true, ..FieldError::new(field, message) });
    }

    /// These, and after them whatever is said about other controls.
    #[must_use]
    pub fn before(mut self, others: Self) -> Self {
        let new: Vec<FieldError> = others.0.into_iter().filter(|other| !self.has(&other.field)).collect();
        self.0.extend(new);
        self
    }

    /// Adds all sentences about other controls.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Takes the value out of a parse, or notes why there is none.
    pub fn take<T, E: Wording>(&mut self, field: &'static str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.add(field, error.wording())).ok()
    }

    /// True while nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sentences in order.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }

    /// The first sentence about a control.
    #[must_use]
    pub fn said_of(&self, field: &str) -> Option<&Phrase> {
        self.0.iter().find(|error| error.field == field).map(|error| &error.message)
    }

    /// The same in plain Japanese.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|error| error.field == field).map(|error| error.plain.as_str())
    }

    /// True if something is wrong with this control.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.of(field).is_some()
    }

    /// True if a box holds what may be a My Number or another number of twelve digits: the page then asks which.
    #[must_use]
    pub fn ask_about_number(&self) -> bool {
        self.0.iter().any(|error| error.asks_about_number)
    }

    /// What stands before the page's title when something is wrong, so that it is heard first.
    #[must_use]
    pub fn title_prefix(&self) -> &'static str {
        if self.is_empty() { "" } else { "エラー：" }
    }
}

impl<'a> IntoIterator for &'a FieldErrors {
    type Item = &'a FieldError;
    type IntoIter = std::slice::Iter<'a, FieldError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_keep_their_order_and_name_the_title() {
        let mut errors = FieldErrors::none();
        assert_eq!(errors.title_prefix(), "");
        errors.add("name", "氏名を入力してください");
        errors.add("kana", "フリガナを入力してください");
        assert_eq!(errors.title_prefix(), "エラー：");
        assert_eq!(errors.of("kana"), Some("フリガナを入力してください"));
        assert_eq!(errors.iter().map(|error| error.field.as_ref()).collect::<Vec<_>>(), ["name", "kana"]);
        assert!(!errors.has("birth"));
    }
}
