//! `florin events`: how far those are who follow what happens, and what holds one of them up.

use crate::cli::EventsCommand;
use crate::settings::Checked;
use crate::{database, inspection, machine_clock, output};
use anyhow::{bail, ensure};
use db::Snapshot;
use outbox::Actor;
use serde_json::json;
use stream::Recorded;
use uuid::Uuid;

/// How many parked events are listed.
const PARKED_MAX: u32 = 1_000;

pub(crate) async fn run(settings: &Checked, command: EventsCommand) -> anyhow::Result<()> {
    match command {
        EventsCommand::Kinds => output::print(format_args!("{}\n", catalogue()?)),
        EventsCommand::List => list(&inspection::open(settings).await?).await,
        EventsCommand::Show { position } => show(&inspection::open(settings).await?, position).await,
        EventsCommand::Forget { consumer } => forget(settings, &consumer).await,
        EventsCommand::Unpark { consumer, subject } => unpark(settings, &consumer, subject).await,
    }
}

/// Every kind of event that any module writes.
fn catalogue() -> anyhow::Result<String> {
    let kinds = outbox::kinds().into_values().map(|kind| {
        let about: Vec<&str> = kind.about.iter().map(|line| line.trim()).collect();
        json!({
            "type": kind.name,
            "version": kind.version,
            "about": about.join(" "),
            "subject": kind.subject,
            "audience": kind.audience,
            "data": kind.members,
        })
    });
    Ok(serde_json::to_string_pretty(&kinds.collect::<Vec<_>>())?)
}

async fn list(snapshot: &Snapshot) -> anyhow::Result<()> {
    let head = stream::head(snapshot).await?;
    output::print(format_args!("{:<24} {:>12} {:>12}\n", "CONSUMER", "POSITION", "BEHIND"))?;
    for (name, position) in stream::subscriptions(snapshot).await? {
        output::print(format_args!("{name:<24} {position:>12} {:>12}\n", head - position))?;
    }
    let parked = stream::parked(snapshot, PARKED_MAX).await?;
    if parked.is_empty() {
        return output::print(format_args!("\nNothing is parked.\n"));
    }
    output::print(format_args!("\n{:<24} {:>12} {:<36} REASON\n", "PARKED FOR", "POSITION", "SUBJECT"))?;
    for parked in parked {
        let reason = parked.reason.unwrap_or_default().replace(['\n', '\r'], " ");
        let (consumer, position, subject) = (parked.subscription, parked.position, parked.subject_id);
        output::print(format_args!("{consumer:<24} {position:>12} {subject} {reason}\n"))?;
    }
    Ok(())
}

async fn show(snapshot: &Snapshot, position: i64) -> anyhow::Result<()> {
    ensure!(position >= 1, "positions begin with 1");
    let Some(Recorded { position: found, sequence, event }) =
        stream::read(snapshot, position - 1, 1).await?.into_iter().find(|recorded| recorded.position == position)
    else {
        bail!("there is no event at position {position}");
    };
    let payload: serde_json::Value = serde_json::from_str(&event.payload)?;
    let shown = json!({
        "position": found,
        "id": event.id.to_string(),
        "type": event.kind,
        "subject": event.subject_id,
        "sequence": sequence,
        "timestamp": event.happened_at.to_string(),
        "data": payload,
    });
    output::print(format_args!("{}\n", serde_json::to_string_pretty(&shown)?))
}

async fn unpark(settings: &Checked, consumer: &str, subject: Uuid) -> anyhow::Result<()> {
    let db = database::open_existing(settings).await?;
    let is_parked = stream::unpark(&db, consumer, subject, Actor::COMMAND_LINE.does(machine_clock::now())).await?;
    ensure!(is_parked, "nothing of this subject is parked for {consumer:?}: `florin events list` shows what is");
    output::report(format_args!("It will be tried again, and then what follows of its subject.\n"));
    Ok(())
}

async fn forget(settings: &Checked, consumer: &str) -> anyhow::Result<()> {
    let db = database::open_existing(settings).await?;
    ensure!(
        stream::forget(&db, consumer).await?,
        "there is no consumer {consumer:?} that could be forgotten: `florin events list` shows all"
    );
    output::report(format_args!("It is forgotten. Should it come back, it begins anew.\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_catalogue_in_the_repository_is_that_of_the_code() {
        let kept = include_str!("../../api/events.json");
        let current = super::catalogue().unwrap();
        assert!(kept.trim_end() == current, "run `florin events kinds > api/events.json`");
    }
}
