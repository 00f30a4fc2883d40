//! Rule: `anyhow` serves programs and tests; kernel, modules and edges say which situations can go wrong.

use super::finding::Finding;
use super::packages::Package;

const LIBRARY_FOLDERS: [&str; 3] = ["kernel/", "modules/", "edges/"];
const FOR_TESTS_ONLY: [&str; 2] = ["kernel/testkit", "kernel/outsiders"];

/// Checks the manifests of the crates that must have error types of their own.
pub(crate) fn check(packages: &[Package]) -> Vec<Finding> {
    let uses_anyhow =
        |package: &Package| package.dependencies.iter().any(|used| used.name == "anyhow" && used.is_normal);
    let message = "depends on anyhow outside its tests; give the crate an error enum, each variant a situation";
    let wrong = packages.iter().filter(|package| is_library(&package.folder) && uses_anyhow(package));
    wrong.map(|package| Finding::new(&package.manifest(), message)).collect()
}

fn is_library(folder: &str) -> bool {
    !FOR_TESTS_ONLY.contains(&folder) && LIBRARY_FOLDERS.iter().any(|prefix| folder.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::super::packages::Dependency;
    use super::*;

    fn is_found(folder: &str, is_normal: bool) -> bool {
        let anyhow = Dependency { name: "anyhow".into(), folder: None, is_normal };
        !check(&[Package { folder: folder.into(), dependencies: vec![anyhow] }]).is_empty()
    }

    #[test]
    fn anyhow_in_a_module_is_found_unless_only_its_tests_use_it() {
        assert!(is_found("modules/ledger", true));
        assert!(!is_found("modules/ledger", false));
    }

    #[test]
    fn programs_and_the_testkit_may_use_anyhow() {
        assert!(!is_found("bank", true) && !is_found("tools/load", true) && !is_found("kernel/testkit", true));
    }
}
