//! The crates of the workspace and what they depend on, as `cargo metadata` tells it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

/// The workspace: its root and its crates.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// A crate of the workspace; its folder is the path from the root, such as `modules/ledger`.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One dependency of any kind: normal, for tests, or for the build.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// The folder of a crate of the workspace; none for somebody else's crate.
    pub(crate) folder: Option<String>,
    /// Whether the crate itself needs it, not only its tests or its build script.
    pub(crate) is_normal: bool,
}

impl Workspace {
    /// Asks cargo, without touching the network.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
        let output = Command::new(cargo).args(arguments).output().context("cargo could not be started")?;
        ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
        Self::parse(&serde_json::from_slice(&output.stdout)?)
    }

    fn parse(metadata: &Value) -> anyhow::Result<Self> {
        let root = PathBuf::from(text(metadata, "workspace_root")?);
        let packages = list(metadata, "packages")?.iter().map(|package| Package::parse(&root, package));
        Ok(Self { packages: packages.collect::<Result<_, _>>()?, root })
    }
}

impl Package {
    fn parse(root: &Path, package: &Value) -> anyhow::Result<Self> {
        let manifest = Path::new(text(package, "manifest_path")?);
        let dependencies = list(package, "dependencies")?.iter().map(|value| Dependency::parse(root, value));
        Ok(Self {
            folder: folder(root, manifest.parent().unwrap_or(root)),
            dependencies: dependencies.collect::<Result<_, _>>()?,
        })
    }

    /// The path of its manifest from the root.
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// The folders of the workspace's crates that it depends on.
    pub(crate) fn own_dependencies(&self) -> impl Iterator<Item = &str> {
        self.dependencies.iter().filter_map(|dependency| dependency.folder.as_deref())
    }
}

impl Dependency {
    fn parse(root: &Path, dependency: &Value) -> anyhow::Result<Self> {
        let path = dependency.get("path").and_then(Value::as_str);
        Ok(Self {
            name: text(dependency, "name")?.to_owned(),
            folder: path.map(|path| folder(root, Path::new(path))),
            is_normal: dependency.get("kind").is_none_or(Value::is_null),
        })
    }

    /// A normal dependency on the crate of the workspace in `folder`.
    #[cfg(test)]
    pub(crate) fn ours(folder: &str) -> Self {
        Self { name: folder.to_owned(), folder: Some(folder.to_owned()), is_normal: true }
    }
}

fn folder(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    value.get(key).and_then(Value::as_str).with_context(|| format!("cargo metadata has no text `{key}`"))
}

fn list<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a Vec<Value>> {
    value.get(key).and_then(Value::as_array).with_context(|| format!("cargo metadata has no list `{key}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn folders_are_told_from_the_root_and_strangers_have_none() -> anyhow::Result<()> {
        let workspace = Workspace::parse(&json!({
            "workspace_root": "/src",
            "packages": [{
                "manifest_path": "/src/modules/ledger/Cargo.toml",
                "dependencies": [
                    {"name": "ids", "path": "/src/kernel/ids", "kind": null},
                    {"name": "proptest", "kind": "dev"},
                ],
            }],
        }))?;
        let ledger = &workspace.packages[0];
        assert_eq!(ledger.manifest(), "modules/ledger/Cargo.toml");
        assert_eq!(ledger.own_dependencies().collect::<Vec<_>>(), ["kernel/ids"]);
        assert!(ledger.dependencies[0].is_normal && !ledger.dependencies[1].is_normal);
        Ok(())
    }

    #[test]
    fn metadata_without_a_root_is_an_error() {
        assert!(Workspace::parse(&json!({"packages": []})).is_err());
    }
}
