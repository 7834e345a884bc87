//! The server: listens, serves, stops gracefully.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Request};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_tls::accept::TlsError;
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions, Server, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpResponse, web};
use tokio::io::{AsyncRead, AsyncWrite};

use super::campaigns::far::Far;
use super::connection::Connection;
use super::door::{self, Gate};
use super::hosts::Hosts;
use super::identities::counts::Counts;
use super::limits::Limits;
use super::peers::Peers;
use super::routes;
use super::single_sign_on::Way;
use crate::actions::Register;
use crate::config::{Listening, Patience};

/// How many connections are held at once; further ones wait until one ends. Enough for a hospital
/// and for hundreds of slow strangers, and few enough for a usual limit of open files to be raised to.
const MOST_CONNECTIONS: usize = 4_000;

/// How long a connection that ends is read on, so that its last answer arrives.
const LINGER: Duration = Duration::from_secs(2);

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
    server_with(register, listening, listener, routes::attach)
}

/// The server with what `attach` says.
///
/// It is put together from the parts of `actix_web::HttpServer`, since each connection is one of ours
/// ([`Connection`]): that type takes none but its own.
fn server_with(
    register: Register,
    listening: &Listening,
    listener: TcpListener,
    attach: fn(&mut web::ServiceConfig),
) -> Result<Server, ServeError> {
    let way = web::Data::new(Way::new(&register).map_err(ServeError::SingleSignOn)?);
    let access = register.deployment.access.clone();
    let patience = access.patience;
    let https = register.deployment.base_url.starts_with("https://");
    let address = listener.local_addr().map_err(ServeError::Stopped)?;
    let gate = web::Data::new(Gate {
        peers: Peers(listening.behind_proxy),
        hosts: Arc::new(Hosts::new(&register.deployment.base_url, address, &access.hosts)),
        limits: Arc::new(Limits::new(access.rates)),
    });
    let data = web::Data::new(register);
    let (counts, far) = (web::Data::new(Counts::default()), web::Data::new(Far::default()));
    let app = move || {
        App::new()
            .app_data(data.clone())
            .app_data(counts.clone())
            .app_data(far.clone())
            .app_data(gate.clone())
            .app_data(way.clone())
            .wrap(Compress::default())
            .wrap(from_fn(door::pass))
            .configure(attach)
            .into_factory()
            .map_err(|error: actix_web::Error| error.error_response())
    };
    let workers = std::thread::available_parallelism().map_or(2, NonZero::get);
    let server = Server::build()
        .workers(workers)
        .max_concurrent_connections(MOST_CONNECTIONS.div_ceil(workers))
        .shutdown_timeout(20);
    let signal = server.graceful_shutdown_signal();
    let stopping = move || {
        let signal = signal.clone();
        async move { signal.notified().await }
    };
    let server = match &listening.tls {
        None => server.listen("muster", listener, move || {
            fn_service(move |stream: TcpStream| async move {
                let peer = stream.peer_addr().ok();
                Ok((Connection::new(stream, patience, https), peer))
            })
            .and_then(http(app(), patience, stopping.clone()))
        }),
        Some((certificate, key)) => {
            let tls = tls(certificate, key)?;
            server.listen("muster", listener, move || {
                Acceptor::new(tls.clone())
                    .map_err(TlsError::into_service_error)
                    .map(move |stream: TlsStream<TcpStream>| {
                        let peer = stream.get_ref().0.peer_addr().ok();
                        (Connection::new(stream, patience, https), peer)
                    })
                    .and_then(http(app(), patience, stopping.clone()).map_err(TlsError::Service))
            })
        }
    };
    Ok(server.map_err(ServeError::Stopped)?.run())
}

