//! The command `verify`: looks, and makes nothing. 0: the books are right, 1: they are wrong, 2: nobody can tell.

mod audit_log;

use crate::books::rate;
use crate::cli::VerifyArguments;
use crate::settings::Checked;
use crate::{inspection, output, progress};
use db::DbError;
use ledger::ChartCode;
use ledger::verify::{Finding, LineSum};
use payments::verify::VerifyReport;
use std::process::ExitCode;
use std::time::Instant;

pub(crate) async fn verify(settings: Checked, wanted: VerifyArguments) -> anyhow::Result<ExitCode> {
    let wanted = wanted.audit.then(|| audit_log::given(&settings, &wanted)).transpose()?;
    let snapshot = inspection::open(&settings).await?;
    let schema = db::compare_schema(&snapshot, &schema::migrations()).await?;
    let mut wrong: Vec<String> =
        schema.missing.iter().chain(&schema.changed).map(|difference| guarded(difference)).collect();
    if !schema.missing.is_empty() {
        // Nothing can be read where it is not.
        return tell("", wrong);
    }
    let (spinner, started) = (progress::spinner(), Instant::now());
    let on_progress = |step: &str| spinner.set_message(step.to_owned());
    let outcome = payments::verify::verify(&snapshot, http_edge::transactions_told, on_progress).await;
    let report = match outcome {
        // A table that was changed may lack what is read.
        Err(error) if !wrong.is_empty() => return tell("", unreadable(wrong, &error)),
        outcome => outcome?,
    };
    let stream = stream::verify(&snapshot).await?;
    wrong.extend(stream.into_iter().map(|found| format!("WRONG: {}: broken at {}\n", found.rule, found.place)));
    wrong.extend(report.findings.iter().map(broken));
    let mut walked = walked(&report, started);
    if let Some(given) = wanted {
        match audit_log::verify(&snapshot, given, on_progress).await {
            Ok((text, findings)) => {
                walked.push_str(&text);
                wrong.extend(findings.iter().map(broken));
            }
            Err(error) if !wrong.is_empty() => wrong = unreadable(wrong, &error),
            Err(error) => return Err(error.into()),
        }
    }
    spinner.finish_and_clear();
    snapshot.end()?;
    tell(&walked, wrong)
}

fn broken(found: &Finding) -> String {
    format!("WRONG: {}: broken by {}\n", found.rule, found.row)
}

fn unreadable(mut wrong: Vec<String>, error: &DbError) -> Vec<String> {
    wrong.push(format!("WRONG: the tables can be read: {error}\n"));
    wrong
}

fn guarded(difference: &str) -> String {
    format!("WRONG: the database is what its migrations made: {difference}\n")
}

/// Says what was looked at and what of it is wrong.
fn tell(walked: &str, wrong: Vec<String>) -> anyhow::Result<ExitCode> {
    if wrong.is_empty() {
        output::print(format_args!("{walked}The books are right.\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    // Wrong books are wrong, also where nobody can be told.
    for text in [walked].into_iter().filter(|text| !text.is_empty()).chain(wrong.iter().map(String::as_str)) {
        output::report(format_args!("{text}"));
    }
    Ok(ExitCode::FAILURE)
}

/// How much was looked at, and what each line of the chart holds.
fn walked(report: &VerifyReport, started: Instant) -> String {
    let VerifyReport { ledger, transactions, answers, .. } = report;
    let mut text = format!(
        "{} postings of {} entries on {} accounts, walked with {} holds, {transactions} transactions and {answers} kept \
         answers in {:.2} s ({} postings/s)\n",
        ledger.postings,
        ledger.entries,
        ledger.accounts,
        ledger.holds,
        started.elapsed().as_secs_f64(),
        rate(ledger.postings, started.elapsed()),
    );
    for lines in ledger.lines.chunk_by(|one, other| one.currency == other.currency) {
        let sum: i128 = lines.iter().map(|line| line.minor).sum();
        let shown = lines.iter().map(|line| format!("{} {}", name(&line.chart_code), amount(line, line.minor)));
        let shown = shown.collect::<Vec<_>>().join(", ");
        text.push_str(&format!("{}: {shown}; sum {}\n", lines[0].currency, amount(&lines[0], sum)));
    }
    text
}

fn name(chart_code: &str) -> String {
    let name = ChartCode::parse(chart_code).map_or("unknown", ChartCode::name);
    format!("{chart_code} {name}")
}

/// The sum as people read it, where it is one of a known currency.
fn amount(line: &LineSum, minor: i128) -> String {
    match (money::Currency::parse(&line.currency), i64::try_from(minor)) {
        (Ok(currency), Ok(minor)) => money::Money::new(minor, currency).to_decimal(),
        _ => format!("{minor} minor units"),
    }
}
