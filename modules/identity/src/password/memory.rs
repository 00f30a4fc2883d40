//! What argon2 hashes in: kept by each thread, because giving 19 MiB back and asking for them again holds up the whole
//! process.

use super::{Password, failure};
use crate::Result;
use argon2::password_hash::phc::{Output, Salt};
use argon2::{Argon2, Block, Params};

/// 64 MiB a thread: no stored hash may ask for more.
const BLOCKS_MAX: usize = 65_536;

/// The memory of one thread.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    pub(super) fn digest(&mut self, how: &Argon2<'_>, password: &Password, salt: &Salt) -> Result<Output> {
        let count = how.params().block_count();
        if count > BLOCKS_MAX {
            return Err(failure(&"a hash that needs too much memory"));
        }
        if self.0.len() < count {
            self.0.resize(count, Block::new());
        }
        let length = how.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = buffer.get_mut(..length).ok_or_else(|| failure(&"a hash that is too long"))?;
        how.hash_password_into_with_memory(password.as_bytes(), salt, output, &mut self.0[..count])
            .map_err(|error| failure(&error))?;
        Output::new(output).map_err(|error| failure(&error))
    }
}
