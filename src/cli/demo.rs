//! `muster demo`: a throw-away organisation, served at once.

use clap::Args;
use std::net::SocketAddr;

use super::{Failure, Place, jobs, open, serve};
use crate::actions::demo;
use crate::config::Listening;
use crate::domain::access::SecondFactor;
use crate::domain::jobs::Job;
use crate::web;

#[derive(Debug, Args)]
pub struct DemoArguments {
    /// The address to listen on, on this machine only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// Runs `demo`. Unless a folder is named with `--data`, it is a new one that goes when the process ends.
pub fn run(place: &Place, arguments: &DemoArguments) -> Result<(), Failure> {
    serve::log_to_stderr();
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure("the demonstration prints its passwords, so it listens on this machine only".to_owned()));
    }
    let throw_away = tempfile::Builder::new().prefix("muster-demo-").tempdir()?;
    let mut place = place.clone();
    if place.data.is_none() {
        place.data = Some(throw_away.path().to_owned());
    }
    let listener = web::serve::listen(arguments.listen)?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let register = open::open_with(&place, |deployment| {
        deployment.base_url.clone_from(&base_url);
        "Lakeshore Regional Health".clone_into(&mut deployment.register_name);
        "identity desk, identity@lakeshore.example, extension 4417".clone_into(&mut deployment.help);
        deployment.time_zone = chrono_tz::America::Chicago;
        // Its passwords are printed, and whoever looks around should not have to fetch a phone.
        deployment.access.second_factor = SecondFactor::Offered;
        deployment.strip = Some("Demonstration: every name and every client here is invented".to_owned());
    })?;
    let sign_ins = demo::fill(&register)?;
    // What is overdue from the first minute is at its owners from the first minute; and the page Jobs says so.
    for job in [Job::RaiseRecertifications, Job::RaiseOffboardings] {
        jobs::recorded(&register, "demo", job, register.now())?;
    }
    println!("Sign in as one of these:");
    for sign_in in &sign_ins {
        println!("  {:<18}{:<42}{}", sign_in.role.label().to_lowercase(), sign_in.email, sign_in.password);
    }
    println!("Serving {base_url}");
    let listening = Listening { address: arguments.listen, tls: None, behind_proxy: None };
    serve::until_stopped(register, &listening, listener)
}
