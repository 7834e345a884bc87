//! One-time codes: what an app shows every half minute (RFC 6238), and the codes kept for the day it is lost.

use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::ids::Moment;

/// Bytes of a secret: 160 bits (RFC 4226 section 4, requirement R6).
pub const SECRET_BYTES: usize = 20;

/// How long a code is shown.
pub const STEP_SECONDS: u32 = 30;

/// How many recovery codes somebody is given.
pub const RECOVERY_CODES: usize = 10;

/// Characters of a recovery code: 16 of 32, so 80 bits. That is out of reach of guessing, so its plain
/// digest may be kept (OWASP ASVS 5.0 6.5.2).
const RECOVERY_LENGTH: usize = 16;

/// Letters and digits that nobody takes for each other.
const RECOVERY_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What a generator makes its codes from.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeSecret([u8; SECRET_BYTES]);

impl std::fmt::Debug for CodeSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("CodeSecret(hidden)")
    }
}

impl CodeSecret {
    /// A secret of these bytes, which came from a generator of random numbers.
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be sealed.
    pub fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// Six digits, half a minute, SHA-1: what every app reads. HMAC does not lean on what SHA-1 lost.
    fn generator(&self) -> Builder {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(u64::from(STEP_SECONDS))
            .with_secret(Secret::new(Box::new(self.0)))
    }

    fn plain(&self) -> Totp {
        self.generator().build_noncompliant()
    }

    /// The step that a typed code belongs to: the present one or a neighbour, since clocks differ
    /// (RFC 6238 section 5.2). `None` for a wrong code. A step must then be accepted once only.
    pub fn step_of(&self, typed: &str, at: Moment) -> Option<i64> {
        let code: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        let seconds = u64::try_from(at.utc().timestamp()).ok()?;
        self.plain().check(&code, seconds).and_then(|step| i64::try_from(step).ok())
    }

    /// The secret to type into an app: groups of four letters and digits (RFC 4648 base 32).
    pub fn groups(&self) -> String {
        let text: Vec<char> = Secret::new(Box::new(self.0)).to_base32().chars().filter(|c| *c != '=').collect();
        text.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The link that an app opens or scans. A colon would end the name in it.
    pub fn link(&self, register: &str, email: &str) -> String {
        let plain = |text: &str| text.replace(':', " ");
        self.generator()
            .with_issuer(Some(plain(register)))
            .with_account_name(plain(email))
            .build()
            .and_then(|totp| totp.to_url())
            .unwrap_or_default()
    }
}

/// A code for the day on which the generator is lost, as its owner reads it: four groups of four.
pub fn recovery_code(bytes: [u8; RECOVERY_LENGTH]) -> String {
    let letters: Vec<char> = bytes
        .iter()
        .filter_map(|byte| RECOVERY_LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter)))
        .collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What is kept of a recovery code. Spaces, hyphens and capitals do not count. `None` for what has
/// another form and so is none.
pub fn recovery_digest(typed: &str) -> Option<Vec<u8>> {
    let code: String =
        typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').flat_map(char::to_lowercase).collect();
    let formed = code.len() == RECOVERY_LENGTH && code.bytes().all(|byte| RECOVERY_LETTERS.contains(&byte));
    formed.then(|| Sha256::new().chain_update(b"recovery code\0").chain_update(code.as_bytes()).finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_epoch_seconds(seconds).unwrap()
    }

    /// The secret of the test vectors in RFC 6238, appendix B.
    fn of_the_rfc() -> CodeSecret {
        CodeSecret::new(*b"12345678901234567890")
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code, step) in [
            (59, "287082", 1),
            (1_111_111_109, "081804", 37_037_036),
            (1_111_111_111, "050471", 37_037_037),
            (1_234_567_890, "005924", 41_152_263),
            (2_000_000_000, "279037", 66_666_666),
            (20_000_000_000, "353130", 666_666_666),
        ] {
            assert_eq!(of_the_rfc().step_of(code, at(seconds)), Some(step), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_late_and_no_longer() {
        let code = "287082";
        assert_eq!(of_the_rfc().step_of(code, at(0)), Some(1), "one step early");
        assert_eq!(of_the_rfc().step_of(code, at(89)), Some(1), "one step late");
        assert_eq!(of_the_rfc().step_of(code, at(90)), None, "two steps late");
    }

    #[test]
    fn spaces_do_not_count_and_anything_else_is_wrong() {
        assert_eq!(of_the_rfc().step_of(" 287 082 ", at(59)), Some(1));
        for wrong in ["", "287083", "28708", "2870822", "94287082", "+87082", "２８７０８２"] {
            assert_eq!(of_the_rfc().step_of(wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn the_secret_is_shown_in_groups_and_as_a_link_and_never_in_a_log() {
        let secret = of_the_rfc();
        assert_eq!(secret.groups(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let link = secret.link("Lakeshore: Muster", "ada@hospital.example");
        assert!(link.starts_with("otpauth://totp/Lakeshore"), "{link}");
        assert!(link.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{link}");
        assert_eq!(format!("{secret:?}"), "CodeSecret(hidden)");
    }

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        let code = recovery_code([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 29, 30, 31]);
        assert_eq!(code, "abcd-efgh-ijkm-6789");
        let kept = recovery_digest(&code);
        assert!(kept.is_some());
        assert_eq!(recovery_digest("ABCD EFGH IJKM 6789"), kept);
        for wrong in ["", "abcd-efgh-ijkm-678", "abcd-efgh-ijkm-6781", "287082"] {
            assert_eq!(recovery_digest(wrong), None, "{wrong}");
        }
    }
}
