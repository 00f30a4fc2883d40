//! Commands whose reader has gone, or whose output has no space: no panic, one line at most, and an exit code that speaks
//! of what they did.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use stories::{Bank, Door, Folder, HistoryRow, history_csv, on_each_engine};

/// An export of so many is written in several pieces.
const ROWS: usize = 1_000;
const PRINTING: [&[&str]; 6] = [
    &["openapi"],
    &["routes"],
    &["config"],
    &["keys", "list"],
    &["export", "balances"],
    &["export", "journal", "--format", "hledger"],
];

#[test]
fn a_reader_who_has_gone_wants_no_complaint() {
    let bank = with_history(Bank::on(db::Engine::Sqlite));
    for arguments in PRINTING.into_iter().chain([&["verify"][..], &["migrate"]]) {
        let (reader, writer) = std::io::pipe().expect("there are pipes");
        drop(reader);
        let output = bank.command(arguments).stdout(writer).output().expect("it starts");
        assert_eq!(ended(&output), (Some(0), ""), "{arguments:?}");
    }
    let piped = "set -o pipefail; \"$0\" openapi | head -n 1";
    let mut shell = Command::new("bash");
    let output = shell.args(["-c", piped]).arg(bank.command(&[]).get_program()).output().expect("bash starts");
    assert_eq!((ended(&output), output.stdout.as_slice()), ((Some(0), ""), &b"{\n"[..]));
}

#[test]
fn what_cannot_be_printed_is_one_line_and_the_exit_code_speaks_of_the_work() {
    on_each_engine(|bank| {
        let bank = with_history(bank);
        for arguments in PRINTING {
            let output = to_full(bank.command(arguments));
            let (code, said) = ended(&output);
            assert_eq!((code, said.lines().count()), (Some(1), 1), "{arguments:?}: {said}");
            let (reason, what) = ("No space left on device (os error 28)\n", arguments.first());
            let told = if what == Some(&"export") { "florin: cannot write: " } else { "florin: cannot print: " };
            assert_eq!(said, format!("{told}{reason}"), "{arguments:?}");
        }
        // Nobody can tell: that is not a no.
        let output = to_full(bank.command(&["verify"]));
        let (code, said) = ended(&output);
        assert_eq!((code, said.lines().count()), (Some(2), 1), "{said}");
        // What was done is done.
        let (folder, csv) = (Folder::fresh(), history_csv(&[row("later", "5.00")]));
        let file = folder.write("more.csv", csv).display().to_string();
        let output = to_full(bank.command(&["import", "history", &file]));
        let (code, said) = ended(&output);
        assert_eq!((code, said.lines().count()), (Some(0), 1), "{said}");
        assert!(said.contains("1 rows booked"), "{said}");
        let again = bank.run(&["import", "history", &file]).expect_success();
        assert!(again.contains("0 rows booked, 1 were there already"), "{again}");
        bank.expect_verified();
    });
}

#[test]
fn who_only_reads_makes_nothing_where_nothing_is() {
    let place = Folder::fresh();
    let (data, backup) = (place.file("data"), place.file("backup.db").display().to_string());
    let commands: [&[&str]; 10] = [
        &["export", "balances"],
        &["export", "journal", "--format", "beancount"],
        &["keys", "list"],
        &["keys", "rotate"],
        &["backup", &backup],
        &["verify"],
        &["admin", "disable", "--username", "ann"],
        &["admin", "enable", "--username", "ann"],
        &["admin", "reset-mfa", "--username", "ann"],
        &["keys", "replace-secrets"],
    ];
    for arguments in commands {
        let mut command = Bank::on(db::Engine::Sqlite).command(arguments);
        let finished = stories::run({
            command.env("FLORIN_DATA_DIR", &data);
            command
        });
        assert_eq!(finished.code, Some(2), "{finished:?}");
        let said = finished.expect_refusal();
        let is_about_keys = arguments[0] == "keys" && arguments[1] != "replace-secrets";
        let missing = if is_about_keys { "no signing keys in" } else { "there is no database at" };
        assert!(said.contains(missing) && said.contains("data"), "{said}");
        assert!(!data.exists() && !place.file("backup.db").exists(), "{arguments:?} made something");
    }
}

#[test]
fn an_empty_database_on_a_server_stays_empty_for_who_only_reads() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let bank = Bank::on(db::Engine::Postgres);
    let disable = ["admin", "disable", "--username", "ann"];
    for arguments in [&["export", "balances"][..], &["verify"], &disable, &["keys", "replace-secrets"], &["verify"]] {
        let finished = bank.run(arguments);
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(finished.expect_refusal().contains("there is no bank in this database"));
    }
}

