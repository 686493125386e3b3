//! Passkeys of an authenticator made for these tests, and every way in which they can be wrong.

use super::*;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use data_encoding::BASE64URL_NOPAD;

const ORIGIN: &str = "https://card.example.jp";
const CHALLENGE: [u8; 32] = [7; 32];
const RECOGNISED: u8 = 0x05;

enum Key {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    fn all() -> [Self; 3] {
        [
            Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()),
            Self::Ed(Ed25519KeyPair::generate().unwrap()),
            Self::Rsa(RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap()),
        ]
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ec(_) => Algorithm::Es256,
            Self::Ed(_) => Algorithm::EdDsa,
            Self::Rsa(_) => Algorithm::Rs256,
        }
    }

    fn public(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Ec(key) => key.public_key().as_der().unwrap(),
            Self::Ed(key) => key.public_key().as_der().unwrap(),
            Self::Rsa(key) => key.public_key().as_der().unwrap(),
        };
        der.as_ref().to_vec()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(key) => key.sign(message).as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }
}

fn client(kind: &str, challenge: &[u8], origin: &str, more: &str) -> Vec<u8> {
    let challenge = BASE64URL_NOPAD.encode(challenge);
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false{more}}}"#)
        .into_bytes()
}

fn authenticator(host: &str, flags: u8, count: u32, credential: Option<&[u8]>) -> Vec<u8> {
    let mut data = sha256(host.as_bytes()).to_vec();
    data.push(flags | if credential.is_some() { 0x40 } else { 0 });
    data.extend(count.to_be_bytes());
    if let Some(id) = credential {
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend(id);
        data.extend(b"a COSE key");
    }
    data
}

fn made(
    client_data: &[u8],
    authenticator_data: &[u8],
    public_key: &[u8],
    algorithm: i64,
) -> Result<NewPasskey, PasskeyFault> {
    let made = Made { client_data, authenticator_data, public_key, algorithm };
    register(&RelyingParty::at(ORIGIN), &CHALLENGE, &made)
}

fn shown(key: &Key, count_before: u32, client_data: &[u8], authenticator_data: &[u8]) -> Result<u32, PasskeyFault> {
    let signature = key.sign(&[authenticator_data, &sha256(client_data)].concat());
    let public_key = key.public();
    let known = KnownKey { algorithm: key.algorithm(), public_key: &public_key, sign_count: count_before };
    let shown = Shown { client_data, authenticator_data, signature: &signature };
    authenticate(&RelyingParty::at(ORIGIN), &CHALLENGE, &known, &shown)
}

fn own_client(kind: &str) -> Vec<u8> {
    client(kind, &CHALLENGE, ORIGIN, "")
}

fn own_authenticator(count: u32) -> Vec<u8> {
    authenticator("card.example.jp", RECOGNISED, count, None)
}

#[test]
fn a_passkey_of_each_kind_is_made_and_shown() {
    for key in Key::all() {
        let data = authenticator("card.example.jp", RECOGNISED, 0, Some(b"its name"));
        let new = made(&own_client("webauthn.create"), &data, &key.public(), key.algorithm().number()).unwrap();
        assert_eq!((new.credential_id.as_slice(), new.algorithm), (&b"its name"[..], key.algorithm()));
        assert_eq!(shown(&key, 0, &own_client("webauthn.get"), &own_authenticator(0)), Ok(0));
        assert_eq!(shown(&key, 4, &own_client("webauthn.get"), &own_authenticator(5)), Ok(5));
    }
}

#[test]
fn what_was_made_for_something_else_is_refused() {
    let key = &Key::all()[0];
    let (public, number) = (key.public(), key.algorithm().number());
    let sound = authenticator("card.example.jp", RECOGNISED, 0, Some(b"its name"));
    let wrong = |client: &[u8], data: &[u8]| made(client, data, &public, number).unwrap_err();
    assert_eq!(wrong(&own_client("webauthn.get"), &sound), PasskeyFault::OtherCeremony);
    assert_eq!(wrong(&client("webauthn.create", &[8; 32], ORIGIN, ""), &sound), PasskeyFault::OtherChallenge);
    assert_eq!(wrong(&client("webauthn.create", &CHALLENGE[..31], ORIGIN, ""), &sound), PasskeyFault::OtherChallenge);
    for origin in ["https://card.example.jp.evil.example", "http://card.example.jp", "https://card.example.jp:8443"] {
        let strange = client("webauthn.create", &CHALLENGE, origin, "");
        assert_eq!(wrong(&strange, &sound), PasskeyFault::OtherOrigin, "{origin}");
    }
    let own = own_client("webauthn.create");
    let other_party = authenticator("example.jp", RECOGNISED, 0, Some(b"its name"));
    assert_eq!(wrong(&own, &other_party), PasskeyFault::OtherParty);
    for flags in [0x00, 0x01, 0x04] {
        let data = authenticator("card.example.jp", flags, 0, Some(b"its name"));
        assert_eq!(wrong(&own, &data), PasskeyFault::NobodyRecognised, "{flags:#x}");
    }
}

