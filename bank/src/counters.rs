//! `florin analytics`: what is counted of what happens, counted anew.

use crate::settings::Checked;
use crate::{database, output};

pub(crate) async fn rebuild(settings: &Checked) -> anyhow::Result<()> {
    let db = database::open_existing(settings).await?;
    let rebuilt = analytics::rebuild(&db).await?;
    let (events, differing) = (rebuilt.events, rebuilt.differing);
    output::report(format_args!("{events} events were counted anew; {differing} counters differed\n"));
    Ok(())
}
