//! Servers of others that outlive neither the story nor its process.

use crate::folder::Folder;
use std::path::Path;
use std::process::{Command, Stdio};

/// When its input closes, it kills the server and all that it started.
const GUARD: &str =
    r#"setsid "$@" >server.log 2>&1 & server=$!; trap '' INT TERM HUP; cat >/dev/null; kill -9 -$server"#;

/// The program, in the folder and under a guard: whoever starts it drops its input to have it killed.
pub(crate) fn guarded(program: &Path, folder: &Folder) -> Command {
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, "sh"]).arg(program).current_dir(folder.path()).stdin(Stdio::piped());
    guard
}
