//! The server: listens, serves, stops gracefully.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer, web};

use super::identities::counts::Counts;
use super::peers::Peers;
use super::single_sign_on::Way;
use super::{door, routes};
use crate::actions::Register;
use crate::config::Listening;

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{0} cannot be listened on: {1}. Stop what uses it or choose another with --listen")]
    Listen(std::net::SocketAddr, std::io::Error),
    #[error("the TLS certificate or key cannot be used: {0}")]
    Tls(String),
    #[error("single sign-on cannot be set up: {0}")]
    SingleSignOn(String),
    #[error("the server stopped: {0}")]
    Stopped(std::io::Error),
}

/// Opens the port. With port 0 the system chooses one; the listener knows which.
pub fn listen(address: std::net::SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).map_err(|error| ServeError::Listen(address, error))
}

/// Serves until the process is told to stop; requests under way are finished first.
pub async fn serve(register: Register, listening: &Listening, listener: TcpListener) -> Result<(), ServeError> {
    server(register, listening, listener)?.await.map_err(ServeError::Stopped)
}

/// The server, ready to run.
pub fn server(register: Register, listening: &Listening, listener: TcpListener) -> Result<Server, ServeError> {
    let way = web::Data::new(Way::new(&register).map_err(ServeError::SingleSignOn)?);
    let data = web::Data::new(register);
    let counts = web::Data::new(Counts::default());
    let peers = web::Data::new(Peers(listening.behind_proxy));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(counts.clone())
            .app_data(peers.clone())
            .app_data(way.clone())
            .wrap(Compress::default())
            .wrap(from_fn(door::pass))
            .configure(routes::attach)
    })
    .workers(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
    .client_request_timeout(Duration::from_secs(5))
    .client_disconnect_timeout(Duration::from_secs(2))
    .keep_alive(Duration::from_secs(30))
    .shutdown_timeout(20);
    Ok(match &listening.tls {
        None => server.listen(listener).map_err(ServeError::Stopped)?.run(),
        Some((certificate, key)) => {
            let tls = tls(certificate, key)?;
            server.listen_rustls_0_23(listener, tls).map_err(ServeError::Stopped)?.run()
        }
    })
}

fn tls(certificate: &std::path::Path, key: &std::path::Path) -> Result<rustls::ServerConfig, ServeError> {
    use rustls_pki_types::pem::PemObject;
    let wrong = |error: &dyn std::fmt::Display| ServeError::Tls(error.to_string());
    let chain: Vec<_> = rustls_pki_types::CertificateDer::pem_file_iter(certificate)
        .map_err(|e| wrong(&e))?
        .collect::<Result<_, _>>()
        .map_err(|e| wrong(&e))?;
    let key = rustls_pki_types::PrivateKeyDer::from_pem_file(key).map_err(|e| wrong(&e))?;
    rustls::ServerConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| wrong(&e))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|e| wrong(&e))
}
