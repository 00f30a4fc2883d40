//! `florin fraud`: what rules of fraud would have made of the payments that were made, and the rules that count.

use crate::cli::{FraudCommand, ReplayArguments};
use crate::inspection;
use crate::output::{self, Output};
use crate::settings::Checked;
use anyhow::Context as _;
use db::{Date, Snapshot};
use fraud::profile::store;
use fraud::{Decision, Finding, Profile, RuleMode, RuleSet};
use ids::AccountId;
use payments::replay::{Alert, Replay, Score, replay};
use std::io::{BufWriter, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

const PROFILES_PER_PAGE: u32 = 1_000;
const HEAD: &str = "transactionId,madeAt,accountId,amount,currency,outcome,points,reasons,countingOutcome,countingPoints,countingReasons,label\n";

pub(crate) async fn run(settings: &Checked, command: FraudCommand) -> anyhow::Result<()> {
    let snapshot = inspection::open(settings).await?;
    match command {
        FraudCommand::Rules => {
            let document = serde_json::to_string_pretty(&counting(&snapshot).await?.document())?;
            output::print(format_args!("{document}\n"))?;
        }
        FraudCommand::Profiles => print_profiles(&snapshot).await?,
        FraudCommand::Replay(wanted) => replay_history(&snapshot, &wanted).await?,
    }
    Ok(snapshot.end()?)
}

async fn print_profiles(snapshot: &Snapshot) -> anyhow::Result<()> {
    output::print(format_args!("accountId,payments\n"))?;
    let mut after = AccountId::from_uuid(uuid::Uuid::nil());
    loop {
        let page = store::read_after(snapshot, after, PROFILES_PER_PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (account, stored) in page {
            let profile = Profile::decode(&stored.bytes).with_context(|| format!("of {account}"))?;
            output::print(format_args!("{account},{}\n", profile.payments()))?;
        }
    }
}

/// The set that counts, or the one that is built in.
async fn counting(snapshot: &Snapshot) -> anyhow::Result<RuleSet> {
    Ok(fraud::newest_set(snapshot).await?.unwrap_or_else(|| RuleSet::built_in(RuleMode::Shadow)))
}

async fn replay_history(snapshot: &Snapshot, wanted: &ReplayArguments) -> anyhow::Result<()> {
    let counting = counting(snapshot).await?;
    let tried = match &wanted.rules {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            RuleSet::parse(0, &text).with_context(|| file.display().to_string())?
        }
        None => RuleSet::built_in(RuleMode::Active),
    };
    let day = |date: Option<Date>, or: i64| date.map_or(or, |date| i64::from(date.unix_days()) * 86_400);
    let (from, to) = (day(wanted.from, i64::MIN), day(wanted.to, i64::MAX));
    let output = Arc::new(Mutex::new((BufWriter::with_capacity(1 << 16, Output), Ok(()))));
    let writing = Arc::clone(&output);
    writing.lock().unwrap_or_else(PoisonError::into_inner).1 = Output.write_all(HEAD.as_bytes());
    let done = replay(snapshot, Replay { tried, counting, from, to }, move |alert| {
        let (output, written) = &mut *writing.lock().unwrap_or_else(PoisonError::into_inner);
        if written.is_ok() {
            *written = output.write_all(row(alert).as_bytes());
        }
    })
    .await?;
    let (mut output, written) = Arc::into_inner(output).context("the replay goes on")?.into_inner()?;
    output::unless_unread(written.and_then(|()| output.flush()).context("cannot print"))?;
    let [tried, counting] = done.scores;
    output::complain(format_args!("{} payments; tried: {}; counting: {}", done.payments, said(tried), said(counting)));
    Ok(())
}

fn said(score: Score) -> String {
    let Score { reviews, declines, frauds, genuine } = score;
    let precision = match frauds + genuine {
        0 => String::new(),
        labelled => format!(", {frauds} of {labelled} labelled were fraud"),
    };
    format!("{reviews} looked at, {declines} declined{precision}")
}

fn row(alert: &Alert<'_>) -> String {
    let Alert { transaction, at, tried, counting, label } = alert;
    let at = db::BankTime::from_unix_micros(at.saturating_mul(1_000_000));
    format!(
        "{},{at},{},{},{},{},{},{}\n",
        transaction.id,
        transaction.source.account,
        transaction.money.to_decimal(),
        transaction.money.currency().code(),
        columns(tried),
        columns(counting),
        label.map(fraud::Label::word).unwrap_or_default(),
    )
}

fn columns(decision: &Decision) -> String {
    let reasons: Vec<&str> = decision.reasons().map(|finding: &Finding| finding.rule.word()).collect();
    format!("{},{},{}", decision.conclusion.word(), decision.points, reasons.join(" "))
}
