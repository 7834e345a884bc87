//! `muster serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Failure, Place, open, people};
use crate::actions::{Register, events, first_start};
use crate::config::{Listening, parse_network};
use crate::domain::events::SecurityEvent;
use crate::jobs::scheduler::Scheduler;
use crate::web;

#[derive(Debug, Args)]
pub struct ServeArguments {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The address people reach Muster at; links in mails start with it.
    #[arg(long, env = "MUSTER_BASE_URL")]
    pub base_url: Option<String>,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key, PEM.
    #[arg(long, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// The network of the proxy in front that ends TLS, such as 10.0.0.0/8. Nobody else is answered.
    #[arg(long)]
    pub behind_proxy: Option<String>,
}

/// Runs `serve`.
pub fn run(place: &Place, arguments: &ServeArguments) -> Result<(), Failure> {
    log_to_stderr();
    let listening = Listening {
        address: arguments.listen,
        tls: arguments.tls_cert.clone().zip(arguments.tls_key.clone()),
        behind_proxy: arguments.behind_proxy.as_deref().map(network).transpose()?,
    };
    let listener = web::serve::listen(check(&listening)?)?;
    let base_url = base_url(arguments, &listening, listener.local_addr()?);
    check_base_url(&base_url)?;
    let register = open::open_with(place, |deployment| deployment.base_url.clone_from(&base_url))?;
    let offered = first_start::offer(&register)?;
    if let Some(link) = &offered {
        println!("Nobody has an account yet. Make the first administrator at");
        people::print_link(link);
    }
    println!("Serving {base_url}");
    let stopped = until_stopped(register.clone(), &listening, listener);
    if let Some(link) = &offered {
        first_start::take_back(&register, link)?;
    }
    stopped
}

fn network(text: &str) -> Result<ipnet::IpNet, Failure> {
    parse_network(text).map_err(|error| Failure(format!("--behind-proxy: {error}")))
}

/// Plain HTTP leaves the machine only through a proxy that ends TLS.
fn check(listening: &Listening) -> Result<SocketAddr, Failure> {
    if listening.tls.is_none() && listening.behind_proxy.is_none() && !listening.address.ip().is_loopback() {
        return Err(Failure(format!(
            "{} would serve patient-access data without TLS; give --tls-cert and --tls-key, or --behind-proxy, or listen on 127.0.0.1",
            listening.address
        )));
    }
    Ok(listening.address)
}

fn base_url(arguments: &ServeArguments, listening: &Listening, local: SocketAddr) -> String {
    match &arguments.base_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None if listening.tls.is_some() => format!("https://{local}"),
        None => format!("http://{local}"),
    }
}

/// Cookies, links and HSTS follow the address that people open: what leaves the machine is https.
fn check_base_url(text: &str) -> Result<(), Failure> {
    let wrong = |why: &str| {
        Err(Failure(format!("the base URL {text} {why}; give --base-url as https://muster.hospital.example")))
    };
    let Ok(url) = url::Url::parse(text) else { return wrong("is no address") };
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return wrong("names no host"),
    };
    let nowhere = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_unspecified(),
        Some(url::Host::Ipv6(address)) => address.is_unspecified(),
        _ => false,
    };
    if nowhere {
        return wrong("is none that anybody can open");
    }
    match url.scheme() {
        "https" => {}
        "http" if here => {}
        "http" => return wrong("is reached without TLS from elsewhere"),
        _ => return wrong("is no address of the web"),
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return wrong("holds more than a host and a port");
    }
    Ok(())
}

/// Serves and runs jobs until the process is told to stop; the job under way is finished first.
pub fn until_stopped(
    register: Register,
    listening: &Listening,
    listener: std::net::TcpListener,
) -> Result<(), Failure> {
    events::announce(SecurityEvent::Startup);
    let scheduler = Scheduler::start(register.clone())?;
    actix_web::rt::System::new().block_on(web::serve::serve(register, listening, listener))?;
    drop(scheduler);
    events::announce(SecurityEvent::Shutdown);
    Ok(())
}

/// Structured logs: one JSON object a line on standard error; `RUST_LOG` chooses how much.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,actix_server=warn"));
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    // A panic is a line like any other. Where it was is enough: a text made at the time may hold anything.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let text = panic.payload().downcast_ref::<&str>().copied();
        tracing::error!(target: "security", event = SecurityEvent::Crash.word(), place, text, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_is_https() {
        for right in [
            "https://muster.hospital.example",
            "https://muster.hospital.example:8443",
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:80",
        ] {
            assert!(check_base_url(right).is_ok(), "{right}");
        }
        for wrong in [
            "http://muster.hospital.example",
            "http://10.0.0.5:8080",
            "muster.hospital.example",
            "ftp://x.example",
            "https://x.example/muster",
            "https://u@x.example",
            "",
            "https://x.example?a",
            "https://0.0.0.0:8443",
            "https://[::]",
        ] {
            assert!(check_base_url(wrong).unwrap_err().0.contains("give --base-url"), "{wrong}");
        }
    }
}
