//! Opens people, their second factors and the programs that act for them, together: the upper two modules follow what happens
//! to people, and nobody may open the lowest without them.

use crate::machine_clock;
use crate::secrets_key;
use crate::settings::Checked;
use db::Db;
use factors::{Factors, HalfDoneLogins};
use identity::{Dependents, Identity};
use programs::{Memory, Programs, TrustedIssuer};
use std::sync::Arc;
use webhooks::Endpoints;

/// The three modules about people.
pub(crate) struct People {
    pub(crate) identity: Arc<Identity>,
    pub(crate) factors: Arc<Factors>,
    pub(crate) programs: Arc<Programs>,
}

impl People {
    /// For a bank that is reached at the URL.
    pub(crate) async fn open(settings: &Checked, db: Db, public_url: &str) -> anyhow::Result<Self> {
        secrets_key::require(settings, &db).await?;
        let trusted = settings.openid.as_ref().map(|openid| openid.trusted.clone());
        let own_settings = identity::Settings {
            token_keys_folder: settings.signing_keys_dir.clone(),
            issuer: public_url.to_owned(),
            breached_passwords_file: settings.breached_passwords_file.clone(),
            mailing: settings.mail.mailing(settings.mode),
            secrets_key_path: settings.secrets_key_file.clone(),
        };
        Ok(Self::open_with(db, own_settings, trusted).await?)
    }

    /// With an issuer elsewhere that is trusted, if there is one.
    pub(crate) async fn open_with(
        db: Db,
        settings: identity::Settings,
        trusted: Option<TrustedIssuer>,
    ) -> identity::Result<Self> {
        let memory = Arc::new(Memory::new(trusted));
        let dependents = Dependents::new(vec![Arc::new(HalfDoneLogins), Arc::clone(&memory) as _, Arc::new(Endpoints)]);
        let identity = Arc::new(Identity::open(db.clone(), settings, dependents, machine_clock::now()).await?);
        let factors = Arc::new(Factors::new(db.clone(), Arc::clone(&identity)));
        let programs = Arc::new(Programs::new(db, Arc::clone(&identity), memory));
        Ok(Self { identity, factors, programs })
    }

    /// For a command, whose tokens nobody sees.
    pub(crate) async fn open_for_command(settings: &Checked, db: Db) -> anyhow::Result<Self> {
        Self::open(settings, db, &settings.public_url_of(settings.listen)).await
    }
}
