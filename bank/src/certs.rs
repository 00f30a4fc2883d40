//! `florin certs`: a private CA for development and for machines of one's own, and certificates of it.
//! Nothing that is there is ever overwritten. Real customers need a certificate of a CA that their browsers know.

use crate::cli::CertsArguments;
use crate::output::report;
use anyhow::{Context as _, bail, ensure};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, DnsName, ServerName, TrustAnchor};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};

const CA_NAME: &str = "Florin private CA";
const CA_DAYS: i64 = 3_650;
/// For clocks that are behind.
const EARLIER: Duration = Duration::hours(1);
/// What every server certificate is also for, so that it can be tried out on its own machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Clients that every installation has: what stands in front, and what runs beside.
const CLIENTS: [&str; 2] = ["proxy", "service"];

const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;
const PUBLIC_FOLDER: u32 = 0o755;

/// Makes what is missing, and says what it made and how to use it.
pub(crate) fn make(arguments: &CertsArguments, now: OffsetDateTime) -> anyhow::Result<()> {
    let folder = &arguments.out;
    for name in &arguments.names {
        ensure!(ServerName::try_from(name.as_str()).is_ok(), "--name {name}: neither a DNS name nor an IP address");
    }
    for client in &arguments.clients {
        ensure!(DnsName::try_from(client.as_str()).is_ok(), "--client {client}: no DNS name");
    }
    make_public(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let ca = open_or_make_ca(folder, now)?;
    let period = Period { from: now - EARLIER, to: now + Duration::days(arguments.days) };
    let server = match arguments.names.first() {
        Some(first) => format!("server-{first}"),
        None => "server".to_owned(),
    };
    let names = arguments.names.iter().cloned().chain(LOOPBACK.iter().map(ToString::to_string)).collect();
    let mut made = issue(&ca, &Pair::of(folder, &server), leaf(names, Use::Server, period)?)?;
    for client in CLIENTS.iter().map(ToString::to_string).chain(arguments.clients.iter().cloned()) {
        let pair = Pair::of(folder, &format!("client-{client}"));
        made |= issue(&ca, &pair, leaf(vec![client], Use::Client, period)?)?;
    }
    if !made {
        report(format_args!(
            "\nNothing to make. Other --name or --client values make further certificates; to renew one, remove it.\n"
        ));
    }
    print_usage(folder, &server);
    Ok(())
}

/// The two files of one certificate.
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Clone, Copy)]
struct Period {
    from: OffsetDateTime,
    to: OffsetDateTime,
}

#[derive(Clone, Copy)]
enum Use {
    Server,
    Client,
}

type Ca = Issuer<'static, KeyPair>;

impl Pair {
    fn of(folder: &Path, name: &str) -> Self {
        let file = |ending: &str| folder.join(format!("{name}.{ending}"));
        Self { certificate: file("pem"), key: file("key") }
    }

    /// Whether both files are there; one alone is left for its owner to explain.
    fn is_there(&self) -> anyhow::Result<bool> {
        let (certificate, key) = (self.certificate.exists(), self.key.exists());
        if certificate != key {
            let (there, missing) =
                if certificate { (&self.certificate, &self.key) } else { (&self.key, &self.certificate) };
            bail!("{} is there without {}: remove it, or bring the other one back", there.display(), missing.display());
        }
        Ok(certificate)
    }

    fn write(&self, certificate: &str, key: &KeyPair) -> anyhow::Result<()> {
        write_new(&self.key, &key.serialize_pem(), PRIVATE)?;
        write_new(&self.certificate, certificate, PUBLIC)?;
        report(format_args!("made {} and {}\n", self.certificate.display(), self.key.display()));
        Ok(())
    }
}

fn open_or_make_ca(folder: &Path, now: OffsetDateTime) -> anyhow::Result<Ca> {
    let pair = Pair::of(folder, "ca");
    if !pair.is_there()? {
        let key = KeyPair::generate()?;
        let params = ca_params(&key, now);
        pair.write(&params.self_signed(&key)?.pem(), &key)?;
        return Ok(Issuer::new(params, key));
    }
    let pem = std::fs::read_to_string(&pair.key).with_context(|| format!("cannot read {}", pair.key.display()))?;
    let key = KeyPair::from_pem(&pem).with_context(|| format!("there is no private key in {}", pair.key.display()))?;
    // Certificates name their issuer and are signed with its key. If either were another, nobody would accept them.
    let there = CertificateDer::from_pem_file(&pair.certificate)
        .with_context(|| format!("there is no certificate in {}", pair.certificate.display()))?;
    let params = ca_params(&key, now);
    let ours = params.self_signed(&key)?;
    ensure!(
        anchors(there)? == anchors(ours.der().clone())?,
        "{} and {} were not made together by `florin certs`",
        pair.certificate.display(),
        pair.key.display()
    );
    report(format_args!("kept {} and {}\n", pair.certificate.display(), pair.key.display()));
    Ok(Issuer::new(params, key))
}

/// Named after its key: of two CAs with one name, a certificate of the other one would look forged, not unknown.
fn ca_params(key: &KeyPair, now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    let id: String = params.key_identifier(key).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = common_name(&format!("{CA_NAME} {id}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = (now - EARLIER, now + Duration::days(CA_DAYS));
    params
}

fn leaf(names: Vec<String>, for_use: Use, period: Period) -> anyhow::Result<CertificateParams> {
    let subject = common_name(names.first().map_or("", String::as_str));
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = subject;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![match for_use {
        Use::Server => ExtendedKeyUsagePurpose::ServerAuth,
        Use::Client => ExtendedKeyUsagePurpose::ClientAuth,
    }];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = (period.from, period.to);
    Ok(params)
}

/// Whether it was made; not if it is there already.
fn issue(ca: &Ca, pair: &Pair, params: CertificateParams) -> anyhow::Result<bool> {
    if pair.is_there()? {
        report(format_args!("kept {} and {}\n", pair.certificate.display(), pair.key.display()));
        return Ok(false);
    }
    let key = KeyPair::generate()?;
    pair.write(&params.signed_by(&key, ca)?.pem(), &key)?;
    Ok(true)
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

/// Subject and key, as those see it who trust it.
fn anchors(certificate: CertificateDer<'static>) -> anyhow::Result<Vec<TrustAnchor<'static>>> {
    let mut store = RootCertStore::empty();
    store.add(certificate)?;
    Ok(store.roots)
}

/// A folder that is there stays as its owner made it.
fn make_public(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(PUBLIC_FOLDER))
}

fn write_new(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        // Whatever the umask is: clients and proxies read certificates.
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn print_usage(folder: &Path, server: &str) {
    let folder = folder.display();
    report(format_args!(
        "
Whoever has {folder}/ca.key can pose as anybody: keep it off the servers. Clients need {folder}/ca.pem only.

Serve HTTPS:
  export FLORIN_TLS_CERT_FILE={folder}/{server}.pem FLORIN_TLS_KEY_FILE={folder}/{server}.key
To the proxy and to services only:
  export FLORIN_TLS_CLIENT_CA_FILE={folder}/ca.pem FLORIN_TLS_CLIENT_NAMES=proxy,service
  florin serve
Try it:
  curl --cacert {folder}/ca.pem --cert {folder}/client-service.pem --key {folder}/client-service.key \\
    https://localhost:8080/health
"
    ));
}
