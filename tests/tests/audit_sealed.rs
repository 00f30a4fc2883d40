//! Sealed segments of the audit log and its signed heads in a vault: carried there whoever is killed and wherever, checked by a program
//! that shares no line with the bank, and compared with the log to the bit.

use crate::audit::{checkpoint, expect_right, expect_wrong, logged, vkey};
use crate::audit_verified::wrong;
use crate::tampering::tamper;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use stories::{Bank, Folder, Random, Server, eventually, on_each_engine, until_some};

const TIME_MAX: Duration = Duration::from_secs(60);
/// Segments of five entries, and a head with each turn.
const OFTEN: &str = "audit::segment_entries=return(5);vault::heads_apart=return(0)";

/// A vault for a bank.
struct Vault(Folder);

impl Vault {
    fn fresh() -> Self {
        Self(Folder::fresh())
    }

    fn url(&self) -> String {
        format!("file:{}", self.0.path().join("vault").display())
    }

    /// What is in one of its folders, in order, without what is being written.
    fn files(&self, folder: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.0.path().join("vault").join(folder)) else { return Vec::new() };
        let paths = entries.map(|entry| entry.expect("the vault can be read").path());
        let is_whole = |path: &PathBuf| !text(path).contains("/.part-");
        let mut paths: Vec<PathBuf> = paths.filter(is_whole).collect();
        paths.sort();
        paths
    }

    fn segments(&self) -> Vec<PathBuf> {
        self.files("audit/segments")
    }

    fn heads(&self) -> Vec<PathBuf> {
        self.files("audit/checkpoints")
    }

    fn serve(&self, bank: &Bank, failpoints: &str) -> Server {
        let failpoints = format!("{OFTEN};{failpoints}");
        bank.serve_with(
            &["serve"],
            &[("FLORIN_VAULT_URL", &self.url()), ("FAILPOINTS", failpoints.trim_end_matches(';'))],
        )
    }

    fn verify(&self, bank: &Bank, arguments: &[&str]) -> String {
        let url = self.url();
        bank.run(&[&["verify", "--audit", "--vault-url", &url], arguments].concat()).expect_success()
    }

    fn wrong(&self, bank: &Bank) -> String {
        wrong(bank, &["--vault-url", &self.url()])
    }
}

/// Changes a file that nobody changes, as somebody can whose folder it is; gives what it was.
fn spoil(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let before = fs::read(path).expect("the file is there");
    let mut bytes = before.clone();
    change(&mut bytes);
    put_back(path, &bytes);
    before
}

fn put_back(path: &Path, bytes: &[u8]) {
    if path.exists() {
        fs::set_permissions(path, Permissions::from_mode(0o600)).expect("it is ours");
    }
    fs::write(path, bytes).expect("it can be written");
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn arguments<'a>(first: &[&'a str], files: &'a [String], last: &[&'a str]) -> Vec<&'a str> {
    first.iter().copied().chain(files.iter().map(String::as_str)).chain(last.iter().copied()).collect()
}

