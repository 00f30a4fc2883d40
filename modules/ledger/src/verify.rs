//! Proof that the books are right: every entry balanced, every history without gaps, every balance the sum of its
//! postings, every held amount the sum of open holds. Each check is one statement that finds the first bad row.

use store::{Db, Executor, Result, Row, Statement, params, statements};

/// The first row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: &'static str,
    /// Which row, in words.
    pub row: String,
}

/// What a verification saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many postings were walked.
    pub postings: i64,
    /// How many accounts were compared.
    pub accounts: i64,
    /// How many entries were summed.
    pub entries: i64,
    /// The first bad row of each broken rule; empty when the books are right.
    pub findings: Vec<Finding>,
}

statements! {
    COUNT_POSTINGS = "SELECT COUNT(*) FROM ledger_posting";
    COUNT_ACCOUNTS = "SELECT COUNT(*) FROM ledger_account";
    COUNT_ENTRIES = "SELECT COUNT(*) FROM ledger_entry";
    FIND_BROKEN_CHAIN =
        "SELECT account_id, sequence FROM (
             SELECT account_id, sequence, amount_minor, balance_minor,
                    LAG(balance_minor, 1, CAST(0 AS BIGINT)) OVER history AS balance_before,
                    LAG(sequence, 1, CAST(0 AS BIGINT)) OVER history AS sequence_before
             FROM ledger_posting WINDOW history AS (PARTITION BY account_id ORDER BY sequence)
         ) AS chain
         WHERE balance_minor <> balance_before + amount_minor OR sequence <> sequence_before + 1
         LIMIT 1";
    FIND_WRONG_BALANCE =
        "SELECT a.id, a.sequence FROM ledger_account a
         LEFT JOIN (
             SELECT account_id, COUNT(*) AS postings, CAST(SUM(amount_minor) AS BIGINT) AS posted,
                    COUNT(DISTINCT currency) AS currencies, MIN(currency) AS currency
             FROM ledger_posting GROUP BY account_id
         ) AS p ON p.account_id = a.id
         WHERE a.posted_minor <> COALESCE(p.posted, 0) OR a.sequence <> COALESCE(p.postings, 0)
            OR p.currencies > 1 OR p.currency <> a.currency
         LIMIT 1";
    FIND_ORPHAN_POSTING =
        "SELECT p.account_id, p.sequence FROM ledger_posting p
         LEFT JOIN ledger_account a ON a.id = p.account_id WHERE a.id IS NULL LIMIT 1";
    FIND_UNBALANCED_ENTRY =
        "SELECT COALESCE(e.id, s.entry_id), COALESCE(s.sides, 0) FROM ledger_entry e
         FULL JOIN (
             SELECT entry_id, currency, SUM(amount_minor) AS total, COUNT(*) AS sides
             FROM ledger_posting GROUP BY entry_id, currency
         ) AS s ON s.entry_id = e.id
         WHERE e.id IS NULL OR s.entry_id IS NULL OR s.total <> 0 LIMIT 1";
    FIND_WRONG_HELD =
        "SELECT a.id, a.sequence FROM ledger_account a
         LEFT JOIN (
             SELECT account_id, CAST(SUM(amount_minor) AS BIGINT) AS held
             FROM ledger_hold WHERE status = 'HELD' GROUP BY account_id
         ) AS h ON h.account_id = a.id
         WHERE a.held_minor <> COALESCE(h.held, 0)
         LIMIT 1";
}

/// The rules, the statement that finds a row that breaks each, and what its columns name.
const RULES: &[(&str, &Statement, &str)] = &[
    ("an account's history has no gap and each balance follows from the one before", &FIND_BROKEN_CHAIN, "posting"),
    ("an account's balance and count are those of its postings", &FIND_WRONG_BALANCE, "account"),
    ("every posting has its account", &FIND_ORPHAN_POSTING, "posting"),
    ("every entry has postings that sum to zero in each currency", &FIND_UNBALANCED_ENTRY, "entry"),
    ("an account's held amount is the sum of its open holds", &FIND_WRONG_HELD, "account"),
];

/// Checks the whole ledger; `on_progress` hears of each rule before it is checked.
///
/// # Errors
/// The database cannot be read. A broken rule is a finding, not an error.
pub async fn verify(db: &Db, on_progress: impl Fn(&str)) -> Result<VerifyReport> {
    let mut report = VerifyReport {
        postings: count(db, &COUNT_POSTINGS).await?,
        accounts: count(db, &COUNT_ACCOUNTS).await?,
        entries: count(db, &COUNT_ENTRIES).await?,
        findings: Vec::new(),
    };
    for (rule, statement, names) in RULES {
        on_progress(rule);
        if let Some(row) = find(db, statement).await? {
            report.findings.push(Finding { rule, row: describe(&row.0, row.1, names) });
        }
    }
    Ok(report)
}

async fn count(db: &Db, statement: &'static Statement) -> Result<i64> {
    let rows = db.query(statement, params![]).await?;
    rows.first().map_or(Ok(0), |row| row.get(0))
}

async fn find(db: &Db, statement: &'static Statement) -> Result<Option<(uuid::Uuid, i64)>> {
    let found = std::sync::Arc::new(std::sync::Mutex::new(None));
    let seen = std::sync::Arc::clone(&found);
    db.scan(statement, params![], move |row: &Row| {
        *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((row.get(0)?, row.get(1)?));
        Ok(())
    })
    .await?;
    let found = *found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(found)
}

fn describe(id: &uuid::Uuid, number: i64, names: &str) -> String {
    match names {
        "posting" => format!("posting {number} of account {}", ids::AccountId::from_uuid(*id)),
        "entry" => format!("entry {}", ids::EntryId::from_uuid(*id)),
        _ => format!("account {}", ids::AccountId::from_uuid(*id)),
    }
}
