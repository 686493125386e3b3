//! Makes the corpus anew, from an authority whose keys nobody keeps: for each target good inputs and
//! one for every fault. A dozen of each goes into `corpus`, the rest into `corpus-local`, where the
//! fuzzer also writes what it finds.

mod archives;
mod lists;
mod messages;
mod pdf;
mod pool;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use time::{Duration, OffsetDateTime};
use todoke_fuzz::demo::authority::{CardHolder, CardKey, Fault, Municipality, TestAuthority, TestCard};
use todoke_fuzz::entry::{NOW, TARGETS};
use todoke_fuzz::jpki::{self, Anchor, Certificate, Policies, Trust};
use todoke_fuzz::sha256::sha256;

/// As many seeds of a target are kept.
const KEPT: usize = 12;

/// What writes the corpus.
struct Corpus {
    folder: PathBuf,
    genuine: BTreeSet<String>,
    trust: Trust,
}

impl Corpus {
    /// A file that all targets share.
    fn share(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.join("corpus").join(name), bytes).expect("the corpus can be written");
    }

    /// The seeds of a target, the most telling first.
    fn plant(&mut self, target: &str, seeds: &[(String, Vec<u8>)]) {
        for (position, (name, bytes)) in seeds.iter().enumerate() {
            let folder = if position < KEPT { "corpus" } else { "corpus-local" };
            std::fs::write(self.folder.join(folder).join(target).join(name), bytes).expect("the corpus can be written");
            self.note_certificates(bytes);
        }
    }

    /// Writes down that the authority signed exactly this.
    fn note(&mut self, bytes: &[u8]) {
        self.genuine.insert(data_encoding::HEXLOWER.encode(&sha256(bytes)));
    }

    /// Finds the certificates in anything that the authority issued.
    fn note_certificates(&mut self, bytes: &[u8]) {
        for start in 0..bytes.len() {
            let Some([0x30, 0x82, high, low]) = bytes.get(start..start + 4) else { continue };
            let length = 4 + (usize::from(*high) << 8 | usize::from(*low));
            let Some(der) = bytes.get(start..start + length) else { continue };
            // A certificate of which somebody could be asked is one that a root signed.
            if jpki::ocsp_request(der, &self.trust, None).is_ok() {
                self.note(der);
            }
        }
    }
}

/// Who signs.
struct People {
    authority: TestAuthority,
    /// An authority with a key of the next generation, of the same name.
    next: TestAuthority,
    key: CardKey,
    next_key: CardKey,
    card: TestCard,
    next_card: TestCard,
}

fn holder() -> CardHolder {
    CardHolder::new("試験　花子", "420000229", "兵庫県姫路市試験町１－１")
}

impl People {
    fn new() -> Self {
        let authority = TestAuthority::generate(in_days(-10)).expect("a key");
        let next = TestAuthority::from_key(CardKey::generate_p384().expect("a key"), in_days(-10)).expect("a root");
        let (key, next_key) = (CardKey::generate().expect("a key"), CardKey::generate_p384().expect("a key"));
        let issue = |key| authority.issue(&holder(), Fault::None, key, in_days(-9)).expect("a card");
        let (card, next_card) = (issue(&key), issue(&next_key));
        Self { authority, next, key, next_key, card, next_card }
    }

    fn faulty(&self, fault: Fault) -> TestCard {
        self.authority.issue(&holder(), fault, &self.key, NOW).expect("a card")
    }
}

