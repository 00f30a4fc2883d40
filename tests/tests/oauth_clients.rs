//! Programs of others log people in with the authorization server: each is a library that is used as its
//! documentation says, and knows nothing of Florin but the address.

use db::Engine;
use serde_json::json;
use std::net::{SocketAddr, TcpListener};
use stories::{Bank, Client, ForeignClient, PASSWORD, Tool, on_each_engine, run};

const CALLBACK: &str = "http://127.0.0.1:9/callback";

#[test]
fn openid_client_of_npm_works_with_the_authorization_server() {
    tell(ForeignClient::OpenidClient, "openid-client is content");
}

#[test]
fn authlib_of_pypi_works_with_the_authorization_server() {
    tell(ForeignClient::Authlib, "Authlib is content");
}

#[test]
fn somebody_with_nothing_but_a_passkey_consents_in_a_browser() {
    let Some(mut command) = ForeignClient::Chromium.command() else { return };
    let Some(chromium) = Tool::Chromium.find() else { return };
    let bank = Bank::on(Engine::Sqlite);
    // Passkeys are bound to names, and this is the name of every loopback address.
    let address = free_address();
    let issuer = format!("http://localhost:{}", address.port());
    let environment = [("FLORIN_LISTEN", address.to_string()), ("FLORIN_PUBLIC_URL", issuer.clone())];
    let server = bank.serve_with(&["serve"], &environment.each_ref().map(|(name, value)| (*name, value.as_str())));
    let customer = server.register("ann");
    let (public_id, _) = register(&customer, false);
    let story = json!({ "issuer": issuer, "token": customer.token(), "publicId": public_id, "chromium": chromium });
    command.env("STORY", story.to_string());
    assert!(run(command).expect_success().contains("Chromium is content"));
    server.stop();
}

/// Runs the program against a bank that has a customer and two clients.
fn tell(program: ForeignClient, contentment: &str) {
    on_each_engine(|bank| {
        let Some(mut command) = program.command() else { return };
        let address = free_address();
        let issuer = format!("http://{address}");
        let environment = [("FLORIN_LISTEN", address.to_string()), ("FLORIN_PUBLIC_URL", issuer.clone())];
        let server = bank.serve_with(&["serve"], &environment.each_ref().map(|(name, value)| (*name, value.as_str())));
        let customer = server.register("ann");
        let (public_id, _) = register(&customer, false);
        let (confidential_id, secret) = register(&customer, true);
        let story = json!({
            "issuer": issuer, "username": "ann", "password": PASSWORD, "callback": CALLBACK,
            "publicId": public_id, "confidentialId": confidential_id, "secret": secret,
        });
        command.env("STORY", story.to_string());
        assert!(run(command).expect_success().contains(contentment));
        server.stop();
    });
}

fn register(owner: &Client, confidential: bool) -> (String, Option<String>) {
    let body = json!({
        "name": "Budget", "redirectUris": [CALLBACK], "confidential": confidential,
        "scopes": ["accounts:read", "profile:read"],
    });
    let registered = owner.post("/api/auth/oauth/clients", &body).expect(201);
    let id = registered["client"]["id"].as_str().expect("a client has an id").to_owned();
    (id, registered["secret"].as_str().map(str::to_owned))
}

/// Somewhere to listen that is known before: tokens name it.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    listener.local_addr().expect("a listener has an address")
}
