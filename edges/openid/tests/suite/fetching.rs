//! Fetching from a server on this machine that behaves, or does not.

use openid_edge::{FetchError, IssuerClient, IssuerUrl, Plain};
use outsiders::{IssuerServer, Reply, TestIssuer};

/// A server, its issuer, and the way to it.
struct There {
    server: IssuerServer,
    issuer: TestIssuer,
    client: IssuerClient,
}

impl There {
    fn new() -> Self {
        let server = IssuerServer::start();
        let issuer = TestIssuer::new(&format!("{}/realms/people", server.url()), "bank");
        server.publish(&issuer);
        let url = IssuerUrl::parse(&issuer.name, Plain::OnThisMachine).unwrap();
        Self { server, issuer, client: IssuerClient::open(url, None).unwrap() }
    }

    fn discover(&self, issuer: &str, jwks_uri: &str) {
        self.server.discover(Reply::Body(self.server.discovery(issuer, jwks_uri)));
    }

    async fn refusal(&self) -> String {
        self.client.fetch().await.unwrap_err().to_string()
    }
}

#[tokio::test]
async fn the_keys_are_where_the_document_says() {
    let it = There::new();
    assert_eq!(it.client.fetch().await.unwrap(), it.issuer.key_set());
    assert_eq!(it.server.requests(), 2);
}

#[tokio::test]
async fn a_document_that_names_another_issuer_is_refused_and_its_keys_are_not_asked_for() {
    let it = There::new();
    let keys = format!("{}/keys", it.server.url());
    for other in ["https://evil.example", &it.server.url(), &format!("{}/", it.issuer.name), ""] {
        it.discover(other, &keys);
        assert!(it.refusal().await.contains("names another issuer"), "{other}");
    }
    assert_eq!(it.server.requests(), 4);
}

#[tokio::test]
async fn keys_at_an_unsafe_address_are_not_asked_for() {
    let it = There::new();
    for keys in ["http://login.example/keys", "file:///etc/passwd", "keys", "http://user:secret@127.0.0.1/keys"] {
        it.discover(&it.issuer.name, keys);
        assert!(it.refusal().await.contains("has no safe jwks_uri"), "{keys}");
    }
    assert_eq!(it.server.requests(), 4);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let it = There::new();
    let elsewhere = format!("{}/keys", it.server.url());
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    it.server.publish_keys(Reply::Raw(redirect.clone()));
    assert!(matches!(it.client.fetch().await, Err(FetchError::Status(302))));
    it.server.discover(Reply::Raw(redirect));
    assert!(matches!(it.client.fetch().await, Err(FetchError::Status(302))));
    assert_eq!(it.server.requests(), 3);
}

#[tokio::test]
async fn documents_that_do_not_end_are_refused() {
    let it = There::new();
    it.server.publish_keys(Reply::Body("x".repeat(300 * 1024)));
    assert!(matches!(it.client.fetch().await, Err(FetchError::TooLarge(_))));
    // Without a length, in pieces.
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    it.server.discover(Reply::Raw(format!("{head}{}", chunk.repeat(64))));
    assert!(matches!(it.client.fetch().await, Err(FetchError::TooLarge(_))));
    let headers = "x: y\r\n".repeat(1_000);
    it.server.discover(Reply::Raw(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\n{{}}")));
    assert!(matches!(it.client.fetch().await, Err(FetchError::Connection(_))));
}

#[tokio::test]
async fn an_issuer_that_hangs_is_given_up() {
    let it = There::new();
    it.server.publish_keys(Reply::Hang);
    let outcome = tokio::time::timeout(std::time::Duration::from_secs(20), it.client.fetch()).await.unwrap();
    assert!(matches!(outcome, Err(FetchError::Timeout)));
}

#[tokio::test]
async fn nonsense_is_told_apart_from_keys() {
    let it = There::new();
    for body in ["", "<html>", "[]", "{}", r#"{"issuer":"x"}"#] {
        it.server.discover(Reply::Body(body.to_owned()));
        assert!(matches!(it.client.fetch().await, Err(FetchError::Document(_))), "{body}");
    }
    it.server.discover(Reply::Raw("nonsense".to_owned()));
    assert!(matches!(it.client.fetch().await, Err(FetchError::Connection(_))));
    it.server.discover(Reply::Raw("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n".to_owned()));
    assert!(matches!(it.client.fetch().await, Err(FetchError::Status(500))));
}

#[tokio::test]
async fn an_issuer_that_is_gone_is_told() {
    let There { server, client, .. } = There::new();
    drop(server);
    assert!(matches!(client.fetch().await, Err(FetchError::Connection(_))));
}
