//! The cards on the table: one that works, and one for each thing that goes wrong.

use super::state::{DIGEST_INFO_LENGTH, Signed};
use crate::demo::authority::{CardHolder, CardKey, Failed, Fault, Revocation, TestAuthority, TestCard};
use crate::jpki::RevocationReason;
use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use time::{Duration, OffsetDateTime};

/// Long enough ago that no clock disputes it.
const ISSUED_BEFORE: Duration = Duration::hours(1);

/// A card, as the page shows it.
pub(super) struct Card {
    /// What the page's button sends.
    pub(super) key: &'static str,
    /// The name on the card.
    pub(super) label: &'static str,
    /// What happens with it.
    pub(super) description: &'static str,
    chip: Chip,
}

enum Chip {
    /// Signs what it is given.
    Signs(TestCard),
    /// Signs, but is given something else by a broken app.
    SignsAnotherDocument(TestCard),
    /// Holds no signing certificate, as those of children do.
    WithoutCertificate,
}

/// What came of putting a card to the telephone.
pub(super) enum Outcome {
    Signed(Signed),
    /// Nothing was signed; the person reads why.
    Refused(&'static str),
}

/// The person whose card works: 姫路 花子.
#[must_use]
pub fn hanako() -> CardHolder {
    CardHolder::new("姫路　花子", "419900401", "兵庫県姫路市本町６８番地")
}

/// A person whose certificate spells her name with a substitute: 髙橋 花子, certified as 高橋 花子.
#[must_use]
pub fn takahashi() -> CardHolder {
    CardHolder {
        name_substitutes: "10000".to_owned(),
        ..CardHolder::new("高橋　花子", "419880812", "兵庫県姫路市飾磨区細江１番地")
    }
}

/// Somebody else: 試験 太郎.
#[must_use]
pub fn taro() -> CardHolder {
    CardHolder::new("試験　太郎", "319750320", "兵庫県姫路市網干区新在家２番地")
}

/// Has the cards issued. They share one key: what differs is the certificate, and one key is made sooner than ten.
pub(super) fn laid_out(authority: &TestAuthority, now: OffsetDateTime) -> Result<Vec<Card>, Failed> {
    let key = CardKey::generate()?;
    let issue = |holder: CardHolder, fault| authority.issue(&holder, fault, &key, now - ISSUED_BEFORE);
    let card = |key, label, description, chip| Card { key, label, description, chip };
    let good = issue(hanako(), Fault::None)?;
    Ok(vec![
        card("normal", "姫路 花子", "署名できるカード", Chip::Signs(good.clone())),
        card(
            "substitute",
            "髙橋 花子",
            "証明書の氏名が代替文字（高橋）のカード",
            Chip::Signs(issue(takahashi(), Fault::None)?),
        ),
        card("other-person", "試験 太郎", "別の人のカード", Chip::Signs(issue(taro(), Fault::None)?)),
        card("revoked", "姫路 花子", "証明書が失効しているカード", Chip::Signs(issue(hanako(), Fault::None)?)),
        card("expired", "姫路 花子", "証明書の有効期限が切れたカード", Chip::Signs(issue(hanako(), Fault::Expired)?)),
        card(
            "not-yet-valid",
            "姫路 花子",
            "証明書の有効期間が始まっていないカード",
            Chip::Signs(issue(hanako(), Fault::NotYetValid)?),
        ),
        card(
            "user-authentication",
            "姫路 花子",
            "利用者証明用の証明書で署名してしまうアプリ",
            Chip::Signs(issue(hanako(), Fault::UserAuthentication)?),
        ),
        card(
            "unknown-policy",
            "姫路 花子",
            "知られていない種類の証明書のカード",
            Chip::Signs(issue(hanako(), Fault::UnknownPolicy)?),
        ),
        card(
            "self-made",
            "姫路 花子",
            "偽の認証局が発行したカード",
            Chip::Signs(issue(hanako(), Fault::ForgedIssuer)?),
        ),
        card("wrong-document", "姫路 花子", "別の文書に署名してしまうアプリ", Chip::SignsAnotherDocument(good)),
        card("no-certificate", "姫路 こども", "署名用の証明書がないカード（15歳未満など）", Chip::WithoutCertificate),
    ])
}

/// What the authority's next list must say about these cards.
pub(super) fn revoked(cards: &[Card], now: OffsetDateTime) -> Vec<Revocation> {
    let revoked = cards.iter().filter(|card| card.key == "revoked");
    revoked
        .filter_map(|card| match &card.chip {
            // Moving house is the usual reason.
            Chip::Signs(chip) => Some(chip.revocation(now - ISSUED_BEFORE, RevocationReason::AffiliationChanged)),
            _ => None,
        })
        .collect()
}

impl Card {
    /// Puts the card to the telephone.
    pub(super) fn answer(&self, digest_info: &[u8; DIGEST_INFO_LENGTH]) -> Outcome {
        let (chip, digest_info) = match &self.chip {
            Chip::Signs(chip) => (chip, *digest_info),
            Chip::SignsAnotherDocument(chip) => (chip, of_another_document(digest_info)),
            Chip::WithoutCertificate => {
                return Outcome::Refused("このカードには、署名用の電子証明書が入っていません。");
            }
        };
        match chip.sign(&digest_info) {
            Ok(signature) => Outcome::Signed(Signed { signature, certificate: chip.certificate_der().to_vec() }),
            Err(Failed) => Outcome::Refused("カードを読み取れませんでした。"),
        }
    }

