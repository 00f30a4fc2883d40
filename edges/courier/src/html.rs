//! The same text once more for programs that show HTML: paragraphs, each in the direction of its own letters, and nothing that
//! would be fetched from anywhere.

/// The text in HTML.
pub(crate) fn of(text: &str) -> String {
    let paragraphs = text.trim().split("\n\n").map(|paragraph| {
        let lines: Vec<String> = paragraph.lines().map(escaped).collect();
        format!("<p dir=\"auto\">{}</p>\n", lines.join("<br>\n"))
    });
    let body: String = paragraphs.collect();
    format!("<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"></head>\n<body>\n{body}</body>\n</html>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays_text() {
        let html = of("Hello <b>Ann</b> & \"Bob\",\n\nمرحبا\nagain\n");
        assert!(html.contains("<p dir=\"auto\">Hello &lt;b&gt;Ann&lt;/b&gt; &amp; &quot;Bob&quot;,</p>"), "{html}");
        assert!(html.contains("<p dir=\"auto\">مرحبا<br>\nagain</p>"), "{html}");
    }
}
