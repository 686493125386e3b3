//! Where values stand in the JSON of sign transactions.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;
use std::str::FromStr;

/// Where a value stands in a JSON document: names apart by dots, numbers for places in a list
/// (`signature`, `data.signature`, `digests.0.value`), or a JSON Pointer (RFC 6901), which begins with a slash and
/// finds names with dots, too.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FieldPath(Vec<String>);

/// The text names no place in a JSON document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a path such as `signature`, `data.signature` or `/data/0/signature`")]
pub struct InvalidFieldPath;

/// Something else stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Occupied;

/// The names of fields in the JSON of sign transactions. They are settings because the
/// app's reference of this part is given to its registered clients only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TransactionFields {
    /// Request: base64 of what is to be signed.
    pub digest: FieldPath,
    /// Answer to the request: the transaction's id.
    pub id: FieldPath,
    /// Result: the JWE that holds the other fields, where it is itself a field.
    pub envelope: Option<FieldPath>,
    /// Result: base64 of the signature, or a JWE of it.
    pub signature: FieldPath,
    /// Result: base64 of the DER certificate, or a JWE of it.
    pub certificate: FieldPath,
}

impl Default for TransactionFields {
    fn default() -> Self {
        let plain = |name: &str| FieldPath(vec![name.to_owned()]);
        Self {
            digest: plain("digest"),
            id: plain("id"),
            envelope: None,
            signature: plain("signature"),
            certificate: plain("certificate"),
        }
    }
}

impl FieldPath {
    /// The value at this place.
    pub(super) fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(document, |value, step| match value {
            Value::Object(fields) => fields.get(step),
            Value::Array(items) => items.get(index(step)?),
            _ => None,
        })
    }

    /// The text at this place.
    pub(super) fn text<'a>(&self, document: &'a Value) -> Option<&'a str> {
        self.find(document)?.as_str()
    }

    /// Puts `value` at this place, making the objects and lists on the way. A list grows by one at a time.
    pub(super) fn put(&self, document: &mut Value, value: Value) -> Result<(), Occupied> {
        let mut place = document;
        for step in &self.0 {
            if place.is_null() {
                *place = if index(step).is_some() { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
            }
            place = match place {
                Value::Object(fields) => fields.entry(step.as_str()).or_insert(Value::Null),
                Value::Array(items) => {
                    let at = index(step).filter(|at| *at <= items.len()).ok_or(Occupied)?;
                    if at == items.len() {
                        items.push(Value::Null);
                    }
                    &mut items[at]
                }
                _ => return Err(Occupied),
            };
        }
        if !place.is_null() {
            return Err(Occupied);
        }
        *place = value;
        Ok(())
    }
}

/// A step that is a place in a list. As long as there are no lists of a thousand, four digits suffice.
fn index(step: &str) -> Option<usize> {
    let is_number = (1..=4).contains(&step.len()) && step.bytes().all(|c| c.is_ascii_digit());
    is_number.then(|| step.parse().ok()).flatten()
}

impl FromStr for FieldPath {
    type Err = InvalidFieldPath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let steps: Vec<String> = match text.strip_prefix('/') {
            Some(pointer) => pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect(),
            None => text.split('.').map(ToOwned::to_owned).collect(),
        };
        if steps.len() > 16 || steps.iter().any(String::is_empty) {
            return Err(InvalidFieldPath);
        }
        Ok(Self(steps))
    }
}

impl TryFrom<String> for FieldPath {
    type Error = InvalidFieldPath;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldPath(/{})", self.0.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> FieldPath {
        text.parse().unwrap()
    }

    #[test]
    fn a_value_is_found_by_dots_or_by_pointer() {
        let document = json!({ "data": { "signatures": [{ "sign.value": "x", "value": "y" }] } });
        assert_eq!(path("data.signatures.0.value").text(&document), Some("y"));
        assert_eq!(path("/data/signatures/0/sign.value").text(&document), Some("x"));
        for nowhere in ["data.signatures.1.value", "data.signatures.value", "data.signatures.0.value.0", "other"] {
            assert_eq!(path(nowhere).find(&document), None, "{nowhere}");
        }
        assert_eq!(path("data").text(&document), None, "an object is no text");
    }

    #[test]
    fn a_value_is_put_beside_what_is_there() {
        let cases = [
            ("digest", json!({ "purpose": "p" }), json!({ "purpose": "p", "digest": "d" })),
            ("digests.0", json!({}), json!({ "digests": ["d"] })),
            ("documents.0.hash.value", json!({}), json!({ "documents": [{ "hash": { "value": "d" } }] })),
            (
                "data.digest",
                json!({ "data": { "alg": "RS256" } }),
                json!({ "data": { "alg": "RS256", "digest": "d" } }),
            ),
            ("/data/sign.digest", json!({}), json!({ "data": { "sign.digest": "d" } })),
        ];
        for (place, mut document, expected) in cases {
            path(place).put(&mut document, json!("d")).unwrap();
            assert_eq!(document, expected, "{place}");
        }
    }

    #[test]
    fn nothing_is_written_over() {
        for (place, document) in [
            ("digest", json!({ "digest": "fixed" })),
            ("purpose.digest", json!({ "purpose": "text" })),
            ("digests.1", json!({})),
            ("digests.x", json!({ "digests": [] })),
        ] {
            assert_eq!(path(place).put(&mut document.clone(), json!("d")), Err(Occupied), "{place}");
        }
    }

    #[test]
    fn empty_steps_name_no_place() {
        for bad in ["", ".", "a..b", "/", "/a//b", &"a.".repeat(20)] {
            assert_eq!(bad.parse::<FieldPath>(), Err(InvalidFieldPath), "{bad}");
        }
    }
}
