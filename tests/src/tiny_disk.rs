//! A disk of a few megabytes that a story may fill.

use crate::folder::Folder;
use crate::pgbouncer::is_root;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Outlives the story, whatever ends it: when its input closes, it takes the disk away.
const GUARD: &str = "trap '' INT TERM HUP; cat >/dev/null; exec umount --lazy \"$0\"";
const FILLER: &str = "filler";

/// The disk; gone when dropped.
#[derive(Debug)]
pub struct TinyDisk {
    path: PathBuf,
    guard: Child,
    _folder: Folder,
}

impl TinyDisk {
    /// Mounts one in memory; nothing where that is not allowed.
    ///
    /// # Panics
    /// When root in CI cannot mount it: the story has to be told somewhere.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = Folder::fresh();
        let path = folder.file("disk");
        std::fs::create_dir(&path).expect("a fresh folder takes a folder");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=0777"), "florin-story"]).arg(&path);
        let is_mounted = is_root() && mount.status().is_ok_and(|status| status.success());
        if !is_mounted {
            assert!(!is_root() || std::env::var_os("CI").is_none(), "a disk in memory cannot be mounted");
            println!("a disk in memory cannot be mounted; what a full disk does is not checked");
            return None;
        }
        let mut guard = Command::new("sh");
        guard.arg("-c").arg(GUARD).arg(&path).stdin(Stdio::piped());
        let guard = guard.spawn().expect("a shell starts");
        Some(Self { path, guard, _folder: folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes all the space that is left.
    ///
    /// # Panics
    /// When it cannot be filled.
    pub fn fill(&self) {
        self.fill_but(0);
    }

    /// Takes all the space but so many bytes.
    ///
    /// # Panics
    /// When it cannot be filled.
    pub fn fill_but(&self, bytes: u64) {
        let mut filler = std::fs::File::create(self.path.join(FILLER)).expect("a file can be made");
        for block in [vec![0; 1 << 16], vec![0; 1 << 9]] {
            while filler.write_all(&block).is_ok() {}
        }
        let taken = filler.metadata().expect("a file has a length").len();
        filler.set_len(taken - bytes).expect("a file can be cut");
    }

    /// Gives it back.
    ///
    /// # Panics
    /// When it was not filled.
    pub fn free(&self) {
        std::fs::remove_file(self.path.join(FILLER)).expect("the disk was filled");
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        drop(self.guard.wait());
    }
}
