//! A provider of single sign-on that does what a test tells it, also what no provider should do.
//!
//! It signs with keys of its own, takes each code once, and holds the client to what the
//! specifications ask of it: its secret, the exact return address and the verifier of PKCE.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use muster::config::SingleSignOn;
use muster::domain::single_sign_on::GroupRoles;
use openidconnect::core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKeyId, PrivateSigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::{NOW, at};

pub const CLIENT: &str = "muster";
pub const SECRET: &str = "canary client secret / 4417";

/// How a token is signed.
#[derive(Debug, Clone, Copy)]
pub enum Signed {
    /// With the key of that number, named `key-N`.
    By(u8),
    /// With the first key, under the name of another.
    ByUnderName(u8, &'static str),
    /// `alg: none`, no signature.
    Not,
    /// HS256 with the bytes of the public key.
    WithPublicKey,
    /// HS256 with the client secret.
    WithClientSecret,
    /// With the first key, and then altered.
    Altered,
}

/// What the provider answers for a code.
#[derive(Debug, Clone)]
pub struct Answer {
    pub claims: Value,
    pub header: Value,
    pub signed: Signed,
    pub user_info: Value,
}

/// What the provider does instead of describing itself.
#[derive(Debug, Clone)]
pub enum Describes {
    Itself,
    /// A redirect to that address.
    Elsewhere(String),
    /// With so many bytes.
    AtLength(usize),
    /// Never.
    Not,
}

struct Code {
    answer: Answer,
    challenge: String,
}

struct State {
    describes: Describes,
    description: Value,
    keys: Vec<u8>,
    codes: HashMap<String, Code>,
    user_info: HashMap<String, Value>,
    asked: Vec<String>,
    /// Connections that are never answered.
    held: Vec<TcpStream>,
    stopped: bool,
}

/// The provider. It stops with the test.
pub struct StubProvider {
    pub issuer: String,
    address: std::net::SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Drop for StubProvider {
    fn drop(&mut self) {
        self.state.lock().unwrap().stopped = true;
        let _ = TcpStream::connect(self.address);
    }
}

/// A private key that every run knows again: Ed25519 in PKCS #8 (RFC 8410) with one byte repeated.
fn key(number: u8) -> CoreEdDsaPrivateSigningKey {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend([number; 32]);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("key-{number}")))).unwrap()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn token(answer: &Answer) -> String {
    let (algorithm, kid) = match answer.signed {
        Signed::By(number) => ("EdDSA", format!("key-{number}")),
        Signed::ByUnderName(_, name) => ("EdDSA", name.to_owned()),
        Signed::Altered => ("EdDSA", "key-1".to_owned()),
        Signed::Not => ("none", String::new()),
        Signed::WithPublicKey | Signed::WithClientSecret => ("HS256", "key-1".to_owned()),
    };
    let mut header = json!({ "alg": algorithm, "kid": kid });
    for (name, value) in answer.header.as_object().unwrap() {
        header[name] = value.clone();
    }
    let text = format!("{}.{}", part(&header), part(&answer.claims));
    let by = |number| key(number).sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes()).unwrap();
    let with = |secret: &[u8]| {
        let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap().chain_update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let signature = match answer.signed {
        Signed::By(number) | Signed::ByUnderName(number, _) => by(number),
        Signed::Altered => {
            let mut signature = by(1);
            signature[7] ^= 1;
            signature
        }
        Signed::Not => Vec::new(),
        Signed::WithPublicKey => with(&public_key(1)),
        Signed::WithClientSecret => with(SECRET.as_bytes()),
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn public_key(number: u8) -> Vec<u8> {
    let jwk = serde_json::to_value(key(number).as_verification_key()).unwrap();
    URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap()
}

/// The access token of a code.
pub fn access_token(code: &str) -> String {
    format!("access-{code}")
}

/// Half of the hash of a code's access token, as `at_hash` has it for Ed25519 (SHA-512).
pub fn access_token_hash(code: &str) -> String {
    URL_SAFE_NO_PAD.encode(&sha2::Sha512::digest(access_token(code))[..32])
}

impl StubProvider {
    /// A provider that behaves.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = format!("http://{address}");
        let description = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/me"),
            "jwks_uri": format!("{issuer}/keys"),
            "end_session_endpoint": format!("{issuer}/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
            "scopes_supported": ["openid", "email", "profile", "groups"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        let state = Arc::new(Mutex::new(State {
            describes: Describes::Itself,
            description,
            keys: vec![1],
            codes: HashMap::new(),
            user_info: HashMap::new(),
            asked: Vec::new(),
            held: Vec::new(),
            stopped: false,
        }));
        let serving = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.lock().unwrap().stopped {
                    return;
                }
                let state = serving.clone();
                std::thread::spawn(move || serve(&state, stream));
            }
        });
        Self { issuer, address, state }
    }

    /// What a deployment is told of it.
    pub fn settings(&self) -> SingleSignOn {
        SingleSignOn {
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned(),
            name: "Staff login".to_owned(),
            groups_claim: "groups".to_owned(),
            roles: GroupRoles::parse("leads=administrator; desk=security_analyst; readers=auditor; wards=owner")
                .unwrap(),
            root_certificate: None,
            only: false,
            longest_wait: Duration::from_secs(10),
        }
    }

    /// Describes itself differently from now on.
    pub fn describes(&self, how: Describes) {
        self.state.lock().unwrap().describes = how;
    }

    /// Says something else of itself; null says nothing.
    pub fn says(&self, name: &str, value: Value) {
        let mut state = self.state.lock().unwrap();
        match value {
            Value::Null => drop(state.description.as_object_mut().unwrap().remove(name)),
            value => state.description[name] = value,
        }
    }

    /// Publishes these keys from now on.
    pub fn publishes(&self, keys: &[u8]) {
        self.state.lock().unwrap().keys = keys.to_vec();
    }

    /// The claims of somebody, as a token that is right has them.
    pub fn claims(&self, subject: &str, groups: &[&str], nonce: &str) -> Value {
        let now = at(NOW).utc().timestamp();
        json!({
            "iss": self.issuer,
            "sub": subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now - 10,
            "nonce": nonce,
            "name": format!("Person {subject}"),
            "email": format!("{subject}@hospital.example"),
            "email_verified": true,
            "groups": groups,
        })
    }

    /// A code that is exchanged for these claims, once.
    pub fn code(&self, challenge: &str, claims: Value) -> String {
        self.code_for(challenge, Answer { claims, header: json!({}), signed: Signed::By(1), user_info: json!({}) })
    }

    /// A code that is exchanged for this answer, once.
    pub fn code_for(&self, challenge: &str, answer: Answer) -> String {
        let mut state = self.state.lock().unwrap();
        let code = format!("code-{}", state.codes.len() + 1);
        state.codes.insert(code.clone(), Code { answer, challenge: challenge.to_owned() });
        code
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|asked| *asked == path).count()
    }
}

