//! Rule: no two wire types are described under one name: in the OpenAPI document one would silently replace the other.

use super::files::SourceFile;
use super::finding::Finding;
use std::collections::BTreeMap;

/// Where wire types live.
const FOLDER: &str = "edges/";
const RENAMED: &str = "#[schema(as = ";

/// Checks the names of all files together.
pub(crate) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && file.path.starts_with(FOLDER)) {
        for (line, name) in described(&file.text) {
            if let Some(elsewhere) = known.insert(name.clone(), &file.path) {
                let message = format!("describes a type as {name}, as {elsewhere} does; give one of them another name");
                findings.push(Finding::at(&file.path, line, message));
            }
        }
    }
    findings
}

/// The line and the name of each type that derives a description.
fn described(text: &str) -> Vec<(usize, String)> {
    let mut described = Vec::new();
    let (mut is_described, mut renamed) = (false, None);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("#[derive(") {
            is_described |= line.contains("ToSchema");
        } else if let Some(rest) = line.strip_prefix(RENAMED) {
            renamed = Some(word(rest));
        } else if let Some(own) = own_name(line) {
            if is_described {
                described.push((number + 1, renamed.take().unwrap_or(own)));
            }
            (is_described, renamed) = (false, None);
        }
    }
    described
}

/// The name of the type that the line declares, if it does.
fn own_name(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub ")).unwrap_or(line);
    line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum ")).map(word)
}

fn word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn findings(texts: &[&str]) -> Vec<String> {
        let named = |(number, text): (usize, &&str)| file(&format!("edges/{number}.rs"), text);
        check(&texts.iter().enumerate().map(named).collect::<Vec<_>>()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn types_under_their_own_names_are_fine() {
        let renamed =
            "#[derive(Deserialize, ToSchema)]\n#[schema(as = Decision, rename_all = \"x\")]\nstruct Body {}\n";
        let plain = "#[derive(ToSchema)]\npub(crate) enum Choice {}\n#[derive(Debug)]\nstruct Decision;\n";
        assert_eq!(findings(&[renamed, plain]), Vec::<String>::new());
    }

    #[test]
    fn two_types_under_one_name_are_found() {
        let one = "#[derive(Deserialize, ToSchema)]\n#[schema(as = Decision)]\nstruct Consent {}\n";
        let other = "#[derive(ToSchema)]\npub(crate) struct Decision<'a> {}\n";
        let found = findings(&[one, other]);
        assert!(found.len() == 1 && found[0].contains("as Decision, as edges/0.rs"), "{found:?}");
    }
}
