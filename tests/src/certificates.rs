//! Certificates as `florin certs` makes them, and the settings and clients that go with them.

use crate::folder::Folder;
use crate::program::florin;
use crate::{Finished, Shown, Trust, run};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::Command;

/// A CA of a story's own, with what it issued.
#[derive(Debug)]
pub struct Certificates {
    folder: Folder,
}

impl Certificates {
    /// For a server called localhost, for the clients `proxy` and `service`.
    ///
    /// # Panics
    /// When the command fails.
    #[track_caller]
    pub fn make() -> Self {
        let certificates = Self { folder: Folder::fresh() };
        certificates.issue(&[]).expect_success();
        certificates
    }

    /// Runs the command again, in the same folder.
    pub fn issue(&self, more: &[&str]) -> Finished {
        let mut command = Command::new(florin());
        command.args(["certs", "--out"]).arg(self.folder.path()).args(more);
        run(command)
    }

    /// A file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.file(name)
    }

    /// The same as text, as settings have it.
    ///
    /// # Panics
    /// When the temporary folder has an odd name.
    pub fn path(&self, name: &str) -> String {
        self.file(name).to_str().expect("the temporary folder has a plain name").to_owned()
    }

    /// A client that trusts this CA and shows nothing.
    pub fn trust(&self) -> Trust {
        Trust::new(&self.file("ca.pem"), None)
    }

    /// A client that shows the certificate of this name.
    pub fn trust_showing(&self, name: &str) -> Trust {
        let (certificate, key) = (self.file(&format!("{name}.pem")), self.file(&format!("{name}.key")));
        Trust::new(&self.file("ca.pem"), Some(Shown { certificate: &certificate, key: &key }))
    }

    /// Settings of a PostgreSQL server with TLS. It takes no key that is not its own: as root, it runs as `postgres`.
    ///
    /// # Panics
    /// When the key cannot be handed over.
    pub fn postgres_settings(&self) -> [String; 3] {
        let key = self.file("server.key");
        if std::fs::metadata(&key).expect("the key was made").uid() == 0 {
            let given = Command::new("chown").arg("postgres").arg(&key).status();
            assert!(given.is_ok_and(|status| status.success()), "the key can be given to PostgreSQL");
        }
        let file = |setting: &str, name: &str| format!("{setting} = '{}'", self.path(name));
        ["ssl = on".to_owned(), file("ssl_cert_file", "server.pem"), file("ssl_key_file", "server.key")]
    }

    /// The settings of a server that everybody may connect to.
    pub fn server_settings(&self) -> Vec<(&'static str, String)> {
        vec![("FLORIN_TLS_CERT_FILE", self.path("server.pem")), ("FLORIN_TLS_KEY_FILE", self.path("server.key"))]
    }

    /// The settings of a server for clients of these names.
    pub fn mutual_settings(&self, names: &str) -> Vec<(&'static str, String)> {
        let mut settings = self.server_settings();
        settings.push(("FLORIN_TLS_CLIENT_CA_FILE", self.path("ca.pem")));
        if !names.is_empty() {
            settings.push(("FLORIN_TLS_CLIENT_NAMES", names.to_owned()));
        }
        settings
    }
}
