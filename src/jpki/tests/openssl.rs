//! The second opinion: OpenSSL accepts what we assemble, and we accept what it signs.

use std::path::{Path, PathBuf};
use std::process::Command;

use time::Duration;

use super::*;
use crate::demo::authority::{CrlFault, CrlOrder, Municipality};
use crate::jpki::{Form, RevocationReason};

/// A folder of its own that goes away with the test.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("todoke-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn openssl(folder: &Folder, arguments: &str) -> (bool, String) {
    let output =
        Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder.path()).output().unwrap();
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

fn folder_with_keys(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("anchor.der", AUTHORITY.anchor_der());
    folder.write("signer.der", GOOD_CARD.certificate_der());
    folder.write("signer.key", &GOOD_CARD.key().to_pkcs8().unwrap());
    folder.write("document", DOCUMENT);
    let (converted, text) = openssl(&folder, "x509 -inform DER -in anchor.der -out anchor.pem");
    assert!(converted, "{text}");
    let (converted, text) = openssl(&folder, "x509 -inform DER -in signer.der -out signer.pem");
    assert!(converted, "{text}");
    folder
}

#[test]
fn openssl_accepts_what_is_assembled() {
    let folder = folder_with_keys("assembled");
    folder.write("application.p7s", &signed_by(&GOOD_CARD));
    let at = (NOW + Duration::days(1)).unix_timestamp();
    let verify = |content: &str| {
        let command = format!(
            "cms -verify -binary -inform DER -in application.p7s -content {content} -CAfile anchor.pem \
             -purpose any -attime {at} -out verified"
        );
        openssl(&folder, &command)
    };
    let (accepted, text) = verify("document");
    assert!(accepted, "{text}");
    folder.write("another", b"another");
    assert!(!verify("another").0);
}

#[test]
fn openssl_finds_certificate_root_and_list_in_order() {
    let folder = folder_with_keys("strict");
    let himeji = Municipality::default();
    let revoked = [card(Fault::None).revocation(NOW, RevocationReason::Superseded)];
    let order = CrlOrder {
        municipality: &himeji,
        revoked: &revoked,
        this_update: NOW,
        next_update: NOW + Duration::days(2),
        number: 7,
        fault: CrlFault::None,
    };
    folder.write("list.der", &AUTHORITY.crl(&order).unwrap());
    let at = (NOW + Duration::days(1)).unix_timestamp();
    let (accepted, text) =
        openssl(&folder, &format!("verify -x509_strict -check_ss_sig -attime {at} -CAfile anchor.pem signer.pem"));
    assert!(accepted, "{text}");
    let (accepted, text) = openssl(&folder, "crl -inform DER -in list.der -CAfile anchor.pem -noout -text");
    assert!(accepted && text.contains("verify OK") && text.contains("Superseded"), "{text}");
}

#[test]
fn what_openssl_signs_counts_in_der_and_in_ber() {
    let folder = folder_with_keys("signed");
    let variants = [
        "-outform DER",
        "-outform DER -nodetach",
        "-outform DER -nodetach -stream",
        "-outform DER -keyid",
        "-outform DER -cades",
        "-outform DER -nosmimecap",
    ];
    for variant in variants {
        let sign = format!(
            "cms -sign -binary -md sha256 -in document -signer signer.pem -inkey signer.key -keyform DER \
             -out signed {variant}"
        );
        let (signed, text) = openssl(&folder, &sign);
        assert!(signed, "{variant}: {text}");
        let cms = std::fs::read(folder.path().join("signed")).unwrap();
        assert_eq!(Form::of(&cms), Some(Form::Cms), "{variant}");
        let content = (!variant.contains("-nodetach")).then_some(DOCUMENT);
        let verdict = verify_cms(&cms, content, &trust(), &CrlSet::new(), NOW);
        assert_eq!(verdict.reason(), None, "{variant}: {verdict:?}");
    }
}