#[test]
fn an_auditor_checks_a_transfer_its_segment_and_its_head_and_finds_the_bit_that_was_changed() {
    on_each_engine(|bank| {
        let vault = Vault::fresh();
        let server = vault.serve(&bank, "");
        let ann = server.register("ann");
        let (source, destination) = (ann.open_account_with("100.00"), ann.open_account("USD"));
        let paid = ann.pay("/api/transactions/transfer", &stories::transfer(&source, &destination, "7.77")).expect(201);
        let id = paid["id"].as_str().expect("a transaction has an id").to_owned();
        let proof = logged(&ann, &format!("/api/transactions/{id}/proof")).expect(200);
        let index = proof["index"].as_u64().expect("a proof has an index");
        // Until the transfer is sealed, and what a head that is of it too is of.
        let of_sealed = || {
            let sealed = vault.segments().len() as u64 * 5;
            vault.heads().into_iter().find(|path| (index + 1..=sealed).contains(&size_of(path)))
        };
        let head = until_some("a head of sealed leaves", TIME_MAX, || {
            ann.open_account("USD");
            of_sealed()
        });
        let key = vkey(&server);
        server.stop();
        // The transfer, its segment and a head of it, by a program of the auditor's own.
        let folder = Folder::fresh();
        let file = folder.write("proof.json", proof.to_string()).display().to_string();
        expect_right(&["proof", &file, "--vkey", &key]);
        let segments: Vec<String> = vault.segments().iter().map(|path| text(path)).collect();
        let of = usize::try_from(index / 5).expect("an index fits");
        let said = expect_right(&arguments(&["segment"], &segments, &[]));
        assert!(said.is_empty() || said.contains(&format!("{} entries", segments.len() * 5)), "{said}");
        expect_right(&arguments(&["head", &text(&head), "--vkey", &key, "--segments"], &segments, &[]));
        let said = vault.verify(&bank, &["--vkey", &key]);
        assert!(are_compared(segments.len(), &said) && said.contains("in the vault too"), "{said}");
        assert!(bank.run(&["verify", "--audit"]).expect_success().contains("without a vault"));
        let settled_entry = format!(r#""kind":"payments.transaction_settled","subject":"{id}""#);
        // One bit: of an entry, of a length, of the end.
        let segment = Path::new(&segments[of]);
        let bytes = fs::read(segment).expect("it is there");
        let settled = find(&bytes, settled_entry.as_bytes()).expect("the transfer is in it");
        for at in [settled, 0, bytes.len() - 1] {
            let before = spoil(segment, |bytes| bytes[at] ^= 1);
            let said = vault.wrong(&bank);
            assert!(said.contains(&format!("{}: byte {at} is ", key_of(segment))), "{said}");
            assert!(at != settled || said.contains(&format!("in audit_leaf {index}\n")), "{said}");
            expect_wrong(&arguments(&["head", &text(&head), "--vkey", &key, "--segments"], &segments, &[]), "");
            put_back(segment, &before);
        }
        spoil(segment, |bytes| bytes.truncate(bytes.len() - 3));
        assert!(vault.wrong(&bank).contains("bytes and should have"));
        fs::remove_file(segment).expect("it can be deleted");
        assert!(vault.wrong(&bank).contains(&format!("{}, which is not in the vault", key_of(segment))));
        put_back(segment, &bytes);
        put_back(&segment.with_file_name("00000000000000000099-00000000000000000099"), b"");
        assert!(vault.wrong(&bank).contains("00000000000000000099, which was never sealed"));
        fs::remove_file(segment.with_file_name("00000000000000000099-00000000000000000099")).expect("it is there");
        vault.verify(&bank, &[]);
        // A row of the log: the segment says which. It says so too where somebody changed the row and all that is made of it.
        let (salted, hashed) = (format!("leaf_index = {index}"), format!("leaf_index = {}", index - 1));
        tamper(
            &bank,
            &format!("UPDATE audit_leaf SET entry = (SELECT entry FROM audit_leaf WHERE {hashed}) WHERE {salted}"),
        );
        let said = vault.wrong(&bank);
        assert!(said.contains(&format!("that of its leaves: broken by audit_leaf {index}: audit_segment ")), "{said}");
    });
}

/// The last that was sealed may still have been on its way when the bank stopped.
fn are_compared(count: usize, said: &str) -> bool {
    [count, count + 1].iter().any(|count| said.contains(&format!("; {count} sealed segments compared")))
}

fn key_of(path: &Path) -> String {
    let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
    format!("audit/segments/{name}")
}

fn size_of(head: &Path) -> u64 {
    let name = head.file_stem().expect("it has a name").to_string_lossy().into_owned();
    name.parse().expect("the name of a head is its size")
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[test]
fn heads_in_the_vault_convict_who_put_an_older_copy_back() {
    let bank = Bank::on(db::Engine::Sqlite);
    let vault = Vault::fresh();
    let server = vault.serve(&bank, "");
    server.register("ann");
    eventually("a head is in the vault", TIME_MAX, || !vault.heads().is_empty());
    server.stop();
    let copy = fs::read(bank.sqlite_file()).expect("the file is there");
    let server = vault.serve(&bank, "");
    let ann = server.log_in("ann", stories::PASSWORD);
    (0..7).for_each(|_| drop(ann.open_account("USD")));
    let sealed = vault.segments().len();
    eventually("more is sealed", TIME_MAX, || vault.segments().len() > sealed);
    server.stop();
    vault.verify(&bank, &[]);
    fs::write(bank.sqlite_file(), copy).expect("the file can be written");
    let said = vault.wrong(&bank);
    assert!(
        said.contains("kept elsewhere: broken by audit/checkpoints/") && said.contains("of the vault: it is of"),
        "{said}"
    );
    // The bank goes on from the older copy, and what it seals now is not what is in the vault.
    let server = vault.serve(&bank, "");
    let ann = server.log_in("ann", stories::PASSWORD);
    (0..9).for_each(|_| drop(ann.open_account("EUR")));
    eventually("the bank says so", TIME_MAX, || server.log().contains("AUDIT_FORKED: the vault has something else"));
    let metrics = server.anonymous().get("/metrics");
    assert!(String::from_utf8_lossy(&metrics.body).contains("florin_audit_vault_failing 1"));
    ann.open_account("USD");
    server.stop();
    let said = vault.wrong(&bank);
    assert!(said.contains("of the vault: of audit_leaf "), "{said}");
}

#[test]
fn whoever_is_killed_while_sealing_goes_on_and_every_segment_is_there_once() {
    on_each_engine(|bank| {
        let (vault, mut random) = (Vault::fresh(), Random::from_environment(20_261_127));
        let points = ["audit::sealed", "vault::written", "vault::linked", ""];
        let server = vault.serve(&bank, "");
        server.register("ann");
        server.stop();
        for round in 0..12 {
            let point = points[round % points.len()];
            // It stands there until it is killed; before a commit, which would hold up everybody, it falls.
            let stands = if point == "audit::sealed" { "panic" } else { "pause" };
            let failpoints = if point.is_empty() { String::new() } else { format!("{point}=30%{stands}") };
            let server = vault.serve(&bank, &failpoints);
            let ann = server.log_in("ann", stories::PASSWORD);
            for _ in 0..8 {
                ann.open_account("USD");
                std::thread::sleep(Duration::from_millis(random.between(0, 120)));
            }
            server.kill();
            vault.verify(&bank, &[]);
        }
        let server = vault.serve(&bank, "");
        let size = || checkpoint(&server).lines().nth(1).and_then(|size| size.parse::<u64>().ok()).unwrap_or(0);
        eventually("all is sealed that can be", TIME_MAX, || vault.segments().len() as u64 >= size() / 5);
        server.stop();
        let said = vault.verify(&bank, &[]);
        let files = vault.segments();
        assert!(files.len() > 5 && are_compared(files.len(), &said), "{said}");
        let paths: Vec<String> = files.iter().map(|path| text(path)).collect();
        expect_right(&arguments(&["segment"], &paths, &[]));
    });
}
