//! The address under which the portal is reached: all absolute addresses begin with it.

use std::fmt;
use std::str::FromStr;

/// Scheme and authority under which the portal is reached, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// The base address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the base address must be an origin such as https://card.example.jp, without a path")]
pub struct InvalidBaseUrl;

impl BaseUrl {
    /// The whole address of a path that begins with `/`.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The origin, as browsers write it in `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// True if the portal is reached by HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let secure = text.strip_prefix("https://").map(|authority| (authority, ":443"));
        let (authority, usual_port) = secure
            .or_else(|| text.strip_prefix("http://").map(|authority| (authority, ":80")))
            .ok_or(InvalidBaseUrl)?;
        // Browsers never write the usual port: what they say of where they are would never be the same.
        let sound = !authority.is_empty()
            && !authority.ends_with(usual_port)
            && authority.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-' | ':' | '[' | ']'));
        if sound { Ok(Self(text.to_owned())) } else { Err(InvalidBaseUrl) }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_an_origin_and_nothing_more() {
        let base: BaseUrl = "https://card.example.jp/".parse().unwrap();
        assert_eq!(base.absolute("/aozora/ja/"), "https://card.example.jp/aozora/ja/");
        assert!(base.is_https());
        assert!(!"http://localhost:8080".parse::<BaseUrl>().unwrap().is_https());
        for wrong in
            ["card.example.jp", "https://", "https://a/b", "https://u@a", "javascript:alert(1)", "https://A.jp"]
        {
            assert_eq!(wrong.parse::<BaseUrl>(), Err(InvalidBaseUrl), "{wrong}");
        }
    }
}
