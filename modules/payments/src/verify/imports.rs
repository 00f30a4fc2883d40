//! Rows of imported histories against what was booked for them, in both directions: a row that is gone would be booked again
//! by the same file. Of imports that wrote no name of who started them only the first direction is known.

use super::told::{Told, WALK_TRANSACTIONS};
use db::{Result, Snapshot, columns, params, statements};
use ids::{EntryId, TransactionId};
use ledger::verify::{Comparison, Finding, Suspects, find};
use std::collections::BTreeMap;
use uuid::Uuid;

const IMPORTED: &str = "a row of an imported history has its transaction, and that one its row";

columns! {
    Imported {
        transaction = "i.transaction_id",
        external_id = "i.external_id",
        is_there = "(t.id IS NOT NULL)",
        credential = "t.actor_credential"
    }
}

statements! {
    WALK_IMPORTED_IDS -> Uuid = "SELECT transaction_id FROM payments_imported";
    WALK_IMPORTED -> Imported =
        "SELECT {columns}
         FROM payments_imported i LEFT JOIN payments_transaction t ON t.id = i.transaction_id";
}

/// The entries that imports booked, of which no event tells.
///
/// # Errors
/// The database cannot be read.
pub async fn imported(snapshot: &Snapshot) -> Result<Vec<EntryId>> {
    let gather = |found: &mut Vec<EntryId>, id: Uuid| {
        found.push(EntryId::from_uuid(id));
        Ok(())
    };
    snapshot.fold(&WALK_IMPORTED_IDS, params![], Vec::new(), gather).await
}

/// A row of a history, as it is remembered.
struct Imported {
    transaction: Uuid,
    external_id: String,
    is_there: bool,
    /// What whoever started it was known by; imports write a name of theirs.
    credential: Option<String>,
}

#[derive(Default)]
pub(super) struct Imports {
    /// What the rows say of transactions, less what these say of themselves.
    rows: Comparison,
    pub(super) read: u64,
    findings: Vec<Finding>,
}

impl Imports {
    /// Counts a transaction, if an import booked it.
    pub(super) fn meet(&mut self, told: &Told) {
        if let Some(external_id) = told.external_id() {
            self.rows.subtract(told.id, external_id);
        }
    }

    /// Counts the rows, and gives what differs, by its first row.
    pub(super) async fn compare(self, snapshot: &Snapshot) -> Result<(u64, Vec<Finding>)> {
        let mut compared = snapshot.fold(&WALK_IMPORTED, params![], self, Self::row).await?;
        if let Some(suspects) = compared.rows.suspects() {
            compared.findings.extend(differing(snapshot, suspects).await?);
        }
        Ok((compared.read, compared.findings))
    }

    fn row(&mut self, row: Imported) -> Result<()> {
        self.read += 1;
        if !row.is_there {
            find(&mut self.findings, IMPORTED, || {
                format!("{}, which is missing", TransactionId::from_uuid(row.transaction))
            });
        } else if row.is_by_name() {
            self.rows.add(row.transaction, row.external_id);
        }
        Ok(())
    }
}

impl Imported {
    fn is_by_name(&self) -> bool {
        self.credential.as_deref() == Some("COMMAND_LINE")
    }
}

/// The first transaction that has not as many rows of its name as it is one of.
async fn differing(snapshot: &Snapshot, suspects: Suspects) -> Result<Vec<Finding>> {
    type Counted = BTreeMap<(Uuid, String), i64>;
    let gather = |(suspects, counted): &mut (Suspects, Counted), told: Told| {
        if let Some(external_id) = told.external_id().filter(|_| suspects.include(told.id)) {
            *counted.entry((told.id, external_id)).or_default() -= 1;
        }
        Ok(())
    };
    let gathered = snapshot.fold(&WALK_TRANSACTIONS, params![], (suspects, Counted::new()), gather).await?;
    let gather_row = |(suspects, counted): &mut (Suspects, Counted), row: Imported| {
        if row.is_there && row.is_by_name() && suspects.include(row.transaction) {
            *counted.entry((row.transaction, row.external_id)).or_default() += 1;
        }
        Ok(())
    };
    let (_, counted) = snapshot.fold(&WALK_IMPORTED, params![], gathered, gather_row).await?;
    let wrong = counted.into_iter().find(|(_, count)| *count != 0);
    let row = |(id, external_id): &(Uuid, String)| format!("{} ({external_id:?})", TransactionId::from_uuid(*id));
    Ok(wrong.map(|(key, _)| Finding { rule: IMPORTED, row: row(&key) }).into_iter().collect())
}
