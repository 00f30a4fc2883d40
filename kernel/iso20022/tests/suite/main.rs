//! Messages against the samples, against the schemas of the standard, against whoever means harm, and against themselves.

mod generate;
mod hostile;
mod round_trip;
mod samples;
mod schemas;

use std::path::PathBuf;

/// The folder of the schemas, if it is at hand.
fn schemas_folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/iso20022/xsd");
    let folder = std::env::var_os("FLORIN_ISO20022_XSD").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// How many of something a test makes: as many as a setting says, or a number that takes no time.
fn count(setting: &str, ordinarily: u32) -> u32 {
    match std::env::var(setting) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => ordinarily,
    }
}

/// Says something that is seen although the test passes.
fn say(text: &str) {
    use std::io::Write;
    writeln!(std::io::stderr(), "{text}").expect("stderr");
}