fn certificates(people: &People) -> Vec<(String, Vec<u8>)> {
    use Fault::{
        Authority, DuplicateExtension, Expired, ExtendedKeyUsage, FactTwice, MalformedBirth, NoHolder, UnknownCritical,
        UnknownFact, UnknownPolicy, UserAuthentication,
    };
    let mut seeds = vec![
        ("good".to_owned(), people.card.certificate_der().to_vec()),
        ("good-p384".to_owned(), people.next_card.certificate_der().to_vec()),
        ("root-p384".to_owned(), people.next.anchor_der().to_vec()),
    ];
    let next = people.next.issue(&holder(), Fault::None, &people.next_key, NOW).expect("a card");
    seeds.push(("good-below-p384".to_owned(), next.certificate_der().to_vec()));
    let mut substituted = holder();
    substituted.name_substitutes = "01000".to_owned();
    substituted.birth = "300000000".to_owned();
    substituted.municipality = Municipality { prefecture: "Tokyo-to".to_owned(), name: "Kiyose-shi".to_owned() };
    let card = people.authority.issue(&substituted, Fault::None, &people.key, NOW).expect("a card");
    seeds.push(("good-substitutes".to_owned(), card.certificate_der().to_vec()));
    let kept =
        [UserAuthentication, Expired, UnknownCritical, UnknownFact, MalformedBirth, DuplicateExtension, Authority];
    let more = [
        UnknownPolicy,
        ExtendedKeyUsage,
        FactTwice,
        NoHolder,
        Fault::NotYetValid,
        Fault::OtherEnvironment,
        Fault::AnyPolicy,
        Fault::NoPolicy,
        Fault::PolicyNotCritical,
        Fault::NoKeyUsage,
        Fault::KeyUsageNotCritical,
        Fault::KeyUsageWithoutNonRepudiation,
        Fault::KeyUsageWithCertSign,
        Fault::CriticalHolder,
        Fault::LongKey,
        Fault::ShortKey,
        Fault::SmallExponent,
        Fault::EllipticKey,
        Fault::ForgedIssuer,
        Fault::OtherIssuer,
        Fault::AlgorithmMismatch,
        Fault::WeakAlgorithm,
        Fault::VersionOne,
        Fault::SerialZero,
        Fault::TrailingByte,
        Fault::NoAuthorityKey,
        Fault::CriticalAuthorityKey,
        Fault::EmptyAccess,
        Fault::PathLength,
        Fault::PolicyTwice,
        Fault::NoSubject,
        Fault::UserAuthenticationWithoutPurpose,
        Fault::UserAuthenticationCriticalPurpose,
        Fault::UserAuthenticationOtherPurpose,
        Fault::UserAuthenticationNonRepudiation,
    ];
    for fault in kept.into_iter().chain(more) {
        seeds.push((named(fault), people.faulty(fault).certificate_der().to_vec()));
    }
    seeds.push(("root".to_owned(), people.authority.anchor_der().to_vec()));
    seeds
}

/// The name of a fault as that of a file.
fn named(fault: impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for letter in format!("{fault:?}").chars().filter(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// The moment so many days from the one of the corpus.
fn in_days(days: i64) -> OffsetDateTime {
    NOW + Duration::days(days)
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
    for (target, _) in TARGETS {
        for kind in ["corpus", "corpus-local"] {
            let folder = folder.join(kind).join(target);
            if kind == "corpus" {
                // What the keys of before signed counts no longer.
                let _ = std::fs::remove_dir_all(&folder);
            }
            std::fs::create_dir_all(folder).expect("the corpus can be written");
        }
    }
    let people = People::new();
    let anchors = [&people.authority, &people.next].map(|root| Anchor::from_der(root.anchor_der()).expect("a root"));
    let trust = Trust::signing(anchors.to_vec(), Policies::demo());
    let mut corpus = Corpus { folder, genuine: BTreeSet::new(), trust };
    corpus.share("root.der", people.authority.anchor_der());
    corpus.share("next-root.der", people.next.anchor_der());
    corpus.share("card.der", people.card.certificate_der());
    corpus.share("next-card.der", people.next_card.certificate_der());
    for root in [people.authority.anchor_der(), people.next.anchor_der()] {
        assert!(Certificate::parse(root).is_ok());
        corpus.note(root);
    }
    corpus.plant("certificate", &certificates(&people));
    messages::plant(&mut corpus, &people);
    lists::plant(&mut corpus, &people);
    pdf::plant(&mut corpus, &people);
    archives::plant(&mut corpus, &people);
    pool::plant(&mut corpus);
    let genuine: Vec<&str> = corpus.genuine.iter().map(String::as_str).collect();
    corpus.share("genuine.txt", (genuine.join("\n") + "\n").as_bytes());
}
