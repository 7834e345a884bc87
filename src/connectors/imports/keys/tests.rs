use super::*;

/// A certificate made for this test; its key is thrown away.
const CERTIFICATE: &str = "MIIBdTCCARygAwIBAgIBBzAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9iYWNrZW5kLmV4YW1wbGUwHhcNMjYxMTIzMjAxOTA2WhcNMzYxMTIwMjAxOTA2WjAaMRgwFgYDVQQDDA9iYWNrZW5kLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATPO4GPVW0VeEltOIqhSVYcIUs01RFmMmkpLQsF9lXalbd6zhoO1cdlRg/A91a0Xh3oyEr2xWF6DUY8lzoG9Wepo1MwUTAdBgNVHQ4EFgQUbEnGuRZFJS8mrsrF0UwbAuPztO8wHwYDVR0jBBgwFoAUbEnGuRZFJS8mrsrF0UwbAuPztO8wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBjHZ4cOyFA6Ze6MzK+yRVI8FmGSzNE991ThKvMH3gaBQIgD/8SRufjTPyzYdNkxv7IPvUS1Hg+x+j9wN6ZEdXMOzc=";

#[test]
fn a_certificate_tells_its_thumbprint_and_dates() {
    let armoured = format!("-----BEGIN CERTIFICATE-----\n{CERTIFICATE}\n-----END CERTIFICATE-----\n");
    for text in [CERTIFICATE, &armoured] {
        let certificate = Certificate::read(text).unwrap();
        // As openssl x509 -fingerprint -sha256 -dates says.
        assert_eq!(certificate.thumbprint, "5dba94089c7ff7706ee8a2db63b908d969f8ac1e3d7eab6546b14cfc69899605");
        assert_eq!(certificate.from, Moment::parse("2026-11-23T20:19:06Z").unwrap());
        assert_eq!(certificate.until, Moment::parse("2036-11-20T20:19:06Z").unwrap());
    }
}

#[test]
fn what_is_no_certificate_is_none_wherever_it_is_cut() {
    let der = STANDARD.decode(CERTIFICATE).unwrap();
    for end in 0..der.len() {
        assert_eq!(Certificate::read(&STANDARD.encode(&der[..end])), None, "{end}");
    }
    assert_eq!(Certificate::read("not base64 at all!"), None);
}

#[test]
fn the_thumbprint_of_the_key_in_rfc_7638_is_the_one_it_prints() {
    let set = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let credentials = read_key_set(set, &[1; 32], &mut Vec::new()).unwrap();
    assert_eq!(credentials[0].thumbprint.as_deref(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
    assert_eq!(credentials[0].key_id.as_deref(), Some("2011-04-29"));
    assert!(credentials[0].never_expires && credentials[0].expires_at.is_none(), "a key has no end of its own");
}

#[test]
fn of_a_private_key_only_the_public_thumbprint_stays() {
    let mut remarks = Vec::new();
    let set = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AAA","y":"BBB","d":"PLANTED-d","kid":"k"},{"kty":"oct","k":"PLANTED-k"}]}"#;
    let credentials = read_key_set(set, &[1; 32], &mut remarks).unwrap();
    assert_eq!(credentials.len(), 2);
    assert!(credentials[0].thumbprint.is_some());
    assert_eq!(credentials[1].thumbprint, None);
    assert!(credentials[1].fingerprint.is_some());
    assert_eq!(remarks.len(), 2);
    assert!(!format!("{credentials:?}{remarks:?}").contains("PLANTED"));
}

#[test]
fn a_public_key_has_a_thumbprint_and_other_bytes_have_none() {
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzzuBj1VtFXhJbTiKoUlWHCFLNNURZjJpKS0LBfZV2pW3es4aDtXHZUYPwPdWtF4d6MhK9sVheg1GPJc6BvVnqQ==";
    assert_eq!(public_key_thumbprint(key).unwrap(), "e4cfde0762f3fc6c59c6297bb11d8e5f1b8fd2e64d51e8bd38d3318644185cc4");
    assert_eq!(public_key_thumbprint("c2VjcmV0"), None);
}
