//! How a message leaves: as a file, or over SMTP.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use lettre::message::Message;

use super::errors::DeliveryError;
use super::smtp::Sender;
use crate::config::MailRoute;

/// A way out, ready to be used for many messages.
pub enum Route {
    Folder(PathBuf),
    Smtp(Box<Sender>),
}

impl std::fmt::Debug for Route {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Folder(_) => "Route::Folder",
            Self::Smtp(_) => "Route::Smtp",
        })
    }
}

impl Route {
    /// Prepares what the configuration says. No connection is made yet.
    pub fn open(route: &MailRoute) -> Result<Self, DeliveryError> {
        match route {
            MailRoute::Folder(folder) => {
                fs::create_dir_all(folder).map_err(|error| DeliveryError::Folder(folder.clone(), error))?;
                Ok(Self::Folder(folder.clone()))
            }
            MailRoute::Smtp(smtp) => Ok(Self::Smtp(Box::new(Sender::new(smtp)?))),
        }
    }

    /// Delivers one message. `name` is its Message-ID: the name of its file.
    pub fn deliver(&mut self, message: &Message, name: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Folder(folder) => write(folder, name, &message.formatted()),
            Self::Smtp(sender) => sender.deliver(message),
        }
    }

    /// Takes leave of the server.
    pub fn close(self) {
        if let Self::Smtp(sender) = self {
            sender.close();
        }
    }
}

/// Written beside its place and moved there, so that no reader sees half a mail.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), DeliveryError> {
    let failed = |error| DeliveryError::Folder(folder.to_owned(), error);
    let name: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "@-_".contains(letter) { letter } else { '_' })
        .collect();
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = fs::File::create(&unfinished).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, folder.join(format!("{name}.eml"))).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_never_leaves_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "../../evil", b"x").unwrap();
        let names: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names, ["______evil.eml"]);
    }
}
