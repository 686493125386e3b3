//! What kind of device somebody signs in from: enough to know one's own again, and no more.

use super::procedure::UnknownName;
use serde::{Deserialize, Serialize};

/// A kind of device, as its browser tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// An iPhone.
    Iphone,
    /// An iPad that says so.
    Ipad,
    /// A telephone or tablet with Android.
    Android,
    /// A PC with Windows.
    Windows,
    /// A Mac, or an iPad that says it were one.
    Mac,
    /// A PC with Linux.
    Linux,
    /// Anything else.
    Other,
}

impl DeviceKind {
    /// All kinds, each before those whose sign its browsers carry as well.
    pub const ALL: [Self; 7] =
        [Self::Iphone, Self::Ipad, Self::Android, Self::Windows, Self::Mac, Self::Linux, Self::Other];

    /// The name in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iphone => "iphone",
            Self::Ipad => "ipad",
            Self::Android => "android",
            Self::Windows => "windows",
            Self::Mac => "mac",
            Self::Linux => "linux",
            Self::Other => "other",
        }
    }

    /// Reads what a browser says of itself (RFC 9110 §10.1.5). Only the kind is kept: the rest would tell people apart.
    #[must_use]
    pub fn of_user_agent(text: &str) -> Self {
        let is_said = |kind: &Self| kind.sign().is_some_and(|sign| text.contains(sign));
        Self::ALL.into_iter().find(is_said).unwrap_or(Self::Other)
    }

    const fn sign(self) -> Option<&'static str> {
        match self {
            Self::Iphone => Some("iPhone"),
            Self::Ipad => Some("iPad"),
            Self::Android => Some("Android"),
            Self::Windows => Some("Windows"),
            Self::Mac => Some("Macintosh"),
            Self::Linux => Some("Linux"),
            Self::Other => None,
        }
    }
}

impl std::str::FromStr for DeviceKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_what_they_say() {
        for (text, kind) in [
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", DeviceKind::Iphone),
            ("Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/142.0", DeviceKind::Android),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edg/142.0", DeviceKind::Windows),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15", DeviceKind::Mac),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", DeviceKind::Linux),
            ("curl/8.5", DeviceKind::Other),
            ("", DeviceKind::Other),
        ] {
            assert_eq!(DeviceKind::of_user_agent(text), kind, "{text}");
        }
    }

    #[test]
    fn every_kind_is_read_back_from_its_own_name() {
        for kind in DeviceKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
        }
    }
}
