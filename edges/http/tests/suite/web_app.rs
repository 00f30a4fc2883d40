//! The web app as it comes out of the binary. Without Node nothing was built into it; then it is seen that it says so.

use crate::bank::with_bank;

#[test]
fn the_app_runs_under_a_policy_that_lets_nothing_in_from_elsewhere() {
    with_bank(async |bank| {
        for path in ["/app", "/app/transfer", "/app/accounts/acct_1"] {
            let page = bank.send("GET", path).header("accept-encoding", "br, gzip").await_answer().await;
            if !page.status.is_success() {
                page.expect_error(404, "NOT_FOUND");
                continue;
            }
            assert_eq!(page.header("content-encoding"), Some("br"), "{path}");
            assert_eq!(page.header("cache-control"), Some("no-cache"), "{path}");
            let policy = page.header("content-security-policy").unwrap();
            for directive in ["script-src 'self';", "style-src 'self';", "require-trusted-types-for 'script'"] {
                assert!(policy.contains(directive) && !policy.contains("unsafe"), "{path}: {policy}");
            }
            let known = page.header("etag").unwrap().to_owned();
            let again = bank.send("GET", path).header("if-none-match", &known).await_answer().await;
            assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "{path}");
        }
    });
}

#[test]
fn what_the_page_names_is_there_for_good() {
    with_bank(async |bank| {
        let page = bank.send("GET", "/app").await_answer().await;
        if !page.status.is_success() {
            page.expect_error(404, "NOT_FOUND");
            return;
        }
        let text = String::from_utf8(page.bytes).unwrap();
        let names: Vec<&str> = text.split('"').filter(|part| part.starts_with("/assets/")).collect();
        assert!(!names.is_empty(), "{text}");
        for name in names {
            let file = bank.send("GET", name).await_answer().await;
            assert!(file.status.is_success() && !file.bytes.is_empty(), "{name}");
            assert!(file.header("cache-control").unwrap().contains("immutable"), "{name}");
        }
        for name in ["/theme.js", "/favicon.svg"] {
            assert!(bank.send("GET", name).await_answer().await.status.is_success(), "{name}");
        }
    });
}

#[test]
fn paths_of_the_api_and_of_no_page_keep_their_envelope() {
    with_bank(async |bank| {
        for path in ["/api/nothing", "/assets/nothing.js", "/assets/%2e%2e%2findex.html", "/assets/%ff", "/app/a/b/c"] {
            let answer = bank.send("GET", path).header("accept", "text/html").await_answer().await;
            answer.expect_error(404, "NOT_FOUND");
        }
    });
}

#[test]
fn the_app_is_told_what_bank_it_is() {
    with_bank(async |bank| {
        let told = bank.send("GET", "/app-config.json").await_answer().await.expect(200);
        assert_eq!((told["mode"].as_str(), told["mfa"].as_str()), (Some("sandbox"), Some("optional")));
    });
}
