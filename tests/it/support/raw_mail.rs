//! Letters as they travel: the octets, and the text of each of their parts.

use data_encoding::BASE64;
use todoke::gateway::mail::{Letter, MailWay, Mailer};
use uuid::Uuid;

/// Each letter as a mail server would be handed it, followed by its parts as they are read.
pub(crate) async fn as_they_travel(letters: &[Letter]) -> Vec<String> {
    let folder = std::env::temp_dir().join(format!("todoke-raw-{}", Uuid::new_v4().simple()));
    std::fs::create_dir(&folder).unwrap();
    let mailer = Mailer::new(&MailWay::Folder(folder.clone())).unwrap();
    let mut raw = Vec::new();
    for letter in letters {
        mailer.send(letter).await.unwrap();
        let message = std::fs::read_to_string(folder.join(format!("{}.eml", letter.id))).unwrap();
        let parts: String = message.split("\r\n--todoke").map(decoded).collect();
        assert!(parts.contains("<html"), "the HTML is read: {message}");
        raw.push(format!("{message}\n{parts}"));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    raw
}

/// The text of a part, whichever way it travels.
fn decoded(part: &str) -> String {
    let Some((head, body)) = part.split_once("\r\n\r\n") else { return String::new() };
    if head.contains("Content-Transfer-Encoding: base64") {
        let octets: String = body.split_whitespace().collect();
        return String::from_utf8(BASE64.decode(octets.as_bytes()).unwrap()).unwrap();
    }
    if head.contains("Content-Transfer-Encoding: quoted-printable") {
        return unquoted(&body.replace("=\r\n", ""));
    }
    body.to_owned()
}

fn unquoted(text: &str) -> String {
    let (mut octets, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let quoted = after.get(..2).filter(|_| *first == b'=').and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(octet) = quoted.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            octets.push(octet);
            rest = &after[2..];
        } else {
            octets.push(*first);
            rest = after;
        }
    }
    String::from_utf8(octets).unwrap()
}
