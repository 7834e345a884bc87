//! The program itself, on the register of a test.

use std::io::Write;
use std::process::Stdio;

use muster::store::connection::Address;

use crate::app::{NOW, TestApp};

/// A command to be run, in a folder of its own.
pub struct Command<'a> {
    app: &'a TestApp,
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

/// How it ended and what it said.
#[derive(Debug)]
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Told {
    /// What it printed, as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl<'a> Command<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// Puts a file into the command's folder.
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
        self
    }

    /// Sets a variable of the environment.
    pub fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Runs it at the time of the test.
    pub fn run(&self, arguments: &[&str]) -> Told {
        self.run_with(arguments, b"")
    }

    /// The same, with bytes on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Told {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
        command.env_clear().env("MUSTER_DATA", self.app.folder.path()).env("MUSTER_NOW", NOW);
        command.env("MUSTER_FINGERPRINT_KEY", hex::encode(*self.app.register.deployment.fingerprint_key));
        if let Address::Postgres(url) = self.app.register.database.address() {
            command.env("DATABASE_URL", url);
        }
        command.envs(self.variables.iter().map(|(name, value)| (*name, value))).args(arguments);
        let mut child = command
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A refused command reads no input.
        let _ = stdin.write_all(input);
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Told {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
