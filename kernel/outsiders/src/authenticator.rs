//! An authenticator in software, with the browser in front of it (WebAuthn level 3): it answers what
//! `navigator.credentials` is asked. For tests only: its keys are as safe as the memory of a test.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// A device with passkeys, on a page of the given origin.
#[derive(Clone)]
pub struct Authenticator {
    /// The page's origin, `https://bank.example`.
    pub origin: String,
    /// Whether it asked its holder for a finger or a PIN.
    pub verifies_user: bool,
    /// What the next signature counts; a copy of the device repeats numbers.
    pub counter: u32,
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    credential_id: Vec<u8>,
    user_handle: String,
    signing: SigningKey,
}

impl Authenticator {
    /// Without keys.
    pub fn new(origin: &str) -> Self {
        Self { origin: origin.to_owned(), verifies_user: true, counter: 1, keys: Vec::new() }
    }

    /// What `navigator.credentials.create` gives, as JSON.
    ///
    /// # Panics
    /// When the options are not those of a registration.
    pub fn create(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
        let secret = [*first.as_bytes(), *second.as_bytes()].concat();
        let key = Key {
            credential_id: Uuid::now_v7().as_bytes().to_vec(),
            user_handle: options["user"]["id"].as_str().expect("a registration names the user").to_owned(),
            signing: SigningKey::from_slice(&secret).expect("nearly every number is a key"),
        };
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.head(&options["rp"]["id"], HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(&key.credential_id);
        data.extend(public_key(&key.signing));
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData".to_vec();
        object.extend([0x58, u8::try_from(data.len()).expect("about 160 bytes")]);
        object.extend(data);
        let response = json!({ "attestationObject": encode(&object), "clientDataJSON": encode(&client_data) });
        let id = encode(&key.credential_id);
        self.counter += 1;
        self.keys.push(key);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }

    /// What `navigator.credentials.get` gives, as JSON: the answer of the first allowed key.
    ///
    /// # Panics
    /// When no key is allowed.
    pub fn get(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        let allowed = options["allowCredentials"].as_array().cloned().unwrap_or_default();
        let is_allowed = |key: &&Key| {
            allowed.is_empty() || allowed.iter().any(|one| one["id"] == encode(&key.credential_id).as_str())
        };
        let key = self.keys.iter().find(is_allowed).expect("one of the keys is allowed").clone();
        let client_data = self.client_data("webauthn.get", options);
        let data = self.head(&options["rpId"], 0);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature: Signature = key.signing.sign(&signed);
        self.counter += 1;
        let response = json!({
            "authenticatorData": encode(&data),
            "clientDataJSON": encode(&client_data),
            "signature": encode(signature.to_der().as_bytes()),
            "userHandle": key.user_handle,
        });
        let id = encode(&key.credential_id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    /// The beginning of the authenticator's data: for whom, under which circumstances, how often.
    fn head(&self, relying_party: &Value, more: u8) -> Vec<u8> {
        let verified = if self.verifies_user { USER_VERIFIED } else { 0 };
        let name = relying_party.as_str().expect("the options name the relying party");
        let mut head = Sha256::digest(name).to_vec();
        head.push(USER_PRESENT | verified | more);
        head.extend(self.counter.to_be_bytes());
        head
    }
}

/// The public key as COSE writes it (RFC 9053, section 7.1.1).
fn public_key(key: &SigningKey) -> Vec<u8> {
    let point = key.verifying_key().to_encoded_point(false);
    let (x, y) = (point.x().expect("no infinity"), point.y().expect("not compressed"));
    let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    cose.extend(x);
    cose.extend([0x22, 0x58, 0x20]);
    cose.extend(y);
    cose
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
