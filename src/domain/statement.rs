//! What is signed: the applicant's statement, for people as a PDF and for machines as canonical JSON inside it.

use super::answers::Answers;
use super::library::{Consent, ConsentId};
use super::procedure::Procedure;
use super::reference::Reference;
use super::request::Request;
use serde::{Deserialize, Serialize};
use time::Date;

/// The name of the statement's format; it stands inside every signed document.
pub const SCHEMA: &str = "https://todoke.example/statement/1";

/// Everything that the applicant declares with one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The library that is asked.
    pub library: Addressee,
    /// What is asked for.
    pub procedure: Procedure,
    /// The application's public number.
    pub reference: Reference,
    /// The application's version, from 1.
    pub version: u32,
    /// The day on which this version was frozen, in Japan.
    #[serde(with = "super::iso_date")]
    pub applied_on: Date,
    /// What is asked for about which card. Absent from statements about new cards, which never had it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<Request>,
    /// The answers.
    pub answers: Answers,
    /// The words in which the library shows the coded answers to people.
    pub labels: Labels,
    /// The consent texts that the applicant agreed to.
    pub consents: Vec<AgreedText>,
    /// The version of the library's rules that the application began with.
    pub rules_version: u32,
    /// True if no card signs it: documents are looked at, at the counter or as pictures. Absent from all others, which never had it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unsigned: bool,
}

/// The library as the statement names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addressee {
    /// The library's short name in addresses of the portal.
    pub slug: String,
    /// The library's name.
    pub name: String,
    /// The town that keeps it.
    pub municipality: String,
}

/// A text that the applicant agreed to: the Japanese one, also where a translation stood beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreedText {
    /// Which text.
    pub id: ConsentId,
    /// Its version.
    pub version: u32,
    /// Heading.
    pub title: String,
    /// The text itself; blank lines part paragraphs.
    pub text: String,
}

impl From<&Consent> for AgreedText {
    fn from(consent: &Consent) -> Self {
        Self {
            id: consent.id.clone(),
            version: consent.version,
            title: consent.title.as_str().to_owned(),
            text: consent.text.as_str().to_owned(),
        }
    }
}

/// Coded answers in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// The category's label.
    pub category: String,
    /// The branch's name.
    pub branch: String,
    /// What a guardian is to the children; absent where no guardian applies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub relation: Option<String>,
}

/// The bytes are not a statement of a known format.
#[derive(Debug, thiserror::Error)]
pub enum InvalidStatement {
    /// Not JSON, or a field is missing, unknown or unsound.
    #[error("the statement cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// A format of another version.
    #[error("unknown statement format {0:?}")]
    UnknownSchema(String),
    /// The bytes are not in canonical form, so they could mean two things to two readers.
    #[error("the statement is not in canonical form")]
    NotCanonical,
    /// The procedure is one thing and the request another.
    #[error("the request does not belong to the procedure")]
    OtherRequest,
}

impl Statement {
    /// The canonical form (RFC 8785 for the values that occur here: objects with sorted
    /// keys, strings, whole numbers and booleans; no white space).
    ///
    /// # Panics
    /// Never: a statement holds nothing that JSON cannot say.
    #[must_use]
    pub fn to_canonical_json(&self) -> String {
        // `serde_json::Value` keeps its keys sorted.
        serde_json::to_value(self).map(|value| value.to_string()).expect("a statement is always JSON")
    }

    /// Reads a statement back from its canonical form, and from no other.
    ///
    /// # Errors
    /// See [`InvalidStatement`].
    pub fn from_canonical_json(json: &[u8]) -> Result<Self, InvalidStatement> {
        let statement: Self = serde_json::from_slice(json)?;
        if statement.schema != SCHEMA {
            return Err(InvalidStatement::UnknownSchema(statement.schema));
        }
        if statement.to_canonical_json().as_bytes() != json {
            return Err(InvalidStatement::NotCanonical);
        }
        let asked = statement.request.as_ref().map_or(Procedure::NewCard, Request::procedure);
        if asked != statement.procedure {
            return Err(InvalidStatement::OtherRequest);
        }
        Ok(statement)
    }
}

impl Serialize for Reference {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answers::Delivery;
    use crate::domain::attachment::Attached;
    use crate::domain::person::{PostalAddress, TypedAddress};
    use crate::domain::version::Digest;
    use time::macros::date;

    fn statement() -> Statement {
        let address = TypedAddress {
            postcode: "670-0012",
            prefecture: "28",
            municipality: "姫路市",
            line1: "本町68番地",
            line2: "",
        };
        Statement {
            schema: SCHEMA.into(),
            library: Addressee {
                slug: "himeji".into(),
                name: "姫路市立図書館".into(),
                municipality: "兵庫県姫路市".into(),
            },
            procedure: Procedure::NewCard,
            request: None,
            reference: Reference::from_random(42),
            version: 1,
            applied_on: date!(2026 - 11 - 20),
            answers: Answers {
                category: "resident".parse().unwrap(),
                email: Some("hana@example.jp".parse().unwrap()),
                name: "神\u{fa19}葛\u{e0100}　花".parse().unwrap(),
                kana: "カミ　ハナ".parse().unwrap(),
                birth: "1985-04-27".parse().unwrap(),
                address: PostalAddress::parse(address).unwrap(),
                phone: Some("079-000-0000".parse().unwrap()),
                branch: "jonai".parse().unwrap(),
                delivery: Delivery::Electronic,
                plastic_card: true,
                attachments: Vec::new(),
                guardianship: None,
                by_guardian: None,
            },
            labels: Labels {
                category: "姫路市に住んでいる".into(), branch: "城内図書館".into(), relation: None
            },
            consents: vec![AgreedText {
                id: "terms".parse().unwrap(),
                version: 1,
                title: "規約".into(),
                text: "一行目\n二行目\t\"引用\"\u{1}".into(),
            }],
            rules_version: 3,
            unsigned: false,
        }
    }

