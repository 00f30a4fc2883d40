//! Before any route: who is turned away, whose web pages may call, and the headers that every reply has.

use crate::bank::{open_door, with_bank, with_front_door};
use http_edge::{ForwardedHeader, FrontDoorSettings};
use serde_json::json;

const CAREFUL: [(&str, &str); 7] = [
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
];

#[test]
fn every_reply_tells_browsers_to_be_careful() {
    with_bank(async |bank| {
        let everywhere =
            [("GET", "/health"), ("GET", "/api/auth/me"), ("GET", "/nothing"), ("PUT", "/login"), ("POST", "/login")];
        for (method, path) in everywhere {
            let answer = bank.send(method, path).await_answer().await;
            for (name, value) in CAREFUL {
                assert_eq!(answer.header(name), Some(value), "{method} {path}");
            }
            assert_eq!(answer.header("strict-transport-security"), None, "this bank is reached without TLS");
        }
        let page = bank.send("GET", "/docs/").await_answer().await;
        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'self';"));
        assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1);
    });
}

#[test]
fn the_denied_are_refused_also_behind_a_proxy() {
    let door = FrontDoorSettings {
        trusted_proxies: "10.0.0.1".parse().unwrap(),
        deny_list: "192.0.2.0/24".parse().unwrap(),
        ..open_door()
    };
    with_front_door(&door, async |bank| {
        let through_proxy = |client: &str| {
            bank.send("GET", "/openapi.json").coming_from("10.0.0.1").header("x-forwarded-for", client).await_answer()
        };
        through_proxy("192.0.2.7").await.expect_error(403, "FORBIDDEN");
        through_proxy("198.51.100.7, 192.0.2.7").await.expect_error(403, "FORBIDDEN");
        through_proxy("192.0.2.7, 198.51.100.7").await.expect(200);
        bank.send("GET", "/health").coming_from("192.0.2.7").await_answer().await.expect_error(403, "FORBIDDEN");
    });
}

#[test]
fn only_pages_of_listed_origins_may_read_replies() {
    let door = FrontDoorSettings { cors_origins: "https://app.example".parse().unwrap(), ..open_door() };
    with_front_door(&door, async |bank| {
        for (origin, allowed) in [("https://app.example", Some("https://app.example")), ("https://evil.example", None)]
        {
            for (path, status) in [("/health", 200), ("/api/auth/me", 401)] {
                let answer = bank.send("GET", path).header("origin", origin).await_answer().await;
                answer.expect(status);
                assert_eq!(answer.header("access-control-allow-origin"), allowed);
                assert_eq!(answer.header("access-control-expose-headers").is_some(), allowed.is_some());
                assert_eq!(answer.header("access-control-allow-credentials"), None);
                assert_eq!(answer.header("vary"), Some("origin"));
            }
            let asking = bank.send("OPTIONS", "/api/transactions/transfer").header("origin", origin);
            let answer = asking.header("access-control-request-method", "POST").await_answer().await;
            answer.expect(204);
            assert_eq!(answer.header("access-control-allow-origin"), allowed);
            assert!(answer.header("access-control-allow-headers").unwrap().contains("idempotency-key"));
        }
    });
}

#[test]
fn without_listed_origins_nothing_is_said_of_them() {
    with_bank(async |bank| {
        let answer = bank.send("GET", "/health").header("origin", "https://app.example").await_answer().await;
        assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), (None, None));
        bank.send("OPTIONS", "/health").await_answer().await.expect_error(405, "METHOD_NOT_ALLOWED");
    });
}

#[test]
fn an_url_has_a_length() {
    with_bank(async |bank| {
        let longest = format!("/{}", "x".repeat(8 * 1024 - 1));
        bank.send("GET", &longest).await_answer().await.expect_error(404, "NOT_FOUND");
        bank.send("GET", &format!("{longest}x")).await_answer().await.expect_error(414, "URI_TOO_LONG");
        let query = format!("/api/accounts?cursor={}", "x".repeat(10_000));
        bank.send("GET", &query).await_answer().await.expect_error(414, "URI_TOO_LONG");
    });
}

