//! Which addresses a name has just now. Only so many look-ups wait at once: a name server that does not answer holds up
//! nobody who works on something else.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use webhooks::Care;

const TIMEOUT: Duration = Duration::from_secs(5);
const LOOK_UPS_MAX: usize = 48;
const LOOK_UPS_IN_CARE_MAX: usize = 16;

/// What a look-up gives, when it is done.
pub type LookUp = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of names. Cloning shares it.
#[derive(Clone)]
pub struct Resolver {
    way: Way,
    usual: Arc<Semaphore>,
    in_care: Arc<Semaphore>,
}

#[derive(Clone)]
enum Way {
    System,
    Given(Arc<dyn Fn(&str) -> LookUp + Send + Sync>),
}

impl Resolver {
    /// As the system resolves names.
    pub fn system() -> Self {
        Self::of(Way::System)
    }

    /// In another way.
    pub fn given(look_up: impl Fn(&str) -> LookUp + Send + Sync + 'static) -> Self {
        Self::of(Way::Given(Arc::new(look_up)))
    }

    fn of(way: Way) -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self { way, usual: places(LOOK_UPS_MAX), in_care: places(LOOK_UPS_IN_CARE_MAX) }
    }

    /// All addresses of the name; none, where there is none or no answer in time.
    pub(crate) async fn addresses(&self, name: &str, care: Care) -> Vec<IpAddr> {
        let places = match care {
            Care::Usual => &self.usual,
            Care::Special => &self.in_care,
        };
        let (way, name) = (self.way.clone(), name.to_owned());
        let looking = async {
            let place = Arc::clone(places).acquire_owned().await.ok()?;
            // The system cannot be stopped looking: its place is free when it has ended, not when nobody waits any more.
            let looking = tokio::spawn(async move {
                let _place = place;
                match way {
                    Way::System => {
                        let found = tokio::net::lookup_host((name.as_str(), 0)).await;
                        found.map(|found| found.map(|address| address.ip()).collect())
                    }
                    Way::Given(look_up) => look_up(&name).await,
                }
            });
            looking.await.ok()?.ok()
        };
        tokio::time::timeout(TIMEOUT, looking).await.ok().flatten().unwrap_or_default()
    }
}
