//! A key in a hardware module: `SoftHSM` (Debian package `softhsm2`) in place of one.
//!
//! The module reads its place from the environment of its process, so each test tells its story in one of its own.

use super::validators::{Folder, said};
use secrecy::ExposeSecret;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use time::macros::{date, datetime};
use todoke::demo::seal_authority::SealAuthority;
use todoke::document::{Edition, Typesetter};
use todoke::domain::notice::{DeclinedNotice, NoticeContent};
use todoke::domain::reference::Reference;
use todoke::gateway::seal::{FileKey, SealError, SealSettings, Seals, TokenSettings};
use todoke::gateway::secret::SecretSource;
use todoke::jpki::public_key_info;

const NOW: time::OffsetDateTime = datetime!(2026-11-20 01:00 UTC);
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "271828";

fn notice() -> Vec<u8> {
    let notice = NoticeContent::Declined(DeclinedNotice {
        document_number: "2026-000001".into(),
        decided_on: date!(2026 - 11 - 20),
        library_name: "姫路図書館".into(),
        issuer: "図書館長".into(),
        contact: "079-000-0000".into(),
        reference: Reference::from_random(7),
        name: "姫路 花子".parse().unwrap(),
        reason: "住所を確かめられませんでした。".into(),
        library_words: None,
    });
    Typesetter::new(Vec::new()).unwrap().notice(&notice).unwrap()
}

fn settings(certificates: PathBuf, pin: &str) -> SealSettings {
    SealSettings {
        library: "himeji".into(),
        certificates,
        former: Vec::new(),
        key: None,
        pkcs11: Some(TokenSettings {
            module: MODULE.into(),
            token: Some("todoke".into()),
            slot: None,
            key: "himeji".into(),
            pin: SecretSource::value(pin),
        }),
    }
}

/// Tells `story` of this file in a process whose module has a token with this key.
fn tell(story: &str, key_pem: &str, certificate: &[u8]) {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("tokens")).unwrap();
    let place = folder.path().join("tokens");
    let configuration = format!("directories.tokendir = {}\nobjectstore.backend = file\n", place.display());
    let configuration = folder.put("softhsm2.conf", configuration.as_bytes());
    folder.put("certificate.der", certificate);
    let key = folder.put("key.pem", key_pem.as_bytes());
    let run = |program: &str, arguments: &[&OsStr]| {
        let output = Command::new(program).args(arguments).env("SOFTHSM2_CONF", &configuration).output();
        let output = output.unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let words =
        |words: &[&'static str]| -> Vec<&'static OsStr> { words.iter().map(|word| OsStr::new(*word)).collect() };
    run("softhsm2-util", &words(&["--init-token", "--free", "--label", "todoke", "--pin", PIN, "--so-pin", "314159"]));
    let mut import: Vec<&OsStr> =
        words(&["--token", "todoke", "--label", "himeji", "--id", "01", "--pin", PIN, "--import"]);
    import.push(key.as_os_str());
    run("softhsm2-util", &import);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("seal::hardware::{story}"), "--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .env("TODOKE_TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

fn folder() -> PathBuf {
    std::env::var_os("TODOKE_TEST_FOLDER").map(PathBuf::from).expect("told by another test")
}

fn certify(public_key_info: &[u8]) -> Vec<u8> {
    SealAuthority::generate(NOW).unwrap().certify("姫路市立図書館", public_key_info, NOW).unwrap()
}

#[test]
fn a_key_on_p256_in_a_hardware_module_seals() {
    let (key, pem) = FileKey::generate().unwrap();
    tell("told_of_a_sound_module", pem.expose_secret(), &certify(&public_key_info(key.algorithm(), key.public())));
}

#[test]
fn an_rsa_key_in_a_hardware_module_seals() {
    let pem = said(
        "openssl",
        &["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"].map(OsStr::new),
    );
    let key = FileKey::read(&pem.clone().into()).unwrap();
    tell("told_of_a_sound_module", &pem, &certify(&public_key_info(key.algorithm(), key.public())));
}

#[test]
fn a_module_with_another_key_seals_nothing() {
    let (_, pem) = FileKey::generate().unwrap();
    let (other, _) = FileKey::generate().unwrap();
    tell("told_of_another_key", pem.expose_secret(), &certify(&public_key_info(other.algorithm(), other.public())));
}

#[tokio::test]
#[ignore = "told by the tests above, in a process of its own"]
async fn told_of_a_sound_module() {
    let certificate = folder().join("certificate.der");
    let wrong = Seals::new(&[settings(certificate.clone(), "000000")]).unwrap();
    let refused = wrong.find("himeji").unwrap().put_on(&notice(), &Edition::default().seal_label(), None, NOW).await;
    assert!(matches!(refused, Err(SealError::KeyAway(_))), "{refused:?}");

    let seals = Seals::new(&[settings(certificate, PIN)]).unwrap();
    let seal = seals.find("himeji").unwrap();
    for _ in 0..3 {
        let sealed = seal.put_on(&notice(), &Edition::default().seal_label(), None, NOW).await.unwrap();
        seal.is_on(&sealed.pdf).unwrap();
    }
    // The tokens are gone, as if the module had been pulled out; nothing waits for ever, and nothing breaks.
    let tokens: &Path = &folder().join("tokens");
    std::fs::remove_dir_all(tokens).unwrap();
    std::fs::create_dir(tokens).unwrap();
    let unsealed = Seals::new(&[settings(folder().join("certificate.der"), PIN)]).unwrap();
    let away = unsealed.find("himeji").unwrap().put_on(&notice(), &Edition::default().seal_label(), None, NOW).await;
    assert!(matches!(away, Err(SealError::KeyAway(_))), "{away:?}");
    assert_eq!(unsealed.find("himeji").unwrap().health().failing_since, Some(NOW));
}

#[tokio::test]
#[ignore = "told by the tests above, in a process of its own"]
async fn told_of_another_key() {
    let seals = Seals::new(&[settings(folder().join("certificate.der"), PIN)]).unwrap();
    let refused = seals.find("himeji").unwrap().put_on(&notice(), &Edition::default().seal_label(), None, NOW).await;
    assert!(matches!(refused, Err(SealError::WrongKey)), "{refused:?}");
}
