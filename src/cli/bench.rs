//! Hidden commands of `tests/bench/run`: a register of any size, and a page that costs nothing.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::Args;

use super::{Failure, Place, open};
use crate::actions::{bench, passwords};
use crate::domain::people::Role;
use crate::web as pages;

#[derive(Debug, Args)]
pub struct FixtureArguments {
    /// How many identities.
    #[arg(long)]
    identities: usize,
}

/// Fills an empty register and prints a sign-in.
pub fn fixture(place: &Place, arguments: &FixtureArguments) -> Result<(), Failure> {
    let register = open::open(place)?;
    let password = passwords::make_up();
    let email = bench::fill(&register, arguments.identities, &password)?;
    println!("{}  {email}  {password}", Role::SecurityAnalyst.word());
    Ok(())
}

#[derive(Debug, Args)]
pub struct ConstantArguments {
    /// The size of the body.
    #[arg(long)]
    bytes: usize,
    #[arg(long)]
    listen: SocketAddr,
}

/// Serves a constant body of a size: the yardstick of every page.
pub fn constant(arguments: &ConstantArguments) -> Result<(), Failure> {
    let listener = pages::serve::listen(arguments.listen)?;
    println!("Serving http://{}", listener.local_addr()?);
    let body = web::Bytes::from(vec![b'm'; arguments.bytes]);
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            let body = body.clone();
            App::new().route(
                "/{any:.*}",
                web::get().to(move || {
                    let body = body.clone();
                    async move { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body) }
                }),
            )
        })
        .workers(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
        .listen(listener)?
        .run()
        .await
    })?;
    Ok(())
}
