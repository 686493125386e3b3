//! The cards on the table: one that works, and one for each thing that goes wrong.

use super::state::{DIGEST_INFO_LENGTH, Manner};
use crate::demo::authority::{CardHolder, CardKey, Failed, Fault, Revocation, TestAuthority, TestCard};
use crate::gateway::signing_app::CallbackError;
use crate::jpki::RevocationReason;
use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// The card of somebody whom the app calls by another name since the old card was replaced.
const RENEWED: &str = "renewed";
/// Long enough ago that no clock disputes it.
const ISSUED_BEFORE: Duration = Duration::hours(1);

/// The error codes that this app adds to those of OAuth 2.0. The real app's are told to registered clients only, so
/// the portal learns what they mean from its configuration: see [`error_meanings`].
const LOCKED: &str = "pin_locked";
const UNREADABLE: &str = "card_read_failed";
const WITHOUT_CERTIFICATE: &str = "no_signing_certificate";
const UNSUPPORTED: &str = "unsupported_device";

/// What the app's own error codes mean, as a client of it configures them.
#[must_use]
pub fn error_meanings() -> BTreeMap<String, CallbackError> {
    let meanings = [
        (LOCKED, CallbackError::PinLocked),
        (UNREADABLE, CallbackError::ReadError),
        (WITHOUT_CERTIFICATE, CallbackError::NoCertificate),
        (UNSUPPORTED, CallbackError::UnsupportedDevice),
    ];
    meanings.map(|(code, meaning)| (code.to_owned(), meaning)).into()
}

/// A card, as the page shows it.
pub(super) struct Card {
    /// What the page's button sends.
    pub(super) key: &'static str,
    /// The name on the card.
    pub(super) label: &'static str,
    /// What happens with it.
    pub(super) description: &'static str,
    /// How the app's server goes on once the card has signed.
    pub(super) manner: Manner,
    chip: Chip,
}

