//! The text files of the workspace: sources, SQL, scripts and manifests.
//! The tree is walked instead of asking git, so that a tarball can be checked too.

use std::fs;
use std::path::Path;

use anyhow::Context;

const ENDINGS: [&str; 7] = [".rs", ".sql", ".sh", ".toml", ".yml", ".yaml", "Makefile"];
const SKIPPED_FOLDERS: [&str; 4] = ["target", "node_modules", "data", "dist"];

/// A file and its path from the root of the workspace, with `/` between folders.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    /// Whether it holds Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it holds SQL and nothing else.
    pub(crate) fn is_sql(&self) -> bool {
        self.path.ends_with(".sql")
    }
}

/// Every file that some rule looks at, in the order of their paths.
pub(crate) fn collect(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // A symbolic link is neither: following it could leave the workspace or never end.
            let kind = entry.file_type()?;
            if kind.is_dir() && is_walked(&name) {
                waiting.push(entry.path());
            } else if kind.is_file() && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                files.push(read(root, &entry.path())?);
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn is_walked(folder: &str) -> bool {
    !folder.starts_with('.') && !SKIPPED_FOLDERS.contains(&folder)
}

fn read(root: &Path, path: &Path) -> anyhow::Result<SourceFile> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let inside = path.strip_prefix(root).context("the walk starts at the root")?;
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    Ok(SourceFile { path: parts.join("/"), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_file_is_found_and_hidden_folders_are_not() -> anyhow::Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = collect(root)?;
        assert!(files.iter().any(|file| file.path == "src/tidy/files.rs"));
        assert!(!is_walked(".git") && !is_walked("target") && is_walked("src"));
        Ok(())
    }
}
