//! `todoke seal`: the key and the certificate with which a library seals its notices.

use super::Failure;
use crate::clock::Clock;
use crate::gateway::seal::{FileKey, pem};
use crate::jpki::{CertificateDraft, certificate_request, organisation, public_key_info, with_signature};
use crate::random;
use clap::Subcommand;
use secrecy::ExposeSecret;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use time::Duration;

/// How long a certificate lasts that the seal gives itself.
const THREE_YEARS: Duration = Duration::days(1096);

#[derive(Debug, Subcommand)]
pub(super) enum SealCommand {
    /// Make a key on P-256, a request for its certificate (CSR), and a certificate signed by itself, for a trial.
    New {
        /// The short name of the library; the files are named by it.
        #[arg(long)]
        library: String,
        /// The library's full name, as the certificate is to say it.
        #[arg(long)]
        name: String,
        /// The folder for the files. What is there already is never written over.
        #[arg(long)]
        out: PathBuf,
    },
}

pub(super) fn run(command: SealCommand) -> Result<(), Failure> {
    let SealCommand::New { library, name, out } = command;
    if library.is_empty() || !library.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-') {
        return Err("--library: the short name as it stands in the addresses".into());
    }
    let (key, secret) = FileKey::generate()?;
    let by = key.algorithm();
    let info = public_key_info(by, key.public());
    let subject = organisation(&name, &format!("{name} notices"));
    let request = certificate_request(&subject, &info);
    let request = with_signature(&request, by, &key.sign(&request)?);
    let now = Clock::System.now();
    let mut serial: [u8; 16] = random::bytes();
    serial[0] = serial[0] & 0x3F | 0x40;
    let draft = CertificateDraft {
        serial: &serial,
        issuer: &subject,
        issuer_key: &info,
        not_before: now,
        not_after: now + THREE_YEARS,
        subject: &subject,
        key: &info,
        is_authority: false,
    };
    let to_be_signed = draft.to_der(by);
    let certificate = with_signature(&to_be_signed, by, &key.sign(&to_be_signed)?);

    std::fs::create_dir_all(&out)?;
    let files = [
        (format!("{library}.key"), secret.expose_secret().to_owned(), 0o600),
        (format!("{library}.csr"), pem("CERTIFICATE REQUEST", &request), 0o644),
        (format!("{library}.pem"), pem("CERTIFICATE", &certificate), 0o644),
    ];
    // All or none: a key beside the certificate of an earlier one would seal nothing.
    if let Some((taken, ..)) = files.iter().find(|(file, ..)| out.join(file).exists()) {
        return Err(format!("{}: is there already", out.join(taken).display()).into());
    }
    for (file, text, mode) in files {
        write_new(&out.join(file), &text, mode)?;
    }
    println!("{library}.key  the key; only the portal may read it");
    println!("{library}.csr  send it to a certification authority, and put the certificate in {library}.pem");
    println!("{library}.pem  a certificate signed by itself: good for a trial, trusted by nobody");
    Ok(())
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(told)?;
    Ok(file.write_all(text.as_bytes()).map_err(told)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::seal::{SealSettings, Seals};
    use crate::gateway::secret::SecretSource;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_made_is_a_seal_and_is_never_written_over() {
        let out = std::env::temp_dir().join(format!("todoke-seal-{}", uuid::Uuid::new_v4()));
        let make = || {
            run(SealCommand::New {
                library: "aozora".into(), name: "あおぞら市立図書館".into(), out: out.clone()
            })
        };
        make().unwrap();
        let mode = std::fs::metadata(out.join("aozora.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let settings = SealSettings {
            library: "aozora".into(),
            certificates: out.join("aozora.pem"),
            former: Vec::new(),
            key: Some(SecretSource::File(out.join("aozora.key"))),
            pkcs11: None,
        };
        assert!(Seals::new(&[settings]).unwrap().find("aozora").is_some());
        let csr = std::process::Command::new("openssl")
            .args(["req", "-verify", "-noout", "-subject", "-nameopt", "utf8", "-in"])
            .arg(out.join("aozora.csr"))
            .output()
            .expect("openssl is needed for this test");
        assert!(csr.status.success(), "{}", String::from_utf8_lossy(&csr.stderr));
        assert!(String::from_utf8_lossy(&csr.stdout).contains("あおぞら市立図書館"));
        assert!(make().unwrap_err().to_string().contains("is there already"));
        std::fs::remove_dir_all(out).unwrap();
    }
}
