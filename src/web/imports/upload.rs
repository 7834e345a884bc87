//! A form with a file: streamed to a file without a name, so that it is gone when the request is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use futures_util::TryStreamExt;

use crate::actions::Register;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, check_token, is_by_token};
use crate::web::pace;

/// The longest text beside the file.
const LONGEST_TEXT: usize = 4 * 1024;

/// What a form with a file may hold besides twice the longest file.
const MARGIN: u64 = 1024 * 1024;

/// Bytes gathered before they are written.
const BLOCK: usize = 1024 * 1024;

/// What was sent.
#[derive(Debug)]
pub struct Sent {
    pub fields: Fields,
    pub file: Option<SentFile>,
}

/// A file that was sent.
#[derive(Debug)]
pub struct SentFile {
    pub name: String,
    file: File,
}

impl SentFile {
    /// The whole content.
    pub fn bytes(mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads a form. Its token comes before the file and is checked before a byte of the file is taken; a
/// request that an API token let in needs none.
pub async fn receive(
    register: &web::Data<Register>,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Sent, WebError> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        return Err(WebError::WrongKind("Send the file and its fields as multipart/form-data".to_owned()));
    }
    let longest = register.deployment.longest_upload;
    let mut parts =
        Multipart::new(request.headers(), pace::paced(request, payload, longest.saturating_mul(2) + MARGIN));
    let mut sent = Sent { fields: Fields::default(), file: None };
    let mut checked = is_by_token(request);
    while let Some(mut part) = parts.try_next().await.map_err(|error| broken(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name =
            part.content_disposition().and_then(|disposition| disposition.get_filename()).map(str::to_owned);
        match file_name {
            None => {
                let text = text(&mut part).await?;
                if name == "csrf" {
                    check_token(request, &text)?;
                    checked = true;
                }
                sent.fields.push(&name, text);
            }
            Some(_) if !checked => return Err(WebError::Foreign),
            Some(file_name) if sent.file.is_none() && !file_name.is_empty() => {
                sent.file = Some(store(register, &mut part, file_name).await?);
            }
            Some(_) => while part.try_next().await.map_err(|error| broken(&error))?.is_some() {},
        }
    }
    if checked { Ok(sent) } else { Err(WebError::Foreign) }
}

fn broken(error: &MultipartError) -> WebError {
    match error {
        MultipartError::Payload(cause) if pace::is_slow(cause) => WebError::Slow,
        MultipartError::Payload(PayloadError::Overflow) => {
            WebError::TooLong("The upload is far longer than a page takes. Nothing of it was kept".to_owned())
        }
        other => unreadable(other),
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> WebError {
    WebError::Bad(format!("The upload broke off or cannot be read ({error}). Send it again"))
}

async fn text(part: &mut Field) -> Result<String, WebError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.try_next().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > LONGEST_TEXT {
            return Err(WebError::Bad("A field of this form is longer than 4 KiB; shorten it".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|error| unreadable(&error))
}

async fn store(register: &web::Data<Register>, part: &mut Field, name: String) -> Result<SentFile, WebError> {
    let folder = register.deployment.data_folder.clone();
    let fault = |error: std::io::Error| WebError::Fault(format!("an upload cannot be kept: {error}"));
    let mut file = block(move || tempfile::tempfile_in(folder)).await?.map_err(fault)?;
    let longest = register.deployment.longest_upload;
    let (mut gathered, mut length) = (Vec::with_capacity(BLOCK), 0_u64);
    while let Some(chunk) = part.try_next().await.map_err(|error| broken(&error))? {
        length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if length > longest {
            // The rest is read all the same, as long as it is not endless: a browser shows no answer before
            // everything was taken.
            while part.try_next().await.map_err(|error| broken(&error))?.is_some() {}
            return Err(too_long(longest));
        }
        gathered.extend_from_slice(&chunk);
        if gathered.len() >= BLOCK {
            let bytes = std::mem::replace(&mut gathered, Vec::with_capacity(BLOCK));
            file = append(file, bytes).await?.map_err(fault)?;
        }
    }
    file = append(file, gathered).await?.map_err(fault)?;
    Ok(SentFile { name, file })
}

/// What to do with a file that no page takes. The command line has no limit but the machine's.
fn too_long(longest: u64) -> WebError {
    WebError::TooLong(format!(
        "The file is longer than {}, and a page takes no more. Nothing of it was kept. Import it on the server with \
         muster import FORMAT FILE, which has no such limit",
        size_words(longest)
    ))
}

/// "512 MiB", "300 bytes": in the largest unit that is exact.
pub fn size_words(bytes: u64) -> String {
    const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let exact = UNITS.iter().find(|(_, shift)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    exact.map_or_else(|| format!("{bytes} bytes"), |(unit, shift)| format!("{} {unit}", bytes >> shift))
}

async fn append(mut file: File, bytes: Vec<u8>) -> Result<std::io::Result<File>, WebError> {
    block(move || file.write_all(&bytes).map(|()| file)).await
}

async fn block<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, WebError> {
    web::block(work).await.map_err(|error| WebError::Fault(error.to_string()))
}
