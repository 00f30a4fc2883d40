//! The module table of ARCHITECTURE.md: which tables a module owns and which modules it may call.
//! Rule: every crate in `modules/` has a row, every row has a crate, and no module calls past its row.

use super::finding::Finding;
use super::packages::Package;

/// Where the table stands, from the root of the workspace.
pub(crate) const PATH: &str = "ARCHITECTURE.md";
const HEADER: [&str; 3] = ["module", "owns tables", "may call"];

/// The rows of the table.
#[derive(Debug)]
pub(crate) struct ModuleTable {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    module: String,
    /// `ledger_` for `ledger_*`; none for a module without tables.
    table_prefix: Option<String>,
    may_call: Vec<String>,
}

impl ModuleTable {
    /// Reads the one markdown table with the columns module, owns tables, may call.
    pub(crate) fn parse(markdown: &str) -> Result<Self, Finding> {
        let mut lines = markdown.lines().skip_while(|line| cells(line) != HEADER);
        if lines.next().is_none() {
            let message =
                format!("has no table with the columns | {} |; write it, one row a module", HEADER.join(" | "));
            return Err(Finding::new(PATH, message));
        }
        let body = lines.skip(1).take_while(|line| line.trim_start().starts_with('|'));
        Ok(Self { rows: body.map(row).collect::<Result<_, _>>()? })
    }

    /// The folder of each module that owns tables, with their prefix.
    pub(crate) fn owners(&self) -> impl Iterator<Item = (String, String)> {
        let owned = |row: &Row| Some((folder(&row.module), row.table_prefix.clone()?));
        self.rows.iter().filter_map(owned)
    }

    /// Compares the table with the crates in `modules/`.
    pub(crate) fn check(&self, packages: &[Package]) -> Vec<Finding> {
        let modules = || packages.iter().filter(|package| package.folder.starts_with("modules/"));
        let mut findings = Vec::new();
        for row in &self.rows {
            if !modules().any(|package| package.folder == folder(&row.module)) {
                let message =
                    format!("the module table has `{}`, which is no crate in modules/; delete it", row.module);
                findings.push(Finding::new(PATH, message));
            }
        }
        for package in modules() {
            findings.extend(self.check_module(package));
        }
        findings
    }

    fn check_module(&self, package: &Package) -> Vec<Finding> {
        let Some(row) = self.rows.iter().find(|row| folder(&row.module) == package.folder) else {
            let message = format!("is missing from the module table of {PATH}; add its row");
            return vec![Finding::new(&package.folder, message)];
        };
        let called = package.own_dependencies().filter(|called| called.starts_with("modules/"));
        let forbidden = called.filter(|called| !row.may_call.iter().any(|allowed| folder(allowed) == *called));
        let message = |called| format!("depends on {called}, which its row in {PATH} does not allow; send an event");
        forbidden.map(|called| Finding::new(&package.manifest(), message(called))).collect()
    }
}

fn folder(module: &str) -> String {
    format!("modules/{module}")
}

fn cells(line: &str) -> Vec<String> {
    let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
    inside.split('|').map(|cell| cell.replace('`', "").trim().to_lowercase()).collect()
}

fn row(line: &str) -> Result<Row, Finding> {
    let malformed = || Finding::new(PATH, format!("the module table has a row that is not three cells: {line}"));
    let [module, tables, may_call] = <[String; 3]>::try_from(cells(line)).map_err(|_| malformed())?;
    let table_prefix = (tables != "none").then(|| tables.trim_end_matches('*').to_owned());
    if table_prefix.as_ref().is_some_and(|prefix| *prefix != format!("{module}_")) {
        let message = format!("`{module}` owns `{tables}`; a module's tables begin with its own name, `{module}_*`");
        return Err(Finding::new(PATH, message));
    }
    let may_call = may_call.split(',').map(str::trim).filter(|name| *name != "none").map(str::to_owned).collect();
    Ok(Row { module, table_prefix, may_call })
}

#[cfg(test)]
mod tests {
    use super::super::packages::Dependency;
    use super::*;

    const TEXT: &str = "# Architecture\n\n| module | owns tables | may call |\n| --- | --- | --- |\n\
                        | `ledger` | `ledger_*` | none |\n| `accounts` | `accounts_*` | `ledger` |\n\nMore text.\n\
                        | other | table |\n";

    fn module(name: &str, calls: &[&str]) -> Package {
        let dependencies = calls.iter().map(|called| Dependency::ours(called)).collect();
        Package { folder: folder(name), dependencies }
    }

    fn found(markdown: &str, packages: &[Package]) -> Vec<String> {
        let findings = match ModuleTable::parse(markdown) {
            Ok(table) => table.check(packages),
            Err(finding) => vec![finding],
        };
        findings.iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn modules_that_keep_to_their_rows_are_fine() {
        let packages = [module("ledger", &["kernel/ids"]), module("accounts", &["modules/ledger"])];
        assert!(found(TEXT, &packages).is_empty());
    }

    #[test]
    fn a_call_that_the_table_does_not_allow_is_found() {
        let packages = [module("ledger", &["modules/accounts"]), module("accounts", &[])];
        let findings = found(TEXT, &packages);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("modules/ledger/Cargo.toml: depends on modules/accounts"), "{findings:?}");
    }

    #[test]
    fn a_module_without_a_row_and_a_row_without_a_module_are_found() {
        let findings = found(TEXT, &[module("ledger", &[]), module("fraud", &[])]);
        assert_eq!(findings.len(), 2);
        assert!(findings[0].contains("`accounts`") && findings[1].starts_with("modules/fraud: is missing"));
    }

    #[test]
    fn a_text_without_the_table_is_found() {
        assert!(found("# Architecture\n", &[])[0].starts_with("ARCHITECTURE.md: has no table"));
    }

    #[test]
    fn a_module_that_owns_tables_under_another_name_is_found() {
        let text = TEXT.replace("`accounts_*`", "`customers_*`");
        assert!(found(&text, &[])[0].contains("begin with its own name"));
    }

    #[test]
    fn owners_are_folders_with_prefixes() {
        let table = ModuleTable::parse(TEXT).expect("the table above is well formed");
        let owners: Vec<_> = table.owners().collect();
        assert_eq!(owners[0], ("modules/ledger".to_owned(), "ledger_".to_owned()));
    }
}
