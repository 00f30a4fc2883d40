//! Whether there is space where the files lie. A small write finds room in what is there already, such as a write-ahead log
//! that begins anew, also on a full disk; so something is written beside the database that needs new blocks, and given back.

use super::files;
use crate::{DbError, Result};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Some sixty pages: more than a batch of payments needs.
const PROBE_BYTES: usize = 256 * 1024;

/// The same off the asynchronous threads.
pub(super) async fn look_beside(database: PathBuf) -> Result<()> {
    let looked = tokio::task::spawn_blocking(move || look(&database)).await;
    looked
        .map_err(|error| DbError::Internal(error.to_string()))?
        .map_err(|error| DbError::Unavailable(format!("no space beside the database: {error}")))
}

/// Whoever may not make files beside the database sees nothing here.
fn look(database: &Path) -> io::Result<()> {
    match take_some(database) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        outcome => outcome,
    }
}

/// The file has no name while it is written: however this ends, its blocks are free again.
fn take_some(database: &Path) -> io::Result<()> {
    let path = files::beside(database, "-space");
    let made = files::create_private(&path);
    match std::fs::remove_file(&path) {
        // What a process left that ended between the two.
        Ok(()) if made.is_err() => return take_some(database),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Nothing that a file system would store as less.
    let filler: Vec<u8> = (0_u32..)
        .map(|number| number.wrapping_mul(2_654_435_761))
        .flat_map(u32::to_le_bytes)
        .take(PROBE_BYTES)
        .collect();
    made?.write_all(&filler)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_it_nor_in_its_way() {
        let folder = std::env::temp_dir().join(format!("florin_space_{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let database = folder.join("florin.db");
        std::fs::write(files::beside(&database, "-space"), b"left by a process that was killed").unwrap();
        for _ in 0..2 {
            look(&database).unwrap();
            assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        }
        std::fs::remove_dir(&folder).unwrap();
        assert_eq!(look(&database).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