#[test]
fn a_frame_of_another_site_is_refused() {
    let key = &Key::all()[0];
    let framed = String::from_utf8(own_client("webauthn.get")).unwrap().replace("false", "true");
    assert_eq!(shown(key, 0, framed.as_bytes(), &own_authenticator(0)), Err(PasskeyFault::OtherOrigin));
    let more = client("webauthn.get", &CHALLENGE, ORIGIN, r#","other_keys_can_be_added_here":"x""#);
    assert_eq!(shown(key, 0, &more, &own_authenticator(0)), Ok(0), "browsers may say more");
}

#[test]
fn only_keys_of_the_three_kinds_are_taken() {
    let own = own_client("webauthn.create");
    let data = authenticator("card.example.jp", RECOGNISED, 0, Some(b"its name"));
    let keys = Key::all();
    for (key, number) in
        [(&keys[0], -8), (&keys[0], -257), (&keys[1], -7), (&keys[2], -7), (&keys[0], -35), (&keys[0], 0)]
    {
        assert_eq!(made(&own, &data, &key.public(), number), Err(PasskeyFault::UnsuitableKey), "{number}");
    }
    assert_eq!(made(&own, &data, b"no key", -7), Err(PasskeyFault::UnsuitableKey));
}

#[test]
fn a_signature_counts_for_what_was_signed_by_the_key_alone() {
    let keys = Key::all();
    let (client, data) = (own_client("webauthn.get"), own_authenticator(1));
    for key in &keys {
        let signature = key.sign(&[data.as_slice(), &sha256(&client)].concat());
        let public = key.public();
        let known = KnownKey { algorithm: key.algorithm(), public_key: &public, sign_count: 0 };
        let judged = |data: &[u8], signature: &[u8]| {
            let shown = Shown { client_data: &client, authenticator_data: data, signature };
            authenticate(&RelyingParty::at(ORIGIN), &CHALLENGE, &known, &shown)
        };
        assert_eq!(judged(&data, &signature), Ok(1));
        assert_eq!(judged(&own_authenticator(2), &signature), Err(PasskeyFault::WrongSignature));
        let mut bent = signature.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert_eq!(judged(&data, &bent), Err(PasskeyFault::WrongSignature));
        assert_eq!(judged(&data, b""), Err(PasskeyFault::WrongSignature));
    }
    let other = Key::all();
    let signature = other[0].sign(&[data.as_slice(), &sha256(&client)].concat());
    let public = keys[0].public();
    let known = KnownKey { algorithm: Algorithm::Es256, public_key: &public, sign_count: 0 };
    let shown = Shown { client_data: &client, authenticator_data: &data, signature: &signature };
    let judged = authenticate(&RelyingParty::at(ORIGIN), &CHALLENGE, &known, &shown);
    assert_eq!(judged, Err(PasskeyFault::WrongSignature));
}

#[test]
fn a_counter_never_goes_back_nor_stands_still() {
    let key = &Key::all()[0];
    for (before, now) in [(5, 5), (5, 4), (5, 0)] {
        let judged = shown(key, before, &own_client("webauthn.get"), &own_authenticator(now));
        assert_eq!(judged, Err(PasskeyFault::CounterWentBack), "{before} then {now}");
    }
}

#[test]
fn no_beginning_of_an_answer_is_one() {
    let key = &Key::all()[0];
    let (client, data) =
        (own_client("webauthn.create"), authenticator("card.example.jp", RECOGNISED, 0, Some(b"its name")));
    let whole = data.len() - b"a COSE key".len();
    for end in 0..whole {
        assert_eq!(made(&client, &data[..end], &key.public(), -7), Err(PasskeyFault::Malformed), "{end} bytes");
    }
    for end in 0..client.len() {
        assert!(made(&client[..end], &data, &key.public(), -7).is_err(), "{end} bytes");
    }
    let long = vec![b' '; 5000];
    assert_eq!(made(&long, &data, &key.public(), -7), Err(PasskeyFault::Malformed));
}

#[test]
fn a_host_is_told_from_its_port() {
    for (origin, host) in [
        ("https://card.example.jp", "card.example.jp"),
        ("https://card.example.jp:8443", "card.example.jp"),
        ("http://localhost:8080", "localhost"),
        ("http://[::1]:8080", "[::1]"),
    ] {
        assert_eq!(RelyingParty::at(origin).id_hash, sha256(host.as_bytes()), "{origin}");
    }
}
