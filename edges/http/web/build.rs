//! Puts what `make web` built, `web/dist`, into the binary: a table of its files, with their brotli and gzip copies. Without
//! Node nothing was built; then the table is empty, and the bank says so.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../web/dist");
    // Cargo watches only what is there: an empty folder is seen to fill.
    fs::create_dir_all(&dist)?;
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut paths = Vec::new();
    collect(&dist, &mut paths)?;
    paths.sort();
    let mut table = String::from("&[\n");
    for path in &paths {
        table.push_str(&row(&dist, path)?);
    }
    table.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where generated files go"));
    fs::write(out.join("files.rs"), table)
}

/// The files themselves, not their compressed copies and not what the build notes for itself.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

fn row(dist: &Path, path: &Path) -> io::Result<String> {
    let name = path.strip_prefix(dist).expect("it was found there").to_string_lossy().into_owned();
    let mut hasher = DefaultHasher::new();
    fs::read(path)?.hash(&mut hasher);
    let copy = |ending: &str| {
        let copy = PathBuf::from(format!("{}.{ending}", path.display()));
        if copy.is_file() {
            format!("Some(include_bytes!({:?}))", copy.display().to_string())
        } else {
            "None".to_owned()
        }
    };
    let mut row = String::new();
    let _ = writeln!(
        row,
        "    File {{ name: {name:?}, tag: \"\\\"{:016x}\\\"\", plain: include_bytes!({:?}), brotli: {}, gzip: {} }},",
        hasher.finish(),
        path.display().to_string(),
        copy("br"),
        copy("gz"),
    );
    Ok(row)
}
