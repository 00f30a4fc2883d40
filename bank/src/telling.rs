//! How people are told what happens: the stream is followed, and their servers are called, beside the requests.

use crate::opening::People;
use crate::settings::Checked;
use crate::{housekeeping, machine_clock};
use anyhow::Context as _;
use audit::Audit;
use db::Db;
use http_edge::{Live, Telling};
use identity::Mailing;
use notifications::Way;
use notifications::inbox::Inbox;
use notifications::news::News;
use notifications::phone::Texting;
use std::net::SocketAddr;
use std::sync::Arc;
use stream::{Consumer, Running, Stream};
use webhooks::{Queueing, Webhooks};
use webhooks_edge::{Calling, Resolver};

/// Where this process stands.
pub(crate) struct Place {
    /// Where it is reached: no webhook is called there.
    pub(crate) own: Vec<SocketAddr>,
    /// So many clients may be connected at once.
    pub(crate) connections_max: usize,
}

/// What happens is followed from now on, and told.
pub(crate) async fn start(
    settings: &Checked,
    db: &Db,
    people: &People,
    audit: &Audit,
    place: Place,
) -> anyhow::Result<(Telling, Running)> {
    let policy = settings.webhooks.policy(settings.mode, place.own)?;
    let calling = Calling::open(Resolver::system(), settings.webhooks.ca_file.as_deref());
    let calling = calling.context("FLORIN_WEBHOOK_CA_FILE")?;
    let clock = machine_clock::reader();
    let webhooks = Arc::new(Webhooks::new(db.clone(), Arc::clone(&clock), Arc::clone(&people.identity), policy));
    housekeeping::start_forgetting(db, &webhooks);
    let queueing = Arc::new(Queueing::new(Arc::clone(&webhooks)));
    let mut consumers: Vec<Arc<dyn Consumer>> =
        vec![audit.sequencer(), queueing, Arc::<Inbox>::default(), Arc::new(analytics::Counting)];
    let texting = settings.sms.texting(settings.mode);
    let mails = settings.mail.mailing(settings.mode) == Mailing::On;
    let ways = [(Way::Mail, mails), (Way::Text, texting == Texting::On)];
    let ways: Vec<Way> = ways.into_iter().filter_map(|(way, is_open)| is_open.then_some(way)).collect();
    housekeeping::start_sending_news(db, people, &ways);
    if !ways.is_empty() {
        consumers.push(Arc::new(News::new(ways)));
    }
    let stream = Stream::new(db, Arc::clone(&clock));
    let following = housekeeping::start_following(db, &stream, consumers, people, settings).await?;
    // Connections are for other things, too.
    let live = Live::start(db, &stream, place.connections_max / 2);
    tokio::spawn(webhooks_edge::keep_calling(Arc::clone(&webhooks), calling, clock));
    Ok((Telling { live, webhooks, texting }, following))
}
