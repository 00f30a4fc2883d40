//! What must not start does not, and says why in one line.

use db::Engine;
use stories::{Bank, Cluster, run};

#[test]
fn a_second_process_on_one_sqlite_file_is_refused() {
    let bank = Bank::on(Engine::Sqlite);
    let server = bank.serve();
    for arguments in [&["serve"][..], &["migrate"]] {
        let said = bank.run(arguments).expect_refusal();
        assert!(said.contains("another process uses this database"), "{said}");
    }
    assert_eq!(server.anonymous().get("/ready").status, 200, "the first one does not mind");
    assert!(bank.run(&["export", "balances"]).expect_success().starts_with("account,"), "reading is for everybody");
    server.kill();
    bank.serve().stop();
}

#[test]
fn an_unknown_setting_is_refused_by_its_name() {
    let bank = Bank::on(Engine::Sqlite);
    let mut command = bank.command(&["serve"]);
    command.env("FLORIN_LISTNE", "127.0.0.1:0");
    let said = run(command).expect_refusal();
    assert!(said.contains("FLORIN_LISTNE") && said.contains("did you mean FLORIN_LISTEN?"), "{said}");
}

#[test]
fn what_an_orchestrator_tells_of_a_service_called_florin_does_not_stop_the_start() {
    let bank = Bank::on(Engine::Sqlite);
    let told = [
        ("FLORIN_SERVICE_HOST", "10.96.7.8"),
        ("FLORIN_SERVICE_PORT", "8080"),
        ("FLORIN_SERVICE_PORT_HTTP", "8080"),
        ("FLORIN_PORT", "tcp://10.96.7.8:8080"),
        ("FLORIN_PORT_8080_TCP", "tcp://10.96.7.8:8080"),
        ("FLORIN_PORT_8080_TCP_PROTO", "tcp"),
        ("FLORIN_PORT_8080_TCP_PORT", "8080"),
        ("FLORIN_PORT_8080_TCP_ADDR", "10.96.7.8"),
    ];
    bank.serve_with(&["serve"], &told).stop();
}

#[test]
fn an_impossible_setting_is_refused_in_one_line() {
    let bank = Bank::on(Engine::Sqlite);
    for (name, value, why) in [
        ("FLORIN_MODE", "banana", "possible values: sandbox, production"),
        ("FLORIN_LISTEN", "nowhere", "invalid socket address"),
        ("FLORIN_LOG", "a=b=c", "FLORIN_LOG"),
        ("FLORIN_DATA_DIR", "/proc/florin", "FLORIN_DATA_DIR"),
    ] {
        let mut command = bank.command(&["serve"]);
        command.env(name, value);
        let said = run(command).expect_refusal();
        assert!(said.starts_with("florin: ") && said.contains(why), "{said}");
    }
}

#[test]
fn a_setting_is_refused_by_the_name_under_which_it_was_given() {
    let bank = Bank::on(Engine::Sqlite);
    let mut by_variable = bank.command(&["serve"]);
    by_variable.env("FLORIN_LISTEN", "nowhere");
    let said = run(by_variable).expect_refusal();
    assert!(said.contains("FLORIN_LISTEN") && !said.contains("--listen"), "{said}");
    let said = run(bank.command(&["serve", "--listen", "nowhere"])).expect_refusal();
    assert!(said.contains("--listen"), "{said}");
}

#[test]
fn what_config_prints_is_an_environment() {
    let bank = Bank::on(Engine::Sqlite);
    let explained = bank.run(&["config"]).expect_success();
    let settings: Vec<(&str, &str)> =
        explained.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).collect();
    assert!(settings.iter().filter(|(_, value)| value.is_empty()).count() > 10, "blank means not set: {settings:?}");
    let mut again = bank.command(&["config"]);
    again.envs(settings.iter().copied());
    assert_eq!(run(again).expect_success(), explained);
    bank.serve_with(&["serve"], &settings).stop();
    // What would set another value than it shows sets none.
    let mut secret = bank.command(&["config"]);
    secret.env("FLORIN_SMTP_URL", "smtps://bank:hidden-word@mail.example");
    let explained = run(secret).expect_success();
    assert!(explained.contains("\n#FLORIN_SMTP_URL=") && !explained.contains("hidden-word"), "{explained}");
}

