//! The commands about people.

use crate::cli::StaffRole;
use crate::machine_clock;
use crate::opening::People;
use crate::output::report;
use crate::settings::Checked;
use crate::{database, progress, purpose};
use anyhow::Context as _;
use db::Db;
use identity::{NewStaff, Password, Role, User};
use outbox::Actor;
use std::path::Path;

pub(crate) async fn create_staff(settings: &Checked, username: String, role: StaffRole) -> anyhow::Result<()> {
    let password = match std::env::var("FLORIN_ADMIN_PASSWORD") {
        Ok(password) => password,
        Err(_) => rpassword::prompt_password(format!("Password for {username}: "))
            .context("no password: there is no terminal to ask on, and FLORIN_ADMIN_PASSWORD is not set")?,
    };
    let db = database::open(settings).await?;
    let identity = People::open_for_command(settings, db.clone()).await?.identity;
    let role = match role {
        StaffRole::Teller => Role::Teller,
        StaffRole::Analyst => Role::Analyst,
        StaffRole::Admin => Role::Admin,
        StaffRole::Auditor => Role::Auditor,
    };
    let new = NewStaff { username, password: Some(Password::new(password)), role };
    let user = identity.create_staff(new, Actor::COMMAND_LINE.does(machine_clock::now())).await?.user;
    report(format_args!("Created {}, {}.\n", user.username, user.role.word()));
    purpose::claim_and_tell(&db, settings.mode).await
}

pub(crate) async fn import_users(settings: &Checked, file: &Path) -> anyhow::Result<()> {
    let opened = std::fs::File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let bar = progress::file_bar(opened.metadata()?.len());
    let rows = files_edge::user_rows(bar.wrap_read(opened))?;
    let db = database::open(settings).await?;
    let identity = People::open_for_command(settings, db.clone()).await?.identity;
    let outcome = identity.import_users(rows, machine_clock::now()).await;
    bar.finish_and_clear();
    let done = outcome.with_context(|| format!("nobody of {} was imported", file.display()))?;
    report(format_args!("{} users imported, {} were there already.\n", done.imported, done.already_there));
    purpose::claim_and_tell(&db, settings.mode).await
}

pub(crate) async fn disable(settings: &Checked, username: &str) -> anyhow::Result<()> {
    let Found { db, people, user } = find(settings, username).await?;
    people.identity.disable(user.id, Actor::COMMAND_LINE.does(machine_clock::now())).await?;
    report(format_args!("{} is disabled; all sessions have ended.\n", user.username));
    purpose::claim_and_tell(&db, settings.mode).await
}

pub(crate) async fn enable(settings: &Checked, username: &str) -> anyhow::Result<()> {
    let Found { db, people, user } = find(settings, username).await?;
    people.identity.enable(user.id, Actor::COMMAND_LINE.does(machine_clock::now())).await?;
    report(format_args!("{} can log in again.\n", user.username));
    purpose::claim_and_tell(&db, settings.mode).await
}

pub(crate) async fn reset_mfa(settings: &Checked, username: &str) -> anyhow::Result<()> {
    let Found { db, people, user } = find(settings, username).await?;
    people.factors.reset_mfa(user.id, Actor::COMMAND_LINE.does(machine_clock::now())).await?;
    report(format_args!("{} has no second factor any more; all sessions have ended.\n", user.username));
    purpose::claim_and_tell(&db, settings.mode).await
}

/// Somebody who is there, in a bank that is there.
struct Found {
    db: Db,
    people: People,
    user: User,
}

async fn find(settings: &Checked, username: &str) -> anyhow::Result<Found> {
    let db = database::open_existing(settings).await?;
    let people = People::open_for_command(settings, db.clone()).await?;
    let user =
        people.identity.find_by_username(username).await?.with_context(|| format!("there is no user {username}"))?;
    Ok(Found { db, people, user })
}