    fn refusal(json: &str) -> InvalidStatement {
        Statement::from_canonical_json(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_statement_survives_its_canonical_form() {
        let statement = statement();
        let json = statement.to_canonical_json();
        assert_eq!(Statement::from_canonical_json(json.as_bytes()).unwrap(), statement);
        assert!(json.contains("神\u{fa19}葛\u{e0100}　花"), "names stay byte for byte");
        assert!(json.contains(r#""applied_on":"2026-11-20""#), "days are ISO 8601: {json}");
    }

    #[test]
    fn keys_are_sorted_and_control_characters_escaped_as_rfc_8785_says() {
        let json = statement().to_canonical_json();
        let mut last = 0;
        for key in [
            "answers",
            "applied_on",
            "consents",
            "labels",
            "library\"",
            "procedure",
            "reference",
            "rules_version",
            "schema",
        ] {
            let at = json.find(&format!("\"{key}")).unwrap();
            assert!(at >= last, "{key} stands in its place");
            last = at;
        }
        assert!(json.ends_with(r#""version":1}"#));
        assert!(json.contains(r#"一行目\n二行目\t\"引用\"\u0001"#));
        assert!(json.starts_with(r#"{"answers":{"address":{"line1":"#));
    }

    #[test]
    fn any_other_form_of_the_same_statement_is_refused() {
        let json = statement().to_canonical_json();
        let version = r#","version":1}"#;
        let other_order = format!(r#"{{"version":1,{}}}"#, &json[1..json.len() - version.len()]);
        for other in [
            format!("{json}\n"),
            json.replacen(':', ": ", 1),
            other_order,
            json.replacen("姫路", "\\u59eb\\u8def", 1),
            json.replacen('/', "\\/", 1),
            json.replacen("\"line1\"", "\"line2\":null,\"line1\"", 1),
        ] {
            assert!(matches!(refusal(&other), InvalidStatement::NotCanonical), "{other}");
        }
    }

    #[test]
    fn attached_documents_are_signed_and_statements_without_any_stay_as_they_were() {
        let mut statement = statement();
        assert!(!statement.to_canonical_json().contains("attachments"));
        statement.answers.attachments.push(Attached {
            kind: "licence".parse().unwrap(),
            label: "運転免許証".into(),
            sha256: Digest::from_bytes([0xAB; 32]),
            size: 4711,
            expires_on: Some(date!(2030 - 05 - 01)),
        });
        let json = statement.to_canonical_json();
        assert!(json.contains(
            r#""attachments":[{"expires_on":"2030-05-01","kind":"licence","label":"運転免許証","sha256":"abab"#
        ));
        assert_eq!(Statement::from_canonical_json(json.as_bytes()).unwrap(), statement);
        let capitals = json.replacen("abab", "ABab", 1);
        assert!(matches!(refusal(&capitals), InvalidStatement::NotCanonical));
    }

    #[test]
    fn repeated_unknown_and_missing_fields_are_refused() {
        let json = statement().to_canonical_json();
        for other in [
            json.replacen(r#""version":1}"#, r#""version":1,"version":1}"#, 1),
            json.replacen("\"labels\"", "\"label\"", 1),
            json.replacen("\"rules_version\":3,", "", 1),
            json.replacen("{\"answers\":{", "{\"answers\":{\"gender\":\"x\",", 1),
            json.replacen("1985-04-27", "1985-02-30", 1),
            format!("{json}{json}"),
            String::new(),
        ] {
            assert!(matches!(refusal(&other), InvalidStatement::Unreadable(_)), "{other}");
        }
    }

    #[test]
    fn a_value_that_is_not_in_its_own_form_is_refused() {
        let json = statement().to_canonical_json();
        let hiragana = json.replacen("カミ　ハナ", "かみ　はな", 1);
        assert!(
            matches!(refusal(&hiragana), InvalidStatement::NotCanonical),
            "it would be signed as one text and read as another"
        );
    }

    #[test]
    fn a_request_is_part_of_what_is_signed_and_belongs_to_its_procedure() {
        let new_card = statement();
        assert!(!new_card.to_canonical_json().contains("request"), "statements about new cards stay as they were");
        let request = Request::PasswordIssue { card_number: "300000014".parse().unwrap() };
        let asked =
            Statement { procedure: Procedure::PasswordIssue, request: Some(request.clone()), ..new_card.clone() };
        let json = asked.to_canonical_json();
        assert!(json.contains(r#""request":{"card_number":"300000014","kind":"password_issue"}"#));
        assert_eq!(Statement::from_canonical_json(json.as_bytes()).unwrap(), asked);
        for other in [
            Statement { procedure: Procedure::Renewal, ..asked.clone() },
            Statement { request: None, ..asked },
            Statement { request: Some(request), ..new_card },
        ] {
            assert!(matches!(refusal(&other.to_canonical_json()), InvalidStatement::OtherRequest));
        }
    }

    #[test]
    fn another_format_is_named() {
        let json = statement().to_canonical_json().replacen("statement/1", "statement/2", 1);
        assert!(matches!(refusal(&json), InvalidStatement::UnknownSchema(schema) if schema.ends_with("/2")));
    }
}
