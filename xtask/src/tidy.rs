//! `cargo xtask tidy`: the rules of the house that a machine can check.
//! Each rule is a plain function from text or packages to findings, in a file of its own.
//! What the compiler or clippy can check is left to them.

mod clocks;
mod dependencies;
mod event_kinds;
mod files;
mod finding;
mod floats;
mod layers;
mod leftovers;
mod length;
mod module_table;
mod opening;
mod packages;
mod pairs;
mod positions;
mod proofs;
mod rust_text;
mod schema_names;
mod table_names;

use std::process::ExitCode;

use anyhow::Context;

use files::SourceFile;
use finding::Finding;
use module_table::ModuleTable;
use packages::Workspace;

/// Checks the whole workspace, prints what is wrong, and fails if anything is.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let workspace = Workspace::load()?;
    let architecture = std::fs::read_to_string(workspace.root.join(module_table::PATH))
        .with_context(|| format!("{} holds the module table and must be readable", module_table::PATH))?;
    let security = std::fs::read_to_string(workspace.root.join(proofs::PATH))
        .with_context(|| format!("{} names the tests of the defences and must be readable", proofs::PATH))?;
    let catalogue = std::fs::read_to_string(workspace.root.join(event_kinds::PATH))
        .with_context(|| format!("{} names the kinds of events and must be readable", event_kinds::PATH))?;
    let files = files::collect(&workspace.root)?;

    let mut findings = check(&workspace, &architecture, &files);
    findings.extend(proofs::check(&security, &files));
    findings.extend(event_kinds::check(&catalogue, &files));
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: {} files and {} crates are in order", files.len(), workspace.packages.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("tidy: {} to mend", findings.len());
    Ok(ExitCode::FAILURE)
}

fn check(workspace: &Workspace, architecture: &str, files: &[SourceFile]) -> Vec<Finding> {
    let table = match ModuleTable::parse(architecture) {
        Ok(table) => table,
        Err(finding) => return vec![finding],
    };
    let mut findings = layers::check(&workspace.packages);
    findings.extend(table.check(&workspace.packages));
    findings.extend(dependencies::check(&workspace.packages));
    findings.extend(schema_names::check(files));
    for file in files {
        findings.extend(leftovers::check(file));
        findings.extend(table_names::check(file, &table));
        if file.is_rust() {
            findings.extend(opening::check(file));
            findings.extend(length::check(file));
            findings.extend(clocks::check(file));
            findings.extend(floats::check(file));
            findings.extend(pairs::check(file));
            findings.extend(positions::check(file));
        }
    }
    findings
}
