//! A device that holds passkeys, in software: what a browser and an authenticator do together
//! (WebAuthn level 3, sections 5.1, 6.1 and 6.5), so that each thing they promise can be left out.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::SignatureScheme;
use rustls::sign::SigningKey;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A P-256 key made for these tests, PKCS#8.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfAKg4uS4r4YJuhkcJ/q6DsjYHOCbiONgoePSVgeMeOChRANCAATFIQg1DDOEQu3MuDtwec8+Dq/W8ubphygUnrQewm2NXMxdIhmG/SZgNE1V2qernsTJ7CNAMr2arHJi2hogFZcw";

/// A device. Change a field and it does something else than it should.
#[derive(Debug, Clone)]
pub struct Authenticator {
    pub origin: String,
    pub relying_party: String,
    pub credential: Vec<u8>,
    /// Whose passkey it says it is.
    pub handle: Vec<u8>,
    pub counter: u32,
    /// Whether it asked for a finger or a PIN.
    pub verifies: bool,
    /// Whether it keeps the passkey so that it is found without an address.
    pub keeps: bool,
    /// Signs what it should.
    pub honest: bool,
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// CBOR (RFC 8949): a head and what follows it.
fn cbor(major: u8, length: usize, body: &[u8]) -> Vec<u8> {
    let mut out = match length {
        0..=23 => vec![major << 5 | u8::try_from(length).unwrap()],
        24..=255 => vec![major << 5 | 24, u8::try_from(length).unwrap()],
        _ => [&[major << 5 | 25][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
    };
    out.extend_from_slice(body);
    out
}

impl Authenticator {
    /// A device of its own for the page at that origin.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            relying_party: "localhost".to_owned(),
            credential: rand::random::<[u8; 32]>().to_vec(),
            handle: Vec::new(),
            counter: 0,
            verifies: true,
            keeps: true,
            honest: true,
        }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&self, made: bool) -> Vec<u8> {
        let mut flags = 0b0000_0001;
        if self.verifies {
            flags |= 0b0000_0100;
        }
        if made {
            flags |= 0b0100_0000;
        }
        let mut out = Sha256::digest(self.relying_party.as_bytes()).to_vec();
        out.push(flags);
        out.extend_from_slice(&self.counter.to_be_bytes());
        out
    }

    /// The public key as COSE (RFC 9053): ES256 on P-256.
    fn public_key() -> Vec<u8> {
        let der = STANDARD.decode(KEY).unwrap();
        let point = &der[der.len() - 64..];
        let mut map = cbor(5, 5, &[0x01, 0x02, 0x03, 0x26, 0x20, 0x01]);
        map.push(0x21);
        map.extend(cbor(2, 32, &point[..32]));
        map.push(0x22);
        map.extend(cbor(2, 32, &point[32..]));
        map
    }

    /// Makes a passkey as `options` ask, and answers what the browser sends.
    pub fn make(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        self.handle = bytes(&asked["user"]["id"]);
        let mut data = self.authenticator_data(true);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.credential);
        data.extend(Self::public_key());
        let mut object = cbor(5, 3, &[]);
        object.extend(cbor(3, 3, b"fmt"));
        object.extend(cbor(3, 4, b"none"));
        object.extend(cbor(3, 7, b"attStmt"));
        object.extend(cbor(5, 0, &[]));
        object.extend(cbor(3, 8, b"authData"));
        object.extend(cbor(2, data.len(), &data));
        json!({
            "id": text(&self.credential),
            "rawId": text(&self.credential),
            "type": "public-key",
            "response": {
                "attestationObject": text(&object),
                "clientDataJSON": text(&self.client_data("webauthn.create", &asked["challenge"])),
            },
            "clientExtensionResults": { "credProps": { "rk": self.keeps } },
        })
    }

    /// Answers what `options` ask, with the next count.
    pub fn answer(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let client = self.client_data("webauthn.get", &options["publicKey"]["challenge"]);
        let data = self.authenticator_data(false);
        let mut signed = [&data[..], &Sha256::digest(&client)].concat();
        if !self.honest {
            signed.push(0);
        }
        json!({
            "id": text(&self.credential),
            "rawId": text(&self.credential),
            "type": "public-key",
            "response": {
                "authenticatorData": text(&data),
                "clientDataJSON": text(&client),
                "signature": text(&sign(&signed)),
                "userHandle": text(&self.handle),
            },
        })
    }
}

fn sign(message: &[u8]) -> Vec<u8> {
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap()));
    let key: std::sync::Arc<dyn SigningKey> = rustls::crypto::ring::sign::any_ecdsa_type(&der).unwrap();
    key.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]).unwrap().sign(message).unwrap()
}