#[test]
fn where_logs_are_json_all_that_is_said_is() {
    let bank = Bank::on(Engine::Sqlite);
    let in_json = |arguments: &[&str], settings: &[(&str, &str)]| {
        let mut command = bank.command(arguments);
        command.env("FLORIN_LOG_FORMAT", "json").envs(settings.iter().copied());
        let finished = run(command);
        let lines: Vec<serde_json::Value> = finished
            .stderr
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect();
        lines.last().expect("it says why")["fields"]["message"].as_str().expect("in words").to_owned()
    };
    assert!(
        in_json(&["serve"], &[("FLORIN_TLS_CERT_FILE", "/nowhere"), ("FLORIN_TLS_KEY_FILE", "/nowhere")])
            .contains("/nowhere")
    );
    assert!(in_json(&["serve"], &[("FLORIN_LISTEN", "nowhere")]).contains("FLORIN_LISTEN"));
    assert!(in_json(&["serve"], &[("FLORIN_LISTNE", "x")]).contains("did you mean FLORIN_LISTEN?"));
    assert!(in_json(&["serve", "--nothing"], &[]).contains("--nothing"));
    assert!(in_json(&["export", "balances"], &[]).contains("there is no database"));
    assert!(in_json(&["serve"], &[("FLORIN_LISTEN", "192.0.2.1:1")]).contains("FLORIN_LISTEN"));
    let server = bank.serve_with(&["serve"], &[("FLORIN_LOG_FORMAT", "json")]);
    let log = server.log();
    server.stop();
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn certificates_are_read_before_anything_is_made() {
    let (bank, place) = (Bank::on(Engine::Sqlite), stories::Folder::fresh());
    let data = place.file("data");
    let mut command = bank.command(&["serve"]);
    command.env("FLORIN_DATA_DIR", &data);
    command.envs([("FLORIN_TLS_CERT_FILE", "/nowhere.pem"), ("FLORIN_TLS_KEY_FILE", "/nowhere.key")]);
    let said = run(command).expect_refusal();
    assert!(said.contains("/nowhere.pem"), "{said}");
    assert!(!data.exists(), "not even a folder");
}

#[test]
fn production_mode_refuses_what_is_only_for_trying_out() {
    let bank = Bank::on(Engine::Sqlite);
    for (arguments, settings, why) in [
        (&["serve"][..], &[("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "off")][..], "FLORIN_RATE_LIMIT=off"),
        (&["serve", "--demo"][..], &[("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "on")][..], "--demo"),
        (
            &["serve"][..],
            &[("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "on"), ("FLORIN_MFA", "optional")][..],
            "FLORIN_MFA=optional",
        ),
        (
            &["migrate"][..],
            // An address for documentation (RFC 5737): nobody is asked.
            &[
                ("FLORIN_MODE", "production"),
                ("FLORIN_RATE_LIMIT", "on"),
                ("FLORIN_DATABASE_URL", "postgres://florin@192.0.2.1/florin?sslmode=require"),
            ][..],
            "sslmode=verify-full",
        ),
    ] {
        let mut command = bank.command(arguments);
        command.envs(settings.iter().copied());
        let said = run(command).expect_refusal();
        assert!(said.contains(why) && said.contains("production"), "{said}");
    }
    assert!(!bank.sqlite_file().exists(), "a refused start leaves no database behind");
}

#[test]
fn a_demo_that_everybody_could_reach_is_refused() {
    let bank = Bank::on(Engine::Sqlite);
    let mut command = bank.command(&["serve", "--demo"]);
    command.env("FLORIN_LISTEN", "0.0.0.0:0");
    let said = run(command).expect_refusal();
    assert!(said.contains("loopback"), "{said}");
}

#[test]
fn an_impossible_database_is_refused() {
    let bank = Bank::on(Engine::Sqlite);
    for (url, why) in [
        ("sqlite:", "names no file"),
        ("mysql://localhost/florin", "must start with sqlite: or postgres://"),
        ("sqlite:/nowhere/at/all/florin.db", "/nowhere/at/all/florin.db"),
        // Port 1 takes no connections.
        ("postgres://florin:hidden-word@127.0.0.1:1/florin", "not available"),
    ] {
        let mut command = bank.command(&["serve"]);
        command.env("FLORIN_DATABASE_URL", url);
        let finished = run(command);
        assert!(!finished.stderr.contains("hidden-word"), "{finished:?}");
        let said = finished.expect_refusal();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_postgres_that_could_forget_acknowledged_money_is_refused() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let cluster = Cluster::create(&["fsync = off"]);
    let said = Bank::at(cluster.url()).run(&["serve"]).expect_refusal();
    assert!(said.contains("fsync = off"), "{said}");
}
