//! The second opinion on revocation: lists and answers that OpenSSL makes, and what it says of ours.

use std::path::PathBuf;
use std::process::Command;

use time::Duration;

use super::*;
use crate::demo::authority::{OcspFault, OcspOrder, OcspStatus};
use crate::jpki::{
    Certificate, Laboratory, ListRules, Reason, RevocationGap, RevocationReason, RevocationStatus, ocsp_request,
    pem_or_der, verify_crl, verify_ocsp,
};

/// An authority kept by OpenSSL, in a folder that goes away with the test.
struct Bureau(PathBuf);

const SETTINGS: &str = "
[ca]
default_ca = main
[main]
dir = .
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = root.pem
private_key = root.key
default_md = sha256
default_days = 300
default_crl_days = 7
policy = anything
x509_extensions = person
unique_subject = no
[anything]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[person]
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://lists/a
[responder]
extendedKeyUsage = OCSPSigning
authorityKeyIdentifier = keyid
noCheck = ignored
[plain]
authorityKeyIdentifier = keyid
[split]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical,@point
[point]
fullname = URI:http://lists/a
onlyuser = TRUE
[elsewhere]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical,@point_elsewhere
[point_elsewhere]
fullname = URI:http://lists/b
";

impl Bureau {
    fn open(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("todoke-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let bureau = Self(path);
        bureau.write("settings", SETTINGS.as_bytes());
        bureau.write("index.txt", b"");
        bureau.write("serial", b"1000\n");
        bureau.write("crlnumber", b"0A\n");
        bureau.run(
            "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -config settings -extensions root \
             -subj /CN=Bureau -days 300",
        );
        bureau
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        pem_or_der(&std::fs::read(self.0.join(name)).unwrap()).unwrap().into_owned()
    }

    fn run(&self, arguments: &str) -> String {
        let (succeeded, text) = self.attempt(arguments);
        assert!(succeeded, "{arguments}: {text}");
        text
    }

    fn attempt(&self, arguments: &str) -> (bool, String) {
        let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(&self.0).output().unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status.success(), text)
    }

    fn issue(&self, name: &str, extensions: &str) {
        self.run(&format!(
            "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -config settings -subj /CN={name}"
        ));
        self.run(&format!(
            "ca -batch -config settings -in {name}.csr -out {name}.pem -notext -extensions {extensions}"
        ));
    }

    fn list(&self, name: &str, extensions: &str) -> Vec<u8> {
        self.run(&format!("ca -gencrl -config settings -crlexts {extensions} -out {name}"));
        self.read(name)
    }

    fn trust(&self) -> Trust {
        let loose: Laboratory = "policy=any,ku=any,eku=any,key-identifiers=any".parse().unwrap();
        Trust::laboratory(&[self.read("root.pem")], Vec::new(), &loose)
    }

    /// What the bureau's clock says: its own lists are made now.
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(std::fs::metadata(self.0.join("root.pem")).unwrap().modified().unwrap())
            + Duration::minutes(2)
    }

    fn status(&self, certificate: &[u8], lists: &[Vec<u8>]) -> RevocationStatus {
        let (trust, at) = (self.trust(), self.now());
        let mut set = CrlSet::new();
        for list in lists {
            set.insert_for_laboratory(list).unwrap();
        }
        let certificate = Certificate::parse(certificate).unwrap();
        let path = trust.path_to(&certificate, &[], at).unwrap();
        set.status_of_path(&path, &certificate, &trust, at)
    }
}

