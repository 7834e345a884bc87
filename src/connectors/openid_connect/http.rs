//! The client that speaks to a provider: TLS, no redirect, no proxy, a short answer in a short time.
//!
//! A provider's address is trusted; what answers at it is not (OWASP ASVS 5.0 13.2.4, 13.2.5, 15.3.2).

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use reqwest::redirect::Policy;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::domain::provider_address::may_be_reached;

/// The longest answer that is read: 1 MiB.
pub const LONGEST_ANSWER: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Whatever names the address: nothing is sent in the clear.
    #[error("its address {0} is not protected by TLS")]
    Bare(String),
    #[error("its answer is longer than 1 MiB")]
    TooLong,
    #[error("it does not answer in time")]
    Slow,
    #[error("{0}")]
    Failed(String),
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Slow;
        }
        // Without the address, which carries parameters; with the causes, which say what went wrong.
        let error = error.without_url();
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            text = format!("{text}: {deeper}");
            cause = deeper.source();
        }
        Self::Failed(text)
    }
}

/// The client.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    /// The provider is on this machine, where plain http will do.
    local: bool,
}

impl Http {
    /// A client that trusts the public authorities, and those of a PEM file.
    ///
    /// # Errors
    /// One line that names the file and what is wrong with it.
    pub fn new(roots: Option<&Path>, local: bool, longest_wait: Duration) -> Result<Self, String> {
        let mut trusted = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = roots {
            let wrong = |error: &dyn std::fmt::Display| format!("{} cannot be used: {error}", path.display());
            let mut found = 0;
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
                trusted.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
                found += 1;
            }
            if found == 0 {
                return Err(wrong(&"it holds no certificate; give a PEM file"));
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(!local)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .timeout(longest_wait)
            .user_agent(concat!("Muster/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self { client, local })
            .map_err(|error| HttpError::from(error).to_string())
    }

    /// Sends a request and reads the whole answer, as long as it stays short.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        if !may_be_reached(request.url(), self.local) {
            return Err(HttpError::Bare(request.url().origin().ascii_serialization()));
        }
        let mut answer = self.client.execute(request).await?;
        let announced = answer.content_length().unwrap_or(0);
        if announced > LONGEST_ANSWER as u64 {
            return Err(HttpError::TooLong);
        }
        let mut body: Vec<u8> = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut out = HttpResponse::new(body);
        *out.status_mut() = answer.status();
        out.headers_mut().extend(answer.headers().clone());
        Ok(out)
    }
}
