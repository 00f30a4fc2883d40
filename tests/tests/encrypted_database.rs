//! TLS to PostgreSQL: used when the URL asks for it, with the certificate checked as far as it says, never left out.

use stories::{Bank, Certificates, Cluster};
use tokio_postgres::NoTls;

#[test]
fn the_database_is_reached_as_its_url_says() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand");
    }
    let (certificates, others) = (Certificates::make(), Certificates::make());
    let cluster = Cluster::create(&certificates.postgres_settings().each_ref().map(String::as_str));
    let (url, ca, other_ca) = (cluster.url(), certificates.path("ca.pem"), others.path("ca.pem"));
    // The server listens on 127.0.0.1, and its certificate is for that; of 127.0.0.2 nothing is known.
    let elsewhere = format!("{}?hostaddr=127.0.0.1", url.replace("127.0.0.1", "bank.test"));
    // One bank, so that its secrets key is there each time.
    let bank = Bank::at(url.clone());
    for (url, is_encrypted) in [
        (url.clone(), false),
        (format!("{url}?sslmode=disable"), false),
        (format!("{url}?sslmode=prefer"), true),
        (format!("{url}?sslmode=require"), true),
        (format!("{url}?sslmode=verify-full&sslrootcert={ca}"), true),
        (format!("{elsewhere}&sslmode=verify-ca&sslrootcert={ca}"), true),
    ] {
        let server = bank.serve_with(&["serve"], &[("FLORIN_DATABASE_URL", url.as_str())]);
        assert_eq!(connections(&cluster), (true, is_encrypted), "{url}");
        server.stop();
    }
    for (url, why) in [
        (format!("{url}?sslmode=verify-full&sslrootcert={other_ca}"), "UnknownIssuer"),
        (format!("{url}?sslmode=verify-ca&sslrootcert={other_ca}"), "UnknownIssuer"),
        (format!("{elsewhere}&sslmode=verify-full&sslrootcert={ca}"), "not valid for name"),
        (format!("{url}?sslmode=verify-full"), "needs sslrootcert"),
        (format!("{url}?sslnegotiation=direct"), "sslnegotiation=direct needs sslmode"),
        (format!("{url}?sslcert=mine.pem"), "sslcert"),
    ] {
        let said = Bank::at(url).run(&["serve"]).expect_refusal();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_database_without_tls_is_refused_to_those_who_require_it() {
    let Some(url) = testkit::postgres_url() else { return println!("no PostgreSQL at hand") };
    let said = Bank::at(format!("{url}?sslmode=require")).run(&["serve"]).expect_refusal();
    assert!(said.contains("server does not support TLS"), "{said}");
}

/// Whether the bank has any to this server, and whether all of them are encrypted.
fn connections(cluster: &Cluster) -> (bool, bool) {
    let sql = "SELECT count(*) > 0, coalesce(bool_and(ssl), false) FROM pg_stat_activity \
               JOIN pg_stat_ssl USING (pid) WHERE application_name LIKE 'florin %'";
    let asking = async {
        let (client, connection) = tokio_postgres::connect(&cluster.url(), NoTls).await.expect("the server is there");
        let talking = tokio::spawn(connection);
        let row = client.query_one(sql, &[]).await.expect("the server knows its connections");
        talking.abort();
        (row.get(0), row.get(1))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(asking)
}