impl Drop for Bureau {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn lists_that_openssl_makes_are_understood() {
    let bureau = Bureau::open("lists");
    bureau.issue("hanako", "person");
    let hanako = bureau.read("hanako.pem");
    let (plain, split, elsewhere) =
        (bureau.list("plain.crl", "plain"), bureau.list("split.crl", "split"), bureau.list("b.crl", "elsewhere"));
    for good in [&plain, &split] {
        assert!(matches!(bureau.status(&hanako, std::slice::from_ref(good)), RevocationStatus::Good { .. }));
    }
    let missing = RevocationStatus::Unknown { why: RevocationGap::NoListForDistributionPoint };
    assert_eq!(bureau.status(&hanako, std::slice::from_ref(&elsewhere)), missing);
    bureau.run("ca -config settings -revoke hanako.pem -crl_reason keyCompromise");
    let revoking = bureau.list("revoking.crl", "split");
    let status = bureau.status(&hanako, std::slice::from_ref(&revoking));
    assert!(matches!(status, RevocationStatus::Revoked { reason: RevocationReason::KeyCompromise, .. }), "{status:?}");
    let report = verify_crl(&revoking, None, &bureau.trust(), ListRules::Jpki, bureau.now());
    assert_eq!(report.reason, None);
    assert_eq!(report.facts.unwrap().number.as_deref(), Some("0d"));
    // Both see the same in each list.
    for (list, valid) in [("plain.crl", true), ("split.crl", true), ("b.crl", false), ("revoking.crl", false)] {
        let command = format!("verify -crl_check -extended_crl -CAfile root.pem -CRLfile {list} hanako.pem");
        assert_eq!(bureau.attempt(&command).0, valid, "{list}");
    }
}

#[test]
fn answers_that_openssl_gives_are_understood() {
    let bureau = Bureau::open("answers");
    bureau.issue("hanako", "person");
    bureau.issue("responder", "responder");
    let hanako = bureau.read("hanako.pem");
    let (trust, nonce) = (bureau.trust(), [0x77; 32]);
    bureau.write("request", &ocsp_request(&hanako, &trust, Some(&nonce)).unwrap());
    let text = bureau.run("ocsp -reqin request -req_text");
    assert!(text.contains("Serial Number: 1000") && text.contains("Nonce"), "{text}");
    let answer = |signer: &str, more: &str| {
        bureau.run(&format!(
            "ocsp -index index.txt -CA root.pem -rsigner {signer}.pem -rkey {signer}.key -reqin request \
             -respout response -nmin 10 {more}"
        ));
        let response = bureau.read("response");
        verify_ocsp(&response, &hanako, Some(&nonce), &trust, bureau.now())
    };
    for (signer, more) in [("root", ""), ("responder", ""), ("responder", "-resp_key_id"), ("root", "-resp_key_id")] {
        let status = answer(signer, more);
        assert!(matches!(status, Ok(RevocationStatus::Good { .. })), "{signer} {more}: {status:?}");
    }
    // A person's certificate is no responder's.
    assert_eq!(answer("hanako", ""), Err(Reason::OcspResponderUnauthorized));
    assert_eq!(answer("responder", "-resp_no_certs"), Err(Reason::OcspResponderUnknown));
    bureau.run("ca -config settings -revoke hanako.pem -crl_reason superseded");
    let status = answer("responder", "");
    assert!(matches!(status, Ok(RevocationStatus::Revoked { reason: RevocationReason::Superseded, .. })), "{status:?}");
}

#[test]
fn openssl_believes_the_answers_of_the_demonstration() {
    let bureau = Bureau::open("demonstration");
    bureau.write("anchor.der", AUTHORITY.anchor_der());
    bureau.write("signer.der", GOOD_CARD.certificate_der());
    bureau.run("x509 -inform DER -in anchor.der -out anchor.pem");
    bureau.run("x509 -inform DER -in signer.der -out signer.pem");
    let table = [
        (OcspFault::None, true),
        (OcspFault::ByKey, true),
        (OcspFault::Sha256Id, true),
        (OcspFault::Appointed, true),
        (OcspFault::ForgedSignature, false),
        (OcspFault::AppointedWithoutPurpose, false),
        (OcspFault::AppointedItself, false),
    ];
    for (fault, believed) in table {
        let order = OcspOrder {
            card: &GOOD_CARD,
            status: OcspStatus::Good,
            nonce: None,
            produced_at: NOW,
            this_update: NOW,
            next_update: Some(NOW + Duration::minutes(15)),
            fault,
        };
        bureau.write("response", &AUTHORITY.ocsp(&order).unwrap());
        let digest = if fault == OcspFault::Sha256Id { "-sha256" } else { "-sha1" };
        let (_, text) = bureau.attempt(&format!(
            "ocsp -respin response -issuer anchor.pem {digest} -cert signer.pem -CAfile anchor.pem -attime {} \
             -validity_period 999999999",
            (NOW + Duration::minutes(1)).unix_timestamp()
        ));
        assert_eq!(
            text.contains("Response verify OK") && text.contains("signer.pem: good"),
            believed,
            "{fault:?}: {text}"
        );
    }
}
