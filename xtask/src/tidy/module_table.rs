//! The module table of ARCHITECTURE.md: which tables a module owns, which of others it may read, and which modules it may
//! call. Rule: every crate in `modules/` has a row, every row has a crate, and no module calls past its row.

use super::finding::Finding;
use super::packages::Package;

/// Where the table stands, from the root of the workspace.
pub(crate) const PATH: &str = "ARCHITECTURE.md";
const HEADER: [&str; 4] = ["module", "owns tables", "may read", "may call"];
/// Modules whose tables were made when they were parts of a larger one, with the prefix that they have kept from it.
const FORMER_PREFIXES: [(&str, &str); 3] = [("identity", "auth_"), ("factors", "auth_"), ("programs", "auth_")];

/// The rows of the table.
#[derive(Debug)]
pub(crate) struct ModuleTable {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    module: String,
    /// `ledger_` for `ledger_*`; none for a module without tables.
    table_prefixes: Vec<String>,
    /// Tables of others that its SQL joins or refers to.
    may_read: Vec<String>,
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

    /// The folder of each module that owns tables, with each of their prefixes.
    pub(crate) fn owners(&self) -> impl Iterator<Item = (String, String)> {
        let owned = |row: &'_ Row| -> Vec<_> {
            row.table_prefixes.iter().map(|prefix| (folder(&row.module), prefix.clone())).collect()
        };
        self.rows.iter().flat_map(owned)
    }

    /// Whether the SQL of a file may read a table that another module owns.
    pub(crate) fn may_read(&self, path: &str, table: &str) -> bool {
        let is_of = |row: &&Row| path.strip_prefix(&folder(&row.module)).is_some_and(|rest| rest.starts_with('/'));
        self.rows.iter().find(is_of).is_some_and(|row| row.may_read.iter().any(|readable| readable == table))
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
    let malformed = || Finding::new(PATH, format!("the module table has a row that is not four cells: {line}"));
    let [module, tables, may_read, may_call] = <[String; 4]>::try_from(cells(line)).map_err(|_| malformed())?;
    let table_prefixes: Vec<String> = listed(&tables).map(|table| table.trim_end_matches('*').to_owned()).collect();
    if let Some(foreign) = table_prefixes.iter().find(|prefix| !may_own(&module, prefix)) {
        let message = format!("`{module}` owns `{foreign}*`; a module's tables begin with its own name, `{module}_*`");
        return Err(Finding::new(PATH, message));
    }
    let (may_read, may_call) = (listed(&may_read).collect(), listed(&may_call).collect());
    Ok(Row { module, table_prefixes, may_read, may_call })
}

fn listed(cell: &str) -> impl Iterator<Item = String> {
    cell.split(',').map(str::trim).filter(|name| *name != "none").map(str::to_owned)
}

fn may_own(module: &str, prefix: &str) -> bool {
    prefix == format!("{module}_")
        || FORMER_PREFIXES.iter().any(|(name, former)| *name == module && prefix.starts_with(former))
}

#[cfg(test)]
mod tests {
    use super::super::packages::Dependency;
    use super::*;

    const TEXT: &str = "# Architecture\n\n| module | owns tables | may read | may call |\n| --- | --- | --- | --- |\n\
                        | `ledger` | `ledger_*` | none | none |\n\
                        | `accounts` | `accounts_*` | `ledger_account` | `ledger` |\n\nMore text.\n\
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
    fn a_module_that_was_part_of_a_larger_one_owns_some_of_its_tables_and_no_other_does() {
        let text = TEXT.replace("`accounts_*`", "`auth_user*`");
        assert!(found(&text, &[])[0].contains("begin with its own name"));
        let text = text.replace("`accounts`", "`identity`").replace("`auth_user*`", "`auth_user*`, `identity_*`");
        let table = ModuleTable::parse(&text).expect("identity may own what begins with auth");
        assert_eq!(table.owners().filter(|(folder, _)| folder == "modules/identity").count(), 2);
    }

    #[test]
    fn only_the_tables_in_its_row_are_read_by_a_module() {
        let table = ModuleTable::parse(TEXT).expect("the table above is well formed");
        assert!(table.may_read("modules/accounts/src/a.rs", "ledger_account"));
        assert!(!table.may_read("modules/accounts/src/a.rs", "ledger_entry"));
        assert!(!table.may_read("modules/accounts2/src/a.rs", "ledger_account"));
    }

    #[test]
    fn owners_are_folders_with_prefixes() {
        let table = ModuleTable::parse(TEXT).expect("the table above is well formed");
        let owners: Vec<_> = table.owners().collect();
        assert_eq!(owners[0], ("modules/ledger".to_owned(), "ledger_".to_owned()));
    }
}
