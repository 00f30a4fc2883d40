//! Rule: bank → edges → modules → kernel, never upwards, tests included. Inside `edges/http` likewise: the join → rooms →
//! core, and no room calls another.
//! `tests`, `xtask` and the `tools` stand above all; nothing depends on them, so that no tool is linked into `florin`.

use super::finding::Finding;
use super::packages::Package;

/// From the lowest to the highest; a crate depends on its own layer or a lower one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Kernel,
    Modules,
    Edges,
    Bank,
    Above,
}

const HTTP_INSIDE: &str = "edges/http/";
const HTTP_CORE: &str = "edges/http/core";

/// Checks every dependency between crates of the workspace.
pub(crate) fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let Some(own) = layer(&package.folder) else {
        let message = "stands in no layer; move it to bank, edges/, modules/ or kernel/, or give it one in xtask";
        return vec![Finding::new(&package.folder, message)];
    };
    let upwards = package.own_dependencies().filter(|used| layer(used).is_some_and(|layer| layer > own));
    let upwards = upwards.map(|used| format!("depends upwards on {used}; move what it needs down, or send an event"));
    let astray = package.own_dependencies().filter(|used| is_astray(&package.folder, used));
    let astray = astray.map(|used| format!("depends on {used}; an http room calls only {HTTP_CORE} and modules"));
    upwards.chain(astray).map(|message| Finding::new(&package.manifest(), message)).collect()
}

/// Whether a crate inside `edges/http` calls another one that is not the core, or the core calls any.
fn is_astray(folder: &str, used: &str) -> bool {
    let is_inside = folder.starts_with(HTTP_INSIDE);
    is_inside && used.starts_with("edges/") && (used != HTTP_CORE || folder == HTTP_CORE)
}

fn layer(folder: &str) -> Option<Layer> {
    match folder.split('/').next() {
        Some("kernel") => Some(Layer::Kernel),
        Some("modules") => Some(Layer::Modules),
        Some("edges") => Some(Layer::Edges),
        Some("bank") => Some(Layer::Bank),
        Some("tests" | "tools" | "xtask") => Some(Layer::Above),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::packages::Dependency;
    use super::*;

    fn found(folder: &str, uses: &[&str]) -> Vec<String> {
        let dependencies = uses.iter().map(|used| Dependency::ours(used)).collect();
        let package = Package { folder: folder.into(), dependencies };
        check(&[package]).iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn downwards_and_sideways_is_fine() {
        assert!(found("bank", &["edges/http", "modules/ledger", "kernel/ids"]).is_empty());
        assert!(found("kernel/db", &["kernel/ids"]).is_empty());
        assert!(found("tests", &["bank"]).is_empty());
    }

    #[test]
    fn upwards_is_found() {
        let findings = found("kernel/testkit", &["modules/ledger", "kernel/db"]);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("kernel/testkit/Cargo.toml: depends upwards on modules/ledger"));
        assert_eq!(found("modules/ledger", &["edges/http"]).len(), 1);
        assert_eq!(found("edges/http", &["bank"]).len(), 1);
        assert_eq!(found("bank", &["tools/load"]).len(), 1);
    }

    #[test]
    fn rooms_call_the_core_and_never_each_other() {
        assert!(found("edges/http/money", &["edges/http/core", "modules/payments", "kernel/ids"]).is_empty());
        assert!(found("edges/http", &["edges/http/core", "edges/http/money"]).is_empty());
        for (folder, used) in [
            ("edges/http/money", "edges/http/office"),
            ("edges/http/money", "edges/http"),
            ("edges/http/money", "edges/courier"),
            ("edges/http/core", "edges/http/money"),
        ] {
            assert_eq!(found(folder, &[used]).len(), 1, "{folder} {used}");
        }
    }

    #[test]
    fn a_crate_in_no_layer_is_found() {
        assert!(found("helpers", &[])[0].starts_with("helpers: stands in no layer"));
    }
}
