//! Who is connected how often: everybody gets a part of what is free, and some is kept for those who have hardly any, so
//! that not even many addresses take all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// An address gets this part of what is free, beside what it has.
const PART: usize = 10;
/// This part of all is kept for addresses that have few.
const KEPT_PART: usize = 4;
const FEW: usize = 2;

/// The connections of the process.
pub(crate) struct Connections {
    max: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// A connection that counts for its network as long as it is there.
pub(crate) struct Admission {
    network: IpAddr,
    connections: Arc<Connections>,
}

/// Whether somebody may have more than their part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// A proxy that is trusted, or a load test.
    Any,
    /// Everybody else.
    Part,
}

impl Connections {
    pub(super) fn new(max: usize) -> Self {
        Self { max, open: Mutex::default() }
    }

    /// How many there may be.
    pub(crate) const fn max(&self) -> usize {
        self.max
    }

    /// Counts one more, if the network may have it.
    pub(super) fn admit(self: &Arc<Self>, network: IpAddr, share: Share) -> Option<Admission> {
        let mut open = self.open();
        let own = open.by_network.get(&network).copied().unwrap_or_default();
        let free = self.max.saturating_sub(open.all);
        let free_for_all = free.saturating_sub(self.max / KEPT_PART);
        let is_within_part = own < (free_for_all + own) / PART || own < FEW && free > 0;
        if share == Share::Part && !is_within_part {
            return None;
        }
        open.all += 1;
        *open.by_network.entry(network).or_default() += 1;
        Some(Admission { network, connections: Arc::clone(self) })
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        // The counts are right after every step: whoever panicked left nothing half done.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all -= 1;
        if let Some(own) = open.by_network.get_mut(&self.network) {
            *own -= 1;
            if *own == 0 {
                open.by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    fn take_all(connections: &Arc<Connections>, number: u8) -> Vec<Admission> {
        std::iter::from_fn(|| connections.admit(network(number), Share::Part)).take(connections.max() + 1).collect()
    }

    #[test]
    fn one_network_gets_a_part_and_many_do_not_get_all() {
        for (max, many) in [(128, 20), (1_000, 100), (10_000, 200)] {
            let connections = Arc::new(Connections::new(max));
            let first = take_all(&connections, 0);
            assert_eq!(first.len(), max * 3 / 4 / 10);
            let all: Vec<_> = (1..many).map(|number| take_all(&connections, number)).collect();
            let another = connections.admit(network(200), Share::Part);
            assert!(another.is_some(), "there is room for one more of {max}");
            drop(another);
            drop((first, all));
            let open = connections.open();
            assert_eq!((open.all, open.by_network.len()), (0, 0));
        }
    }

    #[test]
    fn whoever_is_not_bounded_may_have_all() {
        let connections = Arc::new(Connections::new(100));
        let all: Vec<_> = (0..100).map_while(|_| connections.admit(network(1), Share::Any)).collect();
        assert_eq!(all.len(), 100);
        assert!(connections.admit(network(2), Share::Part).is_none());
        drop(all);
        assert!(connections.admit(network(2), Share::Part).is_some());
    }
}