fn serve(state: &Mutex<State>, stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut stream = reader.into_inner();
    let path = first.split(' ').nth(1).unwrap().to_owned();
    let mut state = state.lock().unwrap();
    state.asked.push(path.clone());
    let (status, location, answer) = match path.as_str() {
        "/.well-known/openid-configuration" => match state.describes.clone() {
            Describes::Itself => (200, String::new(), state.description.to_string()),
            Describes::Elsewhere(location) => (302, location, String::new()),
            Describes::AtLength(bytes) => {
                let mut long = state.description.clone();
                long["padding"] = json!("a".repeat(bytes));
                (200, String::new(), long.to_string())
            }
            Describes::Not => {
                state.held.push(stream);
                return;
            }
        },
        "/keys" => {
            let keys: Vec<Value> = state
                .keys
                .iter()
                .map(|number| serde_json::to_value(key(*number).as_verification_key()).unwrap())
                .collect();
            (200, String::new(), json!({ "keys": keys }).to_string())
        }
        "/token" => match exchange(&mut state, &headers, &body) {
            Ok(answer) => (200, String::new(), answer.to_string()),
            Err(why) => (400, String::new(), json!({ "error": "invalid_grant", "error_description": why }).to_string()),
        },
        "/me" => {
            let bearer = headers.get("authorization").and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
            match state.user_info.get(bearer) {
                Some(said) => (200, String::new(), said.to_string()),
                None => (401, String::new(), "{}".to_owned()),
            }
        }
        _ => (404, String::new(), "{}".to_owned()),
    };
    drop(state);
    let location = if location.is_empty() { location } else { format!("Location: {location}\r\n") };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} As told\r\nContent-Type: application/json\r\n{location}Content-Length: {}\r\nConnection: \
         close\r\n\r\n{answer}",
        answer.len()
    );
}

/// The token endpoint (RFC 6749 section 4.1.3, RFC 7636 section 4.6): says what the client did wrong.
fn exchange(state: &mut State, headers: &HashMap<String, String>, body: &[u8]) -> Result<Value, &'static str> {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{encoded}")));
    if headers.get("authorization").map(String::as_str) != Some(basic.as_str()) {
        return Err("the client does not say who it is");
    }
    if field("grant_type") != "authorization_code" {
        return Err("this is not the code flow");
    }
    if !field("redirect_uri").ends_with("/sign-in/single-sign-on/return") {
        return Err("the return address is another one");
    }
    let code = state.codes.remove(field("code")).ok_or("the code is not known, or was used")?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier")));
    if field("code_verifier").len() < 43 || challenge != code.challenge {
        return Err("the verifier is wrong");
    }
    let access = access_token(field("code"));
    state.user_info.insert(access.clone(), code.answer.user_info.clone());
    let mut out = json!({ "access_token": access, "token_type": "Bearer", "expires_in": 60 });
    if !code.answer.claims.is_null() {
        out["id_token"] = json!(token(&code.answer));
    }
    Ok(out)
}
