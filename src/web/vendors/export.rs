//! The list of vendors as a file.

use actix_web::{HttpRequest, web};
use serde_json::json;

use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::Db;
use crate::store::registry_list::{self, VendorLine};
use crate::web::export::{CHUNK, Export, Form, Row};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, show};

const COLUMNS: &[&str] = &[
    "id",
    "name",
    "contact",
    "contract_reference",
    "contract_ends_on",
    "agreement_reference",
    "agreement_ends_on",
    "baa_reference",
    "baa_ends_on",
    "identities",
    "notes",
    "version",
];

/// GET /vendors.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /vendors.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (wanted, faults) = super::filter(&fields);
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let today = show::today(viewer.now, Frame::new(register, viewer, "", "").tz);
    let lines = move |db: &mut Db, from: &From| registry_list::vendor_lines(db, &wanted, from, CHUNK, today);
    Export { name: "vendors", columns: COLUMNS, form }.walk(register, lines, VendorLine::cursor, row).await
}

fn row(line: VendorLine) -> Row {
    vec![
        json!(line.vendor.id),
        json!(line.vendor.name),
        json!(line.vendor.contact),
        json!(line.vendor.contract_reference),
        json!(line.vendor.contract_ends_on),
        json!(line.vendor.agreement_reference),
        json!(line.vendor.agreement_ends_on),
        json!(line.vendor.baa_reference),
        json!(line.vendor.baa_ends_on),
        json!(line.identities),
        json!(line.vendor.notes),
        json!(line.vendor.version),
    ]
}
