//! Whether an address is wrong, or something else went wrong.

/// What a report says of a mail that did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It did not arrive, for a reason that may pass: a full mailbox, a filter, a server that is down.
    Soft,
    /// Nobody is at the address.
    Hard,
}

impl Verdict {
    /// Judges by the enhanced status code (RFC 3463) and, where that says nothing, by the reply of the other server.
    pub(super) fn of(status: &str, diagnostic: &str) -> Self {
        let status = enhanced_status(status);
        let said = enhanced_status(diagnostic);
        // Many servers in Japan answer an unknown user with a bare 550; 5.0.0 is what the sending side makes of it.
        let telling = |status: Option<String>| status.filter(|status| !matches!(status.as_str(), "5.0.0" | "5.1.0"));
        let is_hard = match telling(status).or_else(|| telling(said)) {
            Some(status) => names_nobody(&status),
            None => replies_unknown(diagnostic),
        };
        if is_hard { Self::Hard } else { Self::Soft }
    }
}

/// Tells whether an enhanced status code says that nobody is at the address: no such mailbox or domain, or one that has
/// moved. A full mailbox or one that is closed for now, the size of a mail, the network, the sender and every kind of
/// filter are other things.
pub(in crate::gateway::mail) fn names_nobody(status: &str) -> bool {
    matches!(status, "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.4.4")
}

/// The first enhanced status code in a text.
pub(in crate::gateway::mail) fn enhanced_status(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.map(|word| word.trim_end_matches('.')).find(|word| is_status(word)).map(str::to_owned)
}

fn is_status(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [class @ ("2" | "4" | "5"), subject, detail]
        if is_number(class) && is_number(subject) && is_number(detail))
}

/// What servers say of an address at which nobody is.
const UNKNOWN: [&str; 12] = [
    "unknown",
    "no such",
    "not exist",
    "n't exist",
    "not found",
    "no mailbox",
    "not a known",
    "not known",
    "invalid recipient",
    "invalid user",
    "invalid mailbox",
    "invalid address",
];
/// Of what else they say so.
const ELSE: [&str; 7] = ["sender", "spam", "block", "polic", "dmarc", "spf", "relay"];

/// `smtp; 550 Unknown user` and the like (RFC 5321 §4.2.3). Only words that say so count: that a mailbox is full or access
/// denied is told with the same numbers.
fn replies_unknown(diagnostic: &str) -> bool {
    let words = diagnostic.to_ascii_lowercase();
    let is_reply = words.split(|c: char| !c.is_ascii_digit()).any(|word| matches!(word, "550" | "551" | "553"));
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    is_reply && says(&UNKNOWN) && !says(&ELSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_is_not_there_is_hard() {
        for (status, diagnostic) in [
            ("5.1.1", "smtp; 550 5.1.1 <hanako@example.jp>: Recipient address rejected"),
            ("5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"),
            ("5.4.4", "X-Postfix; Host or domain name not found"),
            ("5.0.0", "smtp; 550 Unknown user hanako@docomo.ne.jp"),
            ("5.0.0", "smtp; 550-5.1.1 The email account that you tried to reach does not exist"),
            ("", "smtp; 550 no such user"),
            ("5.0.0", "smtp; 550 <hanako@example.jp>: User unknown"),
            ("5.0.0", "smtp; 550 Mailbox not found"),
            ("5.0.0", "smtp; 550 5.0.0 <hanako@example.jp>... User unknown"),
            ("5.0.0", "smtp; 550 Invalid recipient hanako@ezweb.ne.jp"),
        ] {
            assert_eq!(Verdict::of(status, diagnostic), Verdict::Hard, "{status} {diagnostic}");
        }
        for (status, diagnostic) in [
            ("5.2.2", "smtp; 552 5.2.2 mailbox full"),
            ("4.4.1", "X-Postfix; connect to example.jp: Connection timed out"),
            ("5.7.1", "smtp; 550 5.7.1 blocked"),
            ("5.3.4", "smtp; 552 5.3.4 too big"),
            ("5.0.0", "smtp; 550 Blocked by policy"),
            ("5.0.0", "smtp; 554 Transaction failed"),
            ("5.0.0", "smtp; 550 5.7.26 unauthenticated"),
            ("5.0.0", "smtp; 550 Mailbox full"),
            ("5.0.0", "smtp; 550 over quota"),
            ("", "smtp; 550 Access denied"),
            ("5.0.0", "smtp; 550 Relaying denied"),
            ("5.0.0", "smtp; 553 sorry, your envelope sender is in my badmailfrom list"),
            ("5.0.0", "smtp; 553 sorry, your envelope sender is unknown"),
            ("5.1.0", "smtp; 550 5.1.0 <bounce@card.example.jp>: Sender address rejected"),
            ("5.2.1", "smtp; 550 5.2.1 the user receives mail too quickly"),
            ("", ""),
        ] {
            assert_eq!(Verdict::of(status, diagnostic), Verdict::Soft, "{status} {diagnostic}");
        }
    }

    #[test]
    fn a_status_is_found_among_words() {
        assert_eq!(enhanced_status("permanent error (550): 5.1.1 <a@b.jp>: no").as_deref(), Some("5.1.1"));
        assert_eq!(enhanced_status("550-5.1.1 The").as_deref(), Some("5.1.1"));
        assert_eq!(enhanced_status("192.0.2.1 said 550"), None);
        assert_eq!(enhanced_status("3.1.1"), None);
    }
}
