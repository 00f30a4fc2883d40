//! Taking over users with their password hashes from another system: all of a file or nothing, and nobody twice. What the
//! file looks like is the edge's matter.

pub(crate) mod store;

use crate::password::{PasswordHash, Scheme, insert_users_in_tx};
use crate::user::event::{PersonEvent, about};
use crate::{Email, Identity, IdentityError, Role, User, Username};
use db::{Tx, WallTime};
use std::collections::{BTreeSet, HashSet};

/// So many rows are looked up and written at once.
const CHUNK_ROWS: usize = 1_000;

/// A refused login costs the work of every scheme in use, whatever file it came from: so many are bearable,
const SCHEMES_MAX: usize = 8;
/// and so much work in all, in hashes of our own. One costs 20 to 30 ms of a processor.
const WORK_MAX: u64 = 13;

/// One user of another system, as its file says.
#[derive(Clone)]
pub struct ImportedUser {
    /// Where it stands in the file.
    pub line: u64,
    /// See [`Username::parse`].
    pub username: String,
    /// See [`Email::parse`]. Nobody has shown to us that it is theirs.
    pub email: Option<String>,
    /// A role's word; customer when absent.
    pub role: Option<String>,
    /// Of argon2id in PHC form, or of bcrypt.
    pub password_hash: String,
}

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// A row is not as it must be.
    #[error("line {line}: {reason}")]
    Row {
        /// Where it stands in the file.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Another import has added kinds of hashes meanwhile.
    #[error("a kind of hash {0}")]
    TooMuchWork(String),
    /// Anything else.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// What came of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Who is new.
    pub imported: usize,
    /// Whose name was taken before; they stay as they are.
    pub already_there: usize,
}

/// A row that can be written.
pub(crate) struct CheckedUser {
    pub(crate) user: User,
    pub(crate) password_hash: PasswordHash,
}

impl Identity {
    /// Imports users in one transaction. They log in with their old passwords, which are hashed anew with it.
    ///
    /// # Errors
    /// A row is wrong, or the database failed: then nobody was imported.
    pub async fn import_users(
        &self,
        rows: impl Iterator<Item = Result<ImportedUser, ImportError>>,
        now: WallTime,
    ) -> Result<ImportReport, ImportError> {
        let mut rows = rows.peekable();
        let (mut report, mut new) = (ImportReport::default(), BTreeSet::new());
        let tx = self.db.begin().await.map_err(IdentityError::from)?;
        tx.allow_long_statements().await.map_err(IdentityError::from)?;
        let mut in_use = BTreeSet::from_iter(store::schemes(&tx).await.map_err(IdentityError::from)?);
        while rows.peek().is_some() {
            let mut chunk = Vec::with_capacity(CHUNK_ROWS);
            for row in rows.by_ref().take(CHUNK_ROWS) {
                let row = row?;
                let checked = row.check(now)?;
                let scheme = checked.password_hash.scheme();
                if in_use.insert(scheme.clone()) {
                    require_bearable(&in_use).map_err(|reason| row.wrong(format!("password_hash {reason}")))?;
                    new.insert(scheme);
                }
                chunk.push(checked);
            }
            let all = chunk.len();
            let imported = import_chunk_in_tx(&tx, chunk, now).await?;
            report.imported += imported;
            report.already_there += all - imported;
        }
        note_in_tx(&tx, new).await?;
        tx.commit().await.map_err(IdentityError::from)?;
        self.learn_schemes().await?;
        Ok(report)
    }

    /// Says so when more work is in use than an import may bring: it came before there was a bound.
    pub(crate) async fn warn_of_costly_schemes(&self) -> Result<(), IdentityError> {
        let in_use = BTreeSet::from_iter(store::schemes(&self.db).await?);
        if let Err(reason) = require_bearable(&in_use) {
            tracing::warn!(
                "a kind of imported hash that is in use {reason}; it goes with the next login of its last user"
            );
        }
        Ok(())
    }

    /// Learns with which schemes passwords are hashed, here and by other processes.
    pub(crate) async fn learn_schemes(&self) -> Result<(), IdentityError> {
        let in_use: Vec<Scheme> = store::schemes(&self.db).await?;
        self.hashing.learn_schemes(in_use)
    }
}

/// Adds schemes to those in use. Two imports do it one after the other, so that what each of them may add is not too much
/// together.
async fn note_in_tx(tx: &Tx, new: BTreeSet<Scheme>) -> Result<(), ImportError> {
    let mut in_use = BTreeSet::from_iter(store::lock_schemes_in_tx(tx).await.map_err(IdentityError::from)?);
    for scheme in new {
        store::insert_scheme_in_tx(tx, &scheme).await.map_err(IdentityError::from)?;
        in_use.insert(scheme);
        require_bearable(&in_use).map_err(ImportError::TooMuchWork)?;
    }
    Ok(())
}

/// Why so many schemes, or so costly ones, cannot be in use beside each other.
fn require_bearable(in_use: &BTreeSet<Scheme>) -> Result<(), String> {
    let own = Scheme::current();
    let others = in_use.iter().filter(|scheme| **scheme != own).map(Scheme::work);
    let work = others.fold(own.work(), u64::saturating_add).div_ceil(own.work());
    if in_use.len() > SCHEMES_MAX {
        return Err(format!(
            "is of one more kind: at most {SCHEMES_MAX} may be in use, those in the database included"
        ));
    }
    if work > WORK_MAX {
        return Err(format!(
            "costs too much: every refused login does the work of each kind in use, which would be that of {work} hashes \
             of our own, and at most {WORK_MAX} are borne"
        ));
    }
    Ok(())
}

/// Writes those who are not there yet; gives how many.
async fn import_chunk_in_tx(tx: &Tx, chunk: Vec<CheckedUser>, now: WallTime) -> Result<usize, IdentityError> {
    let usernames = chunk.iter().map(|row| row.user.username.as_str());
    let mut taken: HashSet<String> = store::taken_usernames(tx, usernames).await?.into_iter().collect();
    let is_new = |row: &CheckedUser| taken.insert(row.user.username.to_string());
    let new: Vec<CheckedUser> = chunk.into_iter().filter(is_new).collect();
    insert_users_in_tx(tx, new.iter().map(|row| (&row.user, &row.password_hash))).await?;
    let act = outbox::Actor::COMMAND_LINE.does(now);
    let happened = new.iter().map(|row| about(&row.user, PersonEvent::UserImported, act)).collect();
    outbox::append_in_tx(tx, happened).await?;
    Ok(new.len())
}

impl ImportedUser {
    fn check(&self, now: WallTime) -> Result<CheckedUser, ImportError> {
        let wrong = |error: IdentityError| self.wrong(error.to_string());
        let username = Username::parse(&self.username).map_err(wrong)?;
        let email = self.email.as_deref().map(Email::parse).transpose().map_err(wrong)?;
        let role = match &self.role {
            None => Role::Customer,
            Some(word) => Role::parse(word).ok_or_else(|| self.wrong(format!("there is no role {word:?}")))?,
        };
        if !role.is_staff() {
            username.require_unreserved().map_err(wrong)?;
        }
        let password_hash = PasswordHash::parse_imported(&self.password_hash);
        // The hash itself is a secret, and stays out of what is said.
        let password_hash = password_hash.map_err(|reason| self.wrong(format!("password_hash {reason}")))?;
        Ok(CheckedUser { user: User { email, ..User::new(username, role, now) }, password_hash })
    }

    fn wrong(&self, reason: String) -> ImportError {
        ImportError::Row { line: self.line, reason }
    }
}
