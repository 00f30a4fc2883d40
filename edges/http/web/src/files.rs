//! The files of the app, in the binary, and which copy of one a browser gets.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// A file of the app.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: &'static str,
    /// Of its contents; quoted.
    pub(crate) tag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// How long a browser may keep one without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Its name changes with its contents.
    Forever,
    /// It is asked for each time, and mostly not sent again.
    Asking,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file of this name, below the folder of the app.
pub(crate) fn named(name: &str) -> Option<&'static File> {
    let place = FILES.binary_search_by(|file| file.name.cmp(name)).ok()?;
    FILES.get(place)
}

impl File {
    /// Sent in the smallest form that is asked for; nothing but its tag to a browser that has it.
    pub(crate) fn reply(&self, asked: &HeaderMap, keep: Keep) -> Response {
        let cache = match keep {
            Keep::Forever => "public, max-age=31536000, immutable",
            Keep::Asking => "no-cache",
        };
        let fixed = [
            (header::ETAG, HeaderValue::from_static(self.tag)),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        if has(asked, self.tag) {
            return (StatusCode::NOT_MODIFIED, fixed).into_response();
        }
        let copies = [("br", self.brotli), ("gzip", self.gzip)];
        let copy = copies
            .into_iter()
            .find_map(|(coding, bytes)| bytes.filter(|_| takes(asked, coding)).map(|bytes| (coding, bytes)));
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type(self.name)))];
        match copy {
            Some((coding, bytes)) => {
                let coding: [(HeaderName, HeaderValue); 1] =
                    [(header::CONTENT_ENCODING, HeaderValue::from_static(coding))];
                (fixed, kind, coding, bytes).into_response()
            }
            None => (fixed, kind, self.plain).into_response(),
        }
    }
}

/// Whether the browser has it already (RFC 9110, 13.1.2).
fn has(asked: &HeaderMap, tag: &str) -> bool {
    let sent = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    sent.flat_map(|value| value.split(',')).map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

/// Whether the browser takes this coding: it names it, and not with a weight of nothing (RFC 9110, 12.5.3).
fn takes(asked: &HeaderMap, coding: &str) -> bool {
    let sent = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    sent.flat_map(|value| value.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let is_refused = matches!(weight.trim().trim_start_matches("q="), "0" | "0." | "0.0" | "0.00" | "0.000");
        name.trim().eq_ignore_ascii_case(coding) && !is_refused
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: File =
        File { name: "assets/x.js", tag: "\"1\"", plain: b"plain", brotli: Some(b"small"), gzip: Some(b"smaller") };

    fn asked(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    fn coding_for(accepted: &'static str) -> Option<String> {
        let reply = FILE.reply(&asked(header::ACCEPT_ENCODING, accepted), Keep::Forever);
        let coding = reply.headers().get(header::CONTENT_ENCODING)?;
        Some(coding.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_smallest_copy_that_is_taken_is_sent() {
        assert_eq!(coding_for("gzip, deflate, br, zstd").as_deref(), Some("br"));
        assert_eq!(coding_for("gzip;q=0.5").as_deref(), Some("gzip"));
        assert_eq!(coding_for("br;q=0, GZIP").as_deref(), Some("gzip"));
        assert_eq!(coding_for("identity"), None);
        let alone = File { brotli: None, gzip: None, ..FILE };
        let reply = alone.reply(&asked(header::ACCEPT_ENCODING, "br"), Keep::Asking);
        assert_eq!(reply.headers().get(header::CONTENT_ENCODING), None);
        assert_eq!(reply.headers()[header::CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn who_has_it_is_told_so_and_keeps_it() {
        for tag in ["\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"] {
            let reply = FILE.reply(&asked(header::IF_NONE_MATCH, tag), Keep::Forever);
            assert_eq!(reply.status(), StatusCode::NOT_MODIFIED, "{tag}");
            assert!(reply.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
        assert_eq!(FILE.reply(&asked(header::IF_NONE_MATCH, "\"2\""), Keep::Forever).status(), StatusCode::OK);
    }

    #[test]
    fn what_was_built_is_found_by_its_name_and_nothing_else_is() {
        for file in FILES {
            assert_eq!(named(file.name).map(|found| found.tag), Some(file.tag), "{}", file.name);
            assert_ne!(content_type(file.name), "application/octet-stream", "say what {} is", file.name);
        }
        assert!(FILES.is_empty() || named("index.html").is_some());
        assert!(named("../Cargo.toml").is_none() && named("").is_none());
    }
}
