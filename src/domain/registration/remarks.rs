//! What is allowed and yet worth a word: guidance that a system may have reasons not to follow.

use super::super::identities::RefreshTokens;
use super::redirects;

/// What remarks are made about.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// It works without a person.
    pub without_person: bool,
    pub access_token_seconds: Option<i64>,
    pub refresh_tokens: RefreshTokens,
    pub refresh_token_seconds: Option<i64>,
    pub review_interval_days: Option<i64>,
}

/// What is said of a redirect URI; nothing of most.
pub fn redirect_uri(uri: &str) -> &'static str {
    redirects::remark(uri).unwrap_or_default()
}

/// What is said of how long an access token lives (SMART App Launch 2.2: one hour for apps; for back-end
/// services 300 seconds).
pub fn access_token(facts: Facts) -> &'static str {
    let Some(seconds) = facts.access_token_seconds else { return "" };
    match (facts.without_person, seconds) {
        (true, seconds) if seconds > 300 => {
            "SMART advises at most 300 seconds for services that work without a person: a token that leaked works this \
             long after its client was stopped."
        }
        (false, seconds) if seconds > 3_600 => {
            "SMART advises at most one hour for apps: a token that leaked works this long after its client was stopped."
        }
        _ => "",
    }
}

/// What is said of how long refresh tokens live.
pub fn refresh_token(facts: Facts) -> &'static str {
    match (facts.refresh_tokens, facts.refresh_token_seconds, facts.access_token_seconds) {
        (RefreshTokens::Limited | RefreshTokens::NeverExpire, _, _) if facts.without_person => {
            "SMART advises against refresh tokens for services that work without a person."
        }
        (RefreshTokens::NeverExpire, _, _) => "Whoever holds one keeps getting access until somebody stops the client.",
        (RefreshTokens::Limited, Some(refresh), Some(access)) if refresh < access => {
            "It ends before the access token it would renew. Are both in seconds?"
        }
        _ => "",
    }
}

/// What is said of the days between two reviews.
pub fn review_interval(facts: Facts) -> &'static str {
    match facts.review_interval_days {
        Some(days) if days > 366 => "More than a year passes between two reviews.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(without_person: bool, access: i64) -> Facts {
        Facts {
            without_person,
            access_token_seconds: Some(access),
            refresh_tokens: RefreshTokens::Limited,
            refresh_token_seconds: Some(600),
            review_interval_days: Some(367),
        }
    }

    #[test]
    fn what_smart_advises_is_a_remark_and_no_refusal() {
        assert_eq!(access_token(facts(true, 300)), "");
        assert!(access_token(facts(true, 301)).contains("300 seconds"));
        assert_eq!(access_token(facts(false, 3_600)), "");
        assert!(access_token(facts(false, 3_601)).contains("one hour"));
        assert!(refresh_token(facts(true, 300)).contains("against refresh tokens"));
        assert!(refresh_token(facts(false, 3_600)).contains("Are both in seconds?"));
        assert_eq!(refresh_token(facts(false, 300)), "");
        assert!(review_interval(facts(false, 300)).contains("More than a year"));
    }

    #[test]
    fn wildcards_and_unencrypted_addresses_are_remarked() {
        for plain in
            ["https://a.example/cb", "http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/", "com.a.b:/cb"]
        {
            assert_eq!(redirect_uri(plain), "", "{plain}");
        }
        for odd in ["https://*.a.example/cb", "https://a.example/*", "http://a.example/cb", "myapp:/cb", "/*"] {
            assert_ne!(redirect_uri(odd), "", "{odd}");
        }
    }
}