    /// The person's pairwise name (PPID): one for each client, telling nothing about the person.
    pub(super) fn subject(&self, issuer: &str, client_id: &str) -> String {
        let whole = format!("{issuer} {client_id} {}", self.label);
        BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, whole.as_bytes()).as_ref())
    }
}

fn of_another_document(digest_info: &[u8; DIGEST_INFO_LENGTH]) -> [u8; DIGEST_INFO_LENGTH] {
    let mut other = *digest_info;
    other[DIGEST_INFO_LENGTH - 32..].copy_from_slice(digest::digest(&digest::SHA256, b"another document").as_ref());
    other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::authority::{CrlFault, CrlOrder, Municipality};
    use crate::jpki::{Anchor, Crl, CrlSet, Policies, Reason, SignedAttributes, Trust, verify_cms};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-20 09:00 UTC);
    const DOCUMENT: &[u8] = b"an application";

    fn lists(authority: &TestAuthority, cards: &[Card], trust: &Trust) -> CrlSet {
        let order = CrlOrder {
            municipality: &Municipality::default(),
            revoked: &revoked(cards, NOW),
            this_update: NOW,
            next_update: NOW + Duration::days(7),
            number: 1,
            fault: CrlFault::None,
        };
        let mut lists = CrlSet::new();
        lists.insert(Crl::parse(&authority.crl(&order).unwrap(), trust).unwrap());
        lists
    }

    #[test]
    fn each_card_does_what_it_says() {
        let authority = TestAuthority::generate(NOW).unwrap();
        let cards = laid_out(&authority, NOW).unwrap();
        let anchors = vec![Anchor::from_der(authority.anchor_der()).unwrap()];
        let trust = Trust::signing(anchors, Policies::demo());
        let lists = lists(&authority, &cards, &trust);
        let document = digest::digest(&digest::SHA256, DOCUMENT).as_ref().try_into().unwrap();
        let attributes = SignedAttributes::new(document, NOW);
        let verdicts = cards.iter().map(|card| match card.answer(&attributes.digest_info()) {
            Outcome::Refused(_) => (card.key, Err("refused")),
            Outcome::Signed(Signed { signature, certificate }) => {
                let cms = attributes.to_cms(&signature, &certificate).unwrap();
                (card.key, Ok(verify_cms(&cms, Some(DOCUMENT), &trust, &lists, NOW).reason()))
            }
        });
        assert_eq!(
            verdicts.collect::<Vec<_>>(),
            [
                ("normal", Ok(None)),
                ("substitute", Ok(None)),
                ("other-person", Ok(None)),
                ("revoked", Ok(Some(Reason::Revoked))),
                ("expired", Ok(Some(Reason::Expired))),
                ("not-yet-valid", Ok(Some(Reason::NotYetValid))),
                ("user-authentication", Ok(Some(Reason::UserAuthenticationCertificate))),
                ("unknown-policy", Ok(Some(Reason::PolicyUnknown))),
                ("self-made", Ok(Some(Reason::IssuerSignature))),
                ("wrong-document", Ok(Some(Reason::SignatureMismatch))),
                ("no-certificate", Err("refused")),
            ]
        );
    }

    #[test]
    fn a_person_has_one_name_for_each_client() {
        let authority = TestAuthority::generate(NOW).unwrap();
        let cards = laid_out(&authority, NOW).unwrap();
        let subject = |key: &str, client: &str| {
            cards.iter().find(|card| card.key == key).unwrap().subject("https://app.example", client)
        };
        assert_eq!(subject("normal", "RP1"), subject("revoked", "RP1"));
        assert_ne!(subject("normal", "RP1"), subject("normal", "RP2"));
        assert_ne!(subject("normal", "RP1"), subject("other-person", "RP1"));
    }
}
