//! What commands say. Whoever stopped reading wants no more, and no complaint; any other failure to write is one line
//! on standard error. What a command did is done, told or not, and its exit code speaks of that. Where logs are JSON, all
//! that is said on standard error is.

use anyhow::Context as _;
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Prints what a command is there to print.
///
/// # Errors
/// Standard output does not take it, although somebody wants to read.
pub(crate) fn print(text: Arguments<'_>) -> anyhow::Result<()> {
    let printed = Output.write_fmt(text).and_then(|()| Output.flush());
    unless_unread(printed.context("cannot print"))
}

/// Tells on standard output what was done; if it takes nothing, then the first line of it on standard error.
pub(crate) fn report(text: Arguments<'_>) {
    if let Err(error) = print(text) {
        let text = text.to_string();
        complain(format_args!("{error:#}; it says: {}", text.trim().lines().next().unwrap_or_default()));
    }
}

/// One line on standard error; there is nobody to tell it to if that takes nothing either.
pub(crate) fn complain(line: Arguments<'_>) {
    if speaks_json() {
        show_json("ERROR", serde_json::json!({ "message": line.to_string() }));
    } else {
        show(format_args!("florin: {line}\n"));
    }
}

/// Shows the settings on standard error.
pub(crate) fn show_settings(settings: Vec<(&'static str, String)>) {
    if speaks_json() {
        let mut fields: serde_json::Map<_, _> =
            settings.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        fields.insert("message".to_owned(), "the settings".into());
        show_json("INFO", fields.into());
    } else {
        let lines: String = settings.into_iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        show(format_args!("{lines}"));
    }
}

/// Whether standard error is read by a program, as that of a server whose logs are JSON.
static SPEAKS_JSON: AtomicBool = AtomicBool::new(false);

/// From now on all that is said on standard error is JSON in lines, panics included.
pub(crate) fn speak_json() {
    SPEAKS_JSON.store(true, Ordering::Relaxed);
    std::panic::set_hook(Box::new(|panic| complain(format_args!("{}", panic.to_string().replace('\n', " ")))));
}

/// Whether it is.
pub(crate) fn speaks_json() -> bool {
    SPEAKS_JSON.load(Ordering::Relaxed)
}

/// As the lines of the log are written.
fn show_json(level: &str, fields: serde_json::Value) {
    let line = serde_json::json!({
        "timestamp": crate::machine_clock::now().to_string(), "level": level, "fields": fields, "target": "florin",
    });
    show(format_args!("{line}\n"));
}

/// Shows something on standard error that nobody has to read.
fn show(text: Arguments<'_>) {
    drop(io::stderr().lock().write_fmt(text));
}

/// The error and its causes in one line, each once: some texts have their cause in them already.
pub(crate) fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).reduce(told_once).unwrap_or_default()
}

fn told_once(line: String, cause: String) -> String {
    if line.ends_with(&cause) { line } else { format!("{line}: {cause}") }
}

/// Whether the reader of standard output has gone.
static IS_UNREAD: AtomicBool = AtomicBool::new(false);

/// Nothing went wrong if it did because the reader has gone.
pub(crate) fn unless_unread<E>(outcome: Result<(), E>) -> Result<(), E> {
    if IS_UNREAD.load(Ordering::Relaxed) { Ok(()) } else { outcome }
}

/// Standard output.
#[derive(Debug)]
pub(crate) struct Output;

fn noting_end<T>(outcome: io::Result<T>) -> io::Result<T> {
    if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        IS_UNREAD.store(true, Ordering::Relaxed);
    }
    outcome
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        noting_end(io::stdout().lock().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        noting_end(io::stdout().lock().flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let cause = io::Error::from_raw_os_error(28);
        let told = "cannot write: No space left on device (os error 28)";
        assert_eq!(in_one_line(&anyhow::Error::new(files_edge::ExportError::Write(cause))), told);
        let error = anyhow::anyhow!("no such file").context("cannot open a.csv").context("nothing was booked");
        assert_eq!(in_one_line(&error), "nothing was booked: cannot open a.csv: no such file");
    }
}
