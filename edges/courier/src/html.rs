//! The same text once more for programs that show HTML: paragraphs in the direction of its language, codes and addresses always
//! from left to right, and nothing that would be fetched from anywhere.

use notifications::Language;

/// How much a code is indented in the text.
const INDENT: &str = "    ";
const LOOKS: &str = "margin:0 auto;padding:24px;max-width:36em;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;\
                     color:#1b1f24;background:#ffffff";
const CODE_LOOKS: &str = "padding:12px 16px;font-family:ui-monospace,monospace;font-size:16px;overflow-wrap:anywhere;\
                          text-align:start;background:#f1f3f5;border-radius:8px";

/// The text in HTML.
pub(crate) fn of(text: &str, language: Language) -> String {
    let paragraphs: String = text.trim().split("\n\n").map(paragraph).collect();
    let (word, direction) = (language.word(), language.direction());
    format!(
        "<!DOCTYPE html>\n<html lang=\"{word}\" dir=\"{direction}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\n\
         <body dir=\"{direction}\" style=\"{LOOKS}\">\n{paragraphs}</body>\n</html>\n"
    )
}

/// A code stands alone in a paragraph.
fn paragraph(text: &str) -> String {
    if let Some(code) = text.strip_prefix(INDENT)
        && !code.contains('\n')
    {
        return format!("<p dir=\"ltr\" style=\"{CODE_LOOKS}\">{}</p>\n", escaped(code));
    }
    let lines: Vec<String> = text.lines().map(line).collect();
    format!("<p>{}</p>\n", lines.join("<br>\n"))
}

fn line(text: &str) -> String {
    if text.starts_with("https://") || text.starts_with("http://") {
        format!("<bdi dir=\"ltr\">{}</bdi>", escaped(text))
    } else {
        escaped(text)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays_text() {
        let html = of("Hello <b>Ann</b> & \"Bob\",\n\nthis\nthat\n", Language::English);
        assert!(html.contains("<p>Hello &lt;b&gt;Ann&lt;/b&gt; &amp; &quot;Bob&quot;,</p>"), "{html}");
        assert!(html.contains("<p>this<br>\nthat</p>"), "{html}");
        assert!(html.contains("<html lang=\"en\" dir=\"ltr\">"), "{html}");
    }

    #[test]
    fn arabic_goes_from_right_to_left_and_codes_and_addresses_in_it_do_not() {
        let html = of("مرحبا ann،\n\nأدخل:\n\n    a-<b>\n\nإلى\nhttps://a.example/?a=1&b=2\n", Language::Arabic);
        assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">") && html.contains("<body dir=\"rtl\""), "{html}");
        assert!(html.contains("<p>مرحبا ann،</p>"), "{html}");
        assert!(html.contains("<p dir=\"ltr\" ") && html.contains(">a-&lt;b&gt;</p>"), "{html}");
        assert!(html.contains("<bdi dir=\"ltr\">https://a.example/?a=1&amp;b=2</bdi>"), "{html}");
        assert!(!html.contains("src=") && !html.contains("href="), "nothing is fetched");
    }
}
