//! Rule: each kind of event in the catalogue is expected by some test, by its name: one that nothing writes would only look
//! like one.

use super::files::SourceFile;
use super::finding::Finding;

/// The catalogue, as `florin events kinds` prints it.
pub(crate) const PATH: &str = "api/events.json";

/// Compares the catalogue's kinds with the tests.
pub(crate) fn check(catalogue: &str, files: &[SourceFile]) -> Vec<Finding> {
    let types = catalogue.lines().filter_map(|line| line.trim().strip_prefix("\"type\": \""));
    let kinds = types.filter_map(|rest| rest.split('"').next()).filter(|kind| kind.contains('.'));
    let tests: Vec<&SourceFile> = files.iter().filter(|file| file.is_rust() && file.path.contains("tests/")).collect();
    let is_expected = |kind: &str| tests.iter().any(|file| file.text.contains(&format!("\"{kind}\"")));
    let unexpected = kinds.filter(|kind| !is_expected(kind));
    unexpected.map(|kind| Finding::new(PATH, format!("no test expects {kind:?}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_no_test_names_is_found() {
        let catalogue = "[\n  {\n    \"type\": \"auth.logged_in\",\n  },\n  {\n    \"type\": \"auth.logged_out\",\n  \"data\": [{ \"type\": \"string\" }] }\n]";
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        let files = [
            file("modules/identity/tests/a.rs", "assert_eq!(kinds, [\"auth.logged_in\"]);"),
            file("modules/identity/src/a.rs", "\"auth.logged_out\""),
        ];
        let found = check(catalogue, &files);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().contains("auth.logged_out"));
    }
}