#[test]
fn what_is_no_database_of_ours_is_refused_alike_and_without_a_word_of_what_is_not_there() {
    for content in
        [&b""[..], b"a text that is long enough to be taken for the header of a database, and is none of them"]
    {
        let bank = Bank::on(db::Engine::Sqlite);
        std::fs::write(bank.sqlite_file(), content).expect("the folder takes a file");
        let backup = bank.folder().join("backup.db").display().to_string();
        let disable = ["admin", "disable", "--username", "ann"];
        let beginning: &[&[&str]] = if content.is_empty() { &[] } else { &[&["serve"], &["migrate"]] };
        let looking = [&["verify"][..], &["export", "balances"], &["backup", &backup], &disable];
        for arguments in looking.iter().chain(beginning) {
            let finished = bank.run(arguments);
            assert_eq!(finished.code, Some(2), "{arguments:?}: {finished:?}");
            let said = finished.expect_refusal();
            assert!(said.contains("florin.db") && !said.contains("-wal"), "{said}");
            assert_eq!(std::fs::read(bank.sqlite_file()).expect("it is there"), content, "{arguments:?}");
        }
        let restored = Folder::private();
        let mut command = bank.command(&["restore", bank.sqlite_file().to_str().expect("a plain path")]);
        command.env("FLORIN_DATA_DIR", restored.path());
        assert_eq!(stories::run(command).code, Some(2));
    }
}

#[test]
fn a_backup_that_cannot_be_written_is_called_as_it_was_typed() {
    let bank = Bank::on(db::Engine::Sqlite);
    bank.run(&["migrate"]).expect_success();
    let mut command = bank.command(&["backup", "nodir/x.db"]);
    command.current_dir(bank.folder());
    let said = stories::run(command).expect_refusal();
    assert!(said.contains("florin: nodir/x.db: No such file or directory"), "{said}");
    assert!(!said.contains("unfinished"), "{said}");
}

#[test]
fn books_that_nobody_can_look_at_are_not_called_wrong() {
    let nowhere = Bank::at("postgres://florin@127.0.0.1:1/florin".to_owned()).run(&["verify"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    nowhere.expect_refusal();
    let mut misspelt = Bank::on(db::Engine::Sqlite).command(&["verify"]);
    let output = misspelt.env("FLORIN_DATABASE_ULR", "x").output().expect("it starts");
    assert_eq!(ended(&output).0, Some(2));
}

#[test]
fn a_bank_serves_although_nobody_takes_its_words() {
    let bank = Bank::on(db::Engine::Sqlite);
    let full = || File::options().write(true).open("/dev/full").expect("the system has it");
    // Its log has no space from the first line on.
    let mut command = bank.command(&["serve"]);
    command.env("FLORIN_LOG", "trace").stderr(full()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("it tells where it listens");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("an address");
    let door = Door::new(address.parse().expect("an address"), None);
    let ann = door.register("ann");
    ann.open_account_with("1.00");
    ann.get("/ready").expect(200);
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
    // And one whose reader went before it listened.
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    drop(reader);
    let mut child = bank.command(&["serve"]).stdout(writer).stderr(full()).spawn().expect("it starts");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(child.try_wait().expect("it can be asked"), None, "it serves");
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
}

fn with_history(bank: Bank) -> Bank {
    let folder = Folder::fresh();
    let rows: Vec<HistoryRow> = (0..ROWS).map(|number| row(&format!("row {number}"), "100.00")).collect();
    let path = folder.write("history.csv", history_csv(&rows)).display().to_string();
    bank.run(&["import", "history", &path]).expect_success();
    // It makes the keys.
    bank.serve().stop();
    bank
}

fn row(external_id: &str, amount: &str) -> HistoryRow {
    HistoryRow {
        external_id: external_id.to_owned(),
        account: "ref-1".to_owned(),
        value_date: "2024-02-29".to_owned(),
        amount_minor: stories::minor_units(amount),
        currency: "EUR",
        exponent: 2,
        category: "transfer",
        description: String::new(),
    }
}

fn to_full(mut command: Command) -> Output {
    let full = File::options().write(true).open("/dev/full").expect("the system has it");
    command.stdout(full).output().expect("it starts")
}

/// The exit code, and what it said on standard error.
fn ended(output: &Output) -> (Option<i32>, &str) {
    (output.status.code(), std::str::from_utf8(&output.stderr).expect("it speaks UTF-8"))
}
