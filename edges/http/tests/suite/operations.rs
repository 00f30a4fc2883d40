//! What those who run the bank look at.

use crate::bank::with_bank;

#[test]
fn health_readiness_and_metrics_answer_everybody() {
    with_bank(async |bank| {
        assert_eq!(bank.send("GET", "/health").await_answer().await.expect(200)["status"], "UP");
        assert_eq!(bank.send("GET", "/ready").await_answer().await.expect(200)["status"], "READY");
        let metrics = bank.send("GET", "/metrics").await_answer().await;
        assert_eq!(metrics.status.as_u16(), 200);
        assert!(metrics.header("content-type").unwrap().starts_with("text/plain"));
        let head = bank.send("HEAD", "/health").await_answer().await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    });
}

#[test]
fn the_documentation_is_served_without_anything_from_elsewhere() {
    with_bank(async |bank| {
        let redirect = bank.send("GET", "/docs").await_answer().await;
        assert_eq!((redirect.status.as_u16(), redirect.header("location")), (303, Some("/docs/")));
        let page = bank.send("GET", "/docs/").await_answer().await;
        let text = String::from_utf8(page.bytes.clone()).unwrap();
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert!(text.contains("swagger-ui") && !text.contains("https://"), "{text}");
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'self'"));
        let names = text.split(['"', '\'']).filter(|part| part.ends_with(".js") || part.ends_with(".css"));
        let mut count = 0;
        for name in names {
            let file = bank.send("GET", &format!("/docs/{}", name.trim_start_matches("./"))).await_answer().await;
            assert!(file.status.is_success() && !file.bytes.is_empty(), "{name}");
            count += 1;
        }
        assert!(count >= 3);
        let starter = bank.send("GET", "/docs/swagger-initializer.js").await_answer().await;
        assert!(String::from_utf8(starter.bytes).unwrap().contains("/openapi.json"));
        for missing in ["/docs/nothing.js", "/docs/%2e%2e%2fCargo.toml", "/docs/%ff"] {
            bank.send("GET", missing).await_answer().await.expect_error(404, "NOT_FOUND");
        }
    });
}

#[test]
fn the_front_page_says_where_to_go() {
    with_bank(async |bank| {
        let told = bank.send("GET", "/").await_answer().await;
        assert_eq!(told.header("content-type"), Some("application/json"));
        let told = told.expect(200);
        for link in ["documentation", "openapi", "health", "ready"] {
            let there = bank.send("GET", told[link].as_str().unwrap()).await_answer().await;
            assert!(there.status.is_success(), "{link}: {there:?}");
        }
        let page = bank.send("GET", "/").header("accept", "text/html,*/*;q=0.8").await_answer().await;
        let app = bank.send("GET", "/app").await_answer().await;
        if app.status.is_success() {
            assert_eq!((page.status.as_u16(), page.header("location")), (303, Some("/app")));
            return;
        }
        app.expect_error(404, "NOT_FOUND");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains(r#"href="/docs/""#) && text.contains(r#"href="/openapi.json""#), "{text}");
        assert!(text.contains("make web"), "{text}");
    });
}