#[test]
fn a_forwarded_request_never_counts_as_the_proxys_own() {
    let door = FrontDoorSettings {
        trusted_proxies: "10.0.0.0/8".parse().unwrap(),
        deny_list: "203.0.113.0/24".parse().unwrap(),
        ..open_door()
    };
    with_front_door(&door, async |bank| {
        let ann = bank.person(&bank.customer_through("10.0.0.1", "ann").await);
        let body = json!({ "name": "bound", "scopes": ["accounts:read"], "allowedAddresses": ["10.0.0.0/8"] });
        let new_key = ann.send("POST", "/api/auth/api-keys").coming_from("198.51.100.9").json(&body).await.expect(201);
        let program = bank.person(new_key["key"].as_str().unwrap());
        let real = ("x-forwarded-for", "198.51.100.9");
        let through = |headers: &[(&str, &str)], path: &str| {
            let sending = program.send("GET", path).coming_from("10.0.0.1");
            headers.iter().fold(sending, |sending, (name, value)| sending.header(name, value)).await_answer()
        };
        through(&[real], "/api/accounts").await.expect_error(403, "ADDRESS_NOT_ALLOWED");
        through(&[("x-forwarded-for", "10.2.3.4")], "/api/accounts").await.expect(200);
        for forwarded in ["x", "for=unknown", "for=_hidden", "for=10.0.0.1", "", "for=\"", ","] {
            let answer = through(&[real, ("forwarded", forwarded)], "/api/accounts").await;
            answer.expect_error(400, "INVALID_REQUEST");
            // Nor does it help whoever is denied.
            let answer = through(&[("x-forwarded-for", "203.0.113.66"), ("forwarded", forwarded)], "/health").await;
            answer.expect_error(400, "INVALID_REQUEST");
        }
        for wrong in ["unknown", "", "10.0.0.1, x"] {
            through(&[("x-forwarded-for", wrong)], "/api/accounts").await.expect_error(400, "INVALID_REQUEST");
        }
        // A header may be lost on the way; only questions about the bank itself are answered to a proxy.
        through(&[], "/api/accounts").await.expect_error(400, "INVALID_REQUEST");
        through(&[], "/nothing").await.expect_error(400, "INVALID_REQUEST");
        for path in ["/health", "/ready", "/metrics"] {
            assert_eq!(through(&[], path).await.status.as_u16(), 200, "{path}");
        }
    });
}

#[test]
fn the_header_that_the_operator_names_is_the_one_that_counts() {
    let door = FrontDoorSettings {
        trusted_proxies: "10.0.0.1".parse().unwrap(),
        forwarded_header: ForwardedHeader::XForwardedFor,
        deny_list: "192.0.2.0/24".parse().unwrap(),
        ..open_door()
    };
    with_front_door(&door, async |bank| {
        let through_proxy = |client: &str| {
            let sending = bank.send("GET", "/openapi.json").coming_from("10.0.0.1").header("x-forwarded-for", client);
            sending.header("forwarded", "for=_hidden").await_answer()
        };
        through_proxy("192.0.2.7").await.expect_error(403, "FORBIDDEN");
        through_proxy("198.51.100.7").await.expect(200);
    });
}

#[test]
fn a_request_without_one_host_is_refused() {
    with_bank(async |bank| {
        for host in ["", "a b@c/d", "bank.example/x"] {
            let answer = bank.send("GET", "/health").header("host", host).await_answer().await;
            answer.expect_error(400, "INVALID_REQUEST");
        }
        let twice = bank.send("GET", "/health").header("host", "bank.example").header("host", "bank.example");
        twice.await_answer().await.expect_error(400, "INVALID_REQUEST");
        bank.send("GET", "http://bank.example/health").header("host", "other.example").await_answer().await.expect(200);
    });
}
