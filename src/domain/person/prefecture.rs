//! The forty-seven prefectures by their JIS X 0401 codes.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const NAMES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// A prefecture; its code is `01` to `47`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefecture(u8);

/// Neither a code nor a name of a prefecture; also what an unanswered choice gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a prefecture")]
pub struct InvalidPrefecture;

impl Prefecture {
    /// All prefectures in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=47).map(Self)
    }

    /// The JIS X 0401 code, 1 to 47.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.0
    }

    /// The full name, such as `兵庫県`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        NAMES[self.0 as usize - 1]
    }
}

impl FromStr for Prefecture {
    type Err = InvalidPrefecture;

    /// Accepts the code (`28`) or the full name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(index) = NAMES.iter().position(|name| *name == text) {
            return u8::try_from(index + 1).map(Self).map_err(|_| InvalidPrefecture);
        }
        match text.parse() {
            Ok(code @ 1..=47) if text.len() <= 2 && !text.starts_with('+') => Ok(Self(code)),
            _ => Err(InvalidPrefecture),
        }
    }
}

/// The two-digit code, as it is stored and sent by forms.
impl fmt::Display for Prefecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl fmt::Debug for Prefecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prefecture(…)")
    }
}

impl TryFrom<String> for Prefecture {
    type Error = InvalidPrefecture;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Prefecture> for String {
    fn from(prefecture: Prefecture) -> Self {
        prefecture.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_agree_with_jis_x_0401() {
        for (code, name) in [("01", "北海道"), ("13", "東京都"), ("26", "京都府"), ("28", "兵庫県"), ("47", "沖縄県")]
        {
            let prefecture: Prefecture = code.parse().unwrap();
            assert_eq!(prefecture.name(), name);
            assert_eq!(name.parse::<Prefecture>().unwrap().to_string(), code);
        }
        assert_eq!(Prefecture::all().count(), 47);
    }

    #[test]
    fn anything_else_is_no_prefecture() {
        for text in ["", "0", "48", "兵庫", "028", "+1"] {
            assert_eq!(text.parse::<Prefecture>(), Err(InvalidPrefecture), "{text}");
        }
    }
}
