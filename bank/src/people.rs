//! The commands about people.

use crate::config::Checked;
use anyhow::Context as _;
use store::Timestamp;

pub(crate) async fn create_admin(settings: &Checked, username: &str) -> anyhow::Result<()> {
    let password = match std::env::var("FLORIN_ADMIN_PASSWORD") {
        Ok(password) => password,
        Err(_) => rpassword::prompt_password(format!("Password for {username}: "))
            .context("no password: there is no terminal to ask on, and FLORIN_ADMIN_PASSWORD is not set")?,
    };
    let db = crate::serve::open_database(settings).await?;
    let auth = crate::serve::open_auth(settings, db, &settings.public_url_of(settings.listen)).await?;
    let user = auth.create_admin(username, auth::Password::new(password), Timestamp::now()).await?;
    println!("Administrator {} created.", user.username);
    Ok(())
}