/// HTTP/1.1 over a connection of ours, with the limits of time.
fn http<T, S, B, F>(
    app: S,
    patience: Patience,
    stopping: impl Fn() -> F + 'static,
) -> impl ServiceFactory<
    (Connection<T>, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
>
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = HttpResponse> + 'static,
    S::InitError: std::fmt::Debug,
    B: MessageBody + 'static,
    F: Future<Output = ()> + 'static,
{
    HttpService::build()
        .graceful_shutdown_signal(stopping)
        .keep_alive(patience.idle)
        .client_request_timeout(patience.head)
        .client_disconnect_timeout(LINGER)
        .on_connect_ext(|connection: &Connection<T>, data: &mut Extensions| {
            data.insert(connection.answering());
        })
        .h1(map_config(app, |()| AppConfig::default()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::By;
    use crate::config::{Access, Clock, Deployment, MailRoute, approval_tables, scope_tables};
    use crate::store::connection::Address;
    use crate::store::{Database, migrations, settings};
    use crate::web::{act, routes};

    async fn falls() -> HttpResponse {
        panic!("a handler that falls")
    }

    /// Writes, and falls before the transaction ends.
    async fn falls_while_writing(register: web::Data<Register>) -> crate::web::Answer {
        let by = By::setup(register.now());
        act(&register, move |register| {
            register.change(&by, |work| {
                settings::get_or_insert(work.db, "planted", "half")?;
                work.record::<()>("account.open", "account", "planted", None, None);
                panic!("an action that falls");
                #[allow(unreachable_code)]
                Ok(())
            })
        })
        .await??;
        crate::web::see_other("/")
    }

    fn attach(config: &mut web::ServiceConfig) {
        routes::attach(config);
        for (path, route) in [
            ("/falls", routes::to(actix_web::http::Method::GET, falls)),
            ("/falls-while-writing", routes::to(actix_web::http::Method::GET, falls_while_writing)),
            // Without what stands around the handlers of the table.
            ("/falls-bare", web::get().to(falls)),
        ] {
            config.service(web::resource(path).route(route));
        }
    }

    #[test]
    fn a_handler_that_panics_takes_nobody_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open_sized(&Address::Sqlite(folder.path().join("muster.db")), 4).unwrap();
        migrations::run(&mut database.read().unwrap()).unwrap();
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let deployment = Deployment {
            data_folder: folder.path().to_owned(),
            clock: Clock::default(),
            base_url: format!("http://{address}"),
            register_name: "Test".to_owned(),
            help: "the desk".to_owned(),
            time_zone: chrono_tz::UTC,
            mail_from: "a@hospital.example".to_owned(),
            mail: MailRoute::Folder(folder.path().join("mail")),
            strip: None,
            longest_upload: 1024,
            fingerprint_key: Arc::new([7; 32]),
            scopes: Arc::new(scope_tables(folder.path()).unwrap()),
            approvals: Arc::new(approval_tables(folder.path(), None).unwrap()),
            reviews: Arc::new(crate::domain::reviews::clock::ReviewTable::read(|_| None).unwrap()),
            scheduler: crate::config::SchedulerTimes::default(),
            access: Access { rates: crate::domain::rates::Rates::new(60_000_000).unwrap(), ..Access::default() },
        };
        let register = Register { database, deployment: Arc::new(deployment) };
        let (send, receive) = std::sync::mpsc::channel();
        let serving = register.clone();
        std::thread::spawn(move || {
            let listening = Listening { address, tls: None, behind_proxy: None };
            actix_web::rt::System::new().block_on(async move {
                let server = server_with(serving, &listening, listener, attach).unwrap();
                send.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let server = receive.recv().unwrap();
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let get = |path: &str| agent.get(format!("http://{address}{path}")).call().unwrap();
        let size = || crate::store::audit::size(&mut register.database.read().unwrap()).unwrap();
        let before = size();
        for number in 0..50 {
            let path = ["/falls", "/falls-while-writing", "/falls-bare"][number % 3];
            let mut answer = get(path);
            assert_eq!(answer.status(), 500, "{path}");
            let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            let request_id = header("x-request-id").expect("a number to name");
            for (name, value) in crate::web::fences::FENCES {
                assert_eq!(header(name).as_deref(), Some(*value), "{path}");
            }
            assert_eq!(header("cache-control").as_deref(), Some("no-store"));
            let text = answer.body_mut().read_to_string().unwrap();
            assert!(text.contains(&request_id) && text.contains("Something went wrong on our side"), "{path}: {text}");
            assert!(!text.contains("falls"), "{path} says why it fell: {text}");
        }
        assert_eq!(size(), before, "what was half written is gone");
        let kept = settings::get_or_insert(&mut register.database.read().unwrap(), "planted", "whole").unwrap();
        assert_eq!(kept, "whole");
        assert_eq!((get("/readyz").status().as_u16(), get("/sign-in").status().as_u16()), (200, 200));
        drop(server.stop(false));
    }
}
