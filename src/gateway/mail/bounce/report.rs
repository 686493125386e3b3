//! A delivery status notification (RFC 3464), as far as it matters: to whom it was sent, and whether a mail failed.

use super::verdict::Verdict;

/// What is read of a message at most: a report stands before the mail that it returns.
pub const READ_AT_MOST: usize = 256 << 10;
/// How many recipients of a report are looked at.
const MOST_RECIPIENTS: usize = 20;
/// Where mail systems note to whom a message was delivered, the most reliable first.
const DELIVERED_TO: [&str; 4] = ["x-original-to", "delivered-to", "envelope-to", "to"];

/// A report of a mail that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The addresses that the report was sent to.
    pub sent_to: Vec<String>,
    /// What it says.
    pub verdict: Verdict,
    /// Of whom it says that nobody is there, as far as it names them.
    pub recipients: Vec<String>,
}

impl Report {
    /// Reads a message; nothing if it is anything but the report of a failure. That a mail is late is no failure.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(&message[..message.len().min(READ_AT_MOST)]);
        let lines: Vec<&str> = text.lines().collect();
        let (headers, body) = split(&lines);
        // A report has no sender (RFC 3464 §2): whatever has one was written by somebody.
        if headers.iter().any(|(name, value)| name == "return-path" && value.trim() != "<>") {
            return None;
        }
        let kind = find(&headers, "content-type")?;
        // Some leave the type of the report out; the part that programs read tells.
        let is_other = parameter(kind, "report-type").is_some_and(|kind| !kind.eq_ignore_ascii_case("delivery-status"));
        if !is_of_kind(kind, "multipart/report") || is_other {
            return None;
        }
        let boundary = format!("--{}", parameter(kind, "boundary")?);
        let status = body.split(|line| line.trim_end().trim_end_matches("--") == boundary.trim_end_matches("--"));
        let (verdict, recipients) = status.skip(1).find_map(of_part)?;
        let sent_to = DELIVERED_TO.iter().flat_map(|name| headers.iter().filter(move |header| header.0 == **name));
        Some(Self { sent_to: sent_to.flat_map(|(_, value)| addresses(value)).collect(), verdict, recipients })
    }
}

/// What the part that programs read says, if it is that one and says that a mail failed.
fn of_part(lines: &[&str]) -> Option<(Verdict, Vec<String>)> {
    let (headers, body) = split(lines);
    let kind = find(&headers, "content-type")?;
    if !is_of_kind(kind, "message/delivery-status") && !is_of_kind(kind, "message/global-delivery-status") {
        return None;
    }
    let groups = body.split(|line| line.trim().is_empty()).filter(|group| !group.is_empty());
    let failed: Vec<_> = groups.skip(1).take(MOST_RECIPIENTS).filter_map(of_recipient).collect();
    let verdict = failed.iter().map(|(verdict, _)| *verdict).max()?;
    let gone = failed.into_iter().filter(|(verdict, _)| *verdict == Verdict::Hard);
    Some((verdict, gone.flat_map(|(_, recipients)| recipients).collect()))
}

fn of_recipient(lines: &[&str]) -> Option<(Verdict, Vec<String>)> {
    let (fields, _) = split(lines);
    if !find(&fields, "action")?.trim().eq_ignore_ascii_case("failed") {
        return None;
    }
    let field = |name| find(&fields, name).unwrap_or_default();
    let recipients = ["original-recipient", "final-recipient"].map(|name| addresses(field(name)));
    Some((Verdict::of(field("status"), field("diagnostic-code")), recipients.concat()))
}

/// The fields up to the first empty line, names in small letters, values unfolded; and what comes after.
fn split<'a>(lines: &'a [&'a str]) -> (Vec<(String, String)>, &'a [&'a str]) {
    let end = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in &lines[..end] {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            _ => {
                if let Some((name, value)) = line.split_once(':') {
                    fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
            }
        }
    }
    (fields, lines.get(end + 1..).unwrap_or_default())
}

fn find<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|field| field.0 == name).map(|field| field.1.as_str())
}

fn is_of_kind(value: &str, kind: &str) -> bool {
    value.split(';').next().is_some_and(|found| found.trim().eq_ignore_ascii_case(kind))
}

/// A parameter of a field, without its quotes.
fn parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.split(';').skip(1).find_map(|part| {
        let (found, value) = part.split_once('=')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

fn addresses(value: &str) -> Vec<String> {
    let words = value.split([' ', ',', ';', '<', '>', '"', '\t']);
    words.filter(|word| word.contains('@')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
