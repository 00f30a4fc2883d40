//! Rule: bank → edges → modules → kernel, never upwards, tests included.
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
    let message = |used| format!("depends upwards on {used}; move what it needs down, or send an event");
    upwards.map(|used| Finding::new(&package.manifest(), message(used))).collect()
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
    fn a_crate_in_no_layer_is_found() {
        assert!(found("helpers", &[])[0].starts_with("helpers: stands in no layer"));
    }
}
