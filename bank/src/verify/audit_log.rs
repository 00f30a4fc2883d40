//! The part of `verify` that checks the audit log: with what is kept outside the database.

use crate::audit_key::REPLACED;
use crate::books::rate;
use crate::cli::VerifyArguments;
use crate::machine_clock;
use crate::settings::Checked;
use anyhow::Context as _;
use audit::verify::{AuditReport, Given, InVault, Kept, Keys};
use db::Snapshot;
use ledger::verify::Finding;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Instant;
use vault_edge::Folder;

/// No head is longer.
const HEAD_BYTES_MAX: u64 = 16 * 1024;

/// What the check is given besides the database: read before it is opened, so that nothing is judged without it.
pub(super) fn given(settings: &Checked, wanted: &VerifyArguments) -> anyhow::Result<Given> {
    let kept = wanted.checkpoint.iter().map(|path| kept(path)).collect::<anyhow::Result<Vec<Kept>>>()?;
    let own = secrets::load_key(&settings.audit_key_file)?;
    let keys = Keys { own, published: wanted.vkey.clone(), replaced: None };
    let vault = settings.vault.clone().map(in_vault).transpose().context("FLORIN_VAULT_URL")?;
    Ok(Given { from: wanted.from, kept, keys, imported: Vec::new(), vault })
}

fn kept(path: &Path) -> anyhow::Result<Kept> {
    let place = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot open {place}"))?;
    let mut note = String::new();
    file.take(HEAD_BYTES_MAX).read_to_string(&mut note).with_context(|| format!("cannot read {place}"))?;
    Ok(Kept { place, note })
}

fn in_vault(vault: Folder) -> vault_edge::Result<InVault> {
    let (segments, heads) = (vault.list(audit::SEGMENTS)?, vault.list(audit::CHECKPOINTS)?);
    Ok(InVault { vault: Box::new(vault), segments, heads })
}

/// Checks the log; what is to be said of it, and what of it is wrong.
pub(super) async fn verify(
    snapshot: &Snapshot,
    mut given: Given,
    on_progress: impl Fn(&str),
) -> db::Result<(String, Vec<Finding>)> {
    let started = Instant::now();
    let said = db::mark_in(snapshot, REPLACED).await?;
    given.keys.replaced = said.map(|said| (said, machine_clock::now()));
    if given.from == 0 {
        given.imported = payments::verify::imported(snapshot).await?;
    }
    let report = audit::verify::verify(snapshot, &given, on_progress).await?;
    let AuditReport { size, leaves, heads, signed, segments, .. } = report;
    let seconds = started.elapsed().as_secs_f64();
    let unsigned = size.saturating_sub(signed);
    let text = format!(
        "{leaves} of {size} leaves of the audit log, held against {heads} signed heads in {seconds:.2} s ({} leaves/s); the \
         last {unsigned} are not signed yet; {segments} sealed segments compared{}\n",
        rate(leaves, started.elapsed()),
        if given.vault.is_some() { ", in the vault too" } else { ", without a vault" },
    );
    Ok((text, report.findings))
}