enum Chip {
    /// Signs what it is given.
    Signs(TestCard),
    /// Signs, but is given something else by a broken app.
    SignsAnotherDocument(TestCard),
    /// Holds no signing certificate, as those of children do.
    WithoutCertificate,
    /// The person does not know the password.
    ForgottenPassword,
    /// The app gives up at once, with an error code.
    Fails(&'static str),
}

/// What came of putting a card to the telephone.
pub(super) enum Outcome {
    /// The signature, and the certificate.
    Signed(Vec<u8>, Vec<u8>),
    /// The password was wrong: the person may try again until the card locks itself.
    WrongPassword,
    /// The app goes back with this error code.
    Failed(&'static str),
}

/// The code with which the app goes back once a card has locked itself.
pub(super) const fn locked() -> &'static str {
    LOCKED
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

/// Somebody of sixteen: 潮見 湊.
fn minato() -> CardHolder {
    CardHolder::new("潮見　湊", "420100401", "高知県潮見町港一丁目２番３号")
}

/// The guardian of 潮見 湊: 潮見 汐里.
fn shiori() -> CardHolder {
    CardHolder::new("潮見　汐里", "319820514", "高知県潮見町港一丁目２番３号")
}

/// 姫路 花子, as far as her certificate knows when she was born.
fn hanako_born(birth: &str) -> CardHolder {
    CardHolder { birth: birth.to_owned(), ..hanako() }
}

/// Has the cards issued. They share one key: what differs is the certificate, and one key is made sooner than ten.
pub(super) fn laid_out(authority: &TestAuthority, now: OffsetDateTime) -> Result<Vec<Card>, Failed> {
    let key = CardKey::generate()?;
    let issue = |holder: CardHolder, fault| authority.issue(&holder, fault, &key, now - ISSUED_BEFORE);
    let card = |key, label, description, chip| Card { key, label, description, chip, manner: Manner::Prompt };
    let in_the_manner = |manner, card| Card { manner, ..card };
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
        card("young", "潮見 湊", "16歳の人のカード", Chip::Signs(issue(minato(), Fault::None)?)),
        card("guardian", "潮見 汐里", "16歳の人の保護者のカード", Chip::Signs(issue(shiori(), Fault::None)?)),
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
        card(
            "birth-partly-known",
            "姫路 花子",
            "証明書の生年月日が一部しか分からないカード",
            Chip::Signs(issue(hanako_born("419900000"), Fault::None)?),
        ),
        card(
            "birth-unknown",
            "姫路 花子",
            "証明書に生年月日がないカード",
            Chip::Signs(issue(hanako_born("000000000"), Fault::None)?),
        ),
        card("wrong-document", "姫路 花子", "別の文書に署名してしまうアプリ", Chip::SignsAnotherDocument(good.clone())),
        card("no-certificate", "姫路 こども", "署名用の証明書がないカード（15歳未満など）", Chip::WithoutCertificate),
        card("wrong-password", "姫路 花子", "暗証番号をまちがえる", Chip::ForgottenPassword),
        card("locked", "姫路 花子", "暗証番号がロックされたカード", Chip::Fails(LOCKED)),
        card("unreadable", "姫路 花子", "読み取れないカード", Chip::Fails(UNREADABLE)),
        card("old-telephone", "姫路 花子", "対応していないスマートフォン", Chip::Fails(UNSUPPORTED)),
        in_the_manner(
            Manner::Slow,
            card("slow", "姫路 花子", "署名の結果がなかなか届かないアプリ", Chip::Signs(good.clone())),
        ),
        in_the_manner(
            Manner::Hiccup,
            card("hiccup", "姫路 花子", "署名の結果が1回だけ取れないアプリ", Chip::Signs(good.clone())),
        ),
        in_the_manner(
            Manner::Offline,
            card("offline", "姫路 花子", "署名のあとで止まるアプリ", Chip::Signs(good.clone())),
        ),
        card(RENEWED, "姫路 花子", "カードを更新して、アプリでの名前が変わった人", Chip::Signs(good)),
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
    /// Puts the card to the telephone to sign.
    pub(super) fn sign(&self, digest_info: &[u8; DIGEST_INFO_LENGTH]) -> Outcome {
        let (chip, digest_info) = match &self.chip {
            Chip::Signs(chip) => (chip, *digest_info),
            Chip::SignsAnotherDocument(chip) => (chip, of_another_document(digest_info)),
            Chip::WithoutCertificate => return Outcome::Failed(WITHOUT_CERTIFICATE),
            Chip::ForgottenPassword => return Outcome::WrongPassword,
            Chip::Fails(code) => return Outcome::Failed(code),
        };
        match chip.sign(&digest_info) {
            Ok(signature) => Outcome::Signed(signature, chip.certificate_der().to_vec()),
            Err(Failed) => Outcome::Failed(UNREADABLE),
        }
    }

    /// True for a card that signs and an app that does nothing odd meanwhile.
    pub(super) fn signs_at_once(&self) -> bool {
        matches!(self.chip, Chip::Signs(_)) && self.manner == Manner::Prompt && self.key != RENEWED
    }

    /// Puts the card into a reader to sign a PDF, if it signs at all and the file is one.
    pub(super) fn sign_pdf(&self, pdf: &[u8], now: OffsetDateTime) -> Option<Vec<u8>> {
        match &self.chip {
            Chip::Signs(chip) => chip.sign_pdf(pdf, now).ok(),
            _ => None,
        }
    }

    /// Puts the card to the telephone to sign in, which takes the other certificate and the other password: what
    /// keeps it from that, if anything does.
    pub(super) fn sign_in(&self) -> Result<(), Outcome> {
        match self.chip {
            Chip::ForgottenPassword => Err(Outcome::WrongPassword),
            Chip::Fails(code) => Err(Outcome::Failed(code)),
            Chip::Signs(_) | Chip::SignsAnotherDocument(_) | Chip::WithoutCertificate => Ok(()),
        }
    }

    /// The person's pairwise name (PPID): one for each client, telling nothing about the person.
    pub(super) fn subject(&self, issuer: &str, client_id: &str) -> String {
        let name = if self.key == RENEWED { RENEWED } else { self.label };
        let whole = format!("{issuer} {client_id} {name}");
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
        let verdicts = cards.iter().map(|card| match card.sign(&attributes.digest_info()) {
            Outcome::Failed(code) => (card.key, Err(code)),
            Outcome::WrongPassword => (card.key, Err("wrong password")),
            Outcome::Signed(signature, certificate) => {
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
                ("young", Ok(None)),
                ("guardian", Ok(None)),
                ("revoked", Ok(Some(Reason::Revoked))),
                ("expired", Ok(Some(Reason::Expired))),
                ("not-yet-valid", Ok(Some(Reason::NotYetValid))),
                ("user-authentication", Ok(Some(Reason::UserAuthenticationCertificate))),
                ("unknown-policy", Ok(Some(Reason::PolicyUnknown))),
                ("self-made", Ok(Some(Reason::IssuerSignature))),
                ("birth-partly-known", Ok(None)),
                ("birth-unknown", Ok(None)),
                ("wrong-document", Ok(Some(Reason::SignatureMismatch))),
                ("no-certificate", Err("no_signing_certificate")),
                ("wrong-password", Err("wrong password")),
                ("locked", Err("pin_locked")),
                ("unreadable", Err("card_read_failed")),
                ("old-telephone", Err("unsupported_device")),
                ("slow", Ok(None)),
                ("hiccup", Ok(None)),
                ("offline", Ok(None)),
                ("renewed", Ok(None)),
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
        assert_ne!(subject("normal", "RP1"), subject("renewed", "RP1"), "the app calls her by another name");
    }
}
