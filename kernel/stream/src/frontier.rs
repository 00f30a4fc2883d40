//! Which numbers of events have had their place, which may still come, and which never will. Plain values: what was seen
//! of the database is passed in.

use std::collections::BTreeMap;

/// The transactions of the database around a look: the oldest that was under way at it, and one that began after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) oldest: i64,
    /// Matters where the look opens a gap.
    pub(crate) next: i64,
}

/// How far the numbers of events were seen, and what is missing below.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    seen: i64,
    /// By its first number.
    gaps: BTreeMap<i64, Gap>,
}

/// Numbers that were taken and not seen. Whoever took them had begun before `since`; once nobody who had is under way, they
/// were either seen or will never be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    last: i64,
    since: i64,
}

impl Frontier {
    /// As it is when all numbers up to `settled` are done with, and of later ones those given (in order) have been seen.
    pub(crate) fn restored(settled: i64, seen: &[i64], moment: Moment) -> Self {
        let mut frontier = Self { seen: settled, gaps: BTreeMap::new() };
        seen.iter().for_each(|number| frontier.see(*number, moment));
        frontier
    }

    /// The highest number seen.
    pub(crate) const fn seen(&self) -> i64 {
        self.seen
    }

    /// Up to here nothing will come any more.
    pub(crate) fn settled(&self) -> i64 {
        self.gaps.keys().next().map_or(self.seen, |first| first - 1)
    }

    /// Whether numbers are missing between these, in their order, and those seen so far.
    pub(crate) fn has_gap_before(&self, found: &[i64]) -> bool {
        let new = found.iter().copied().filter(|number| *number > self.seen);
        new.zip(self.seen + 1..).any(|(number, next)| number != next)
    }

    /// How many numbers are missing.
    pub(crate) fn missing(&self) -> i64 {
        self.gaps.iter().map(|(first, gap)| gap.last - first + 1).sum()
    }

    /// The lowest missing numbers, at most so many.
    pub(crate) fn wanted(&self, limit: usize) -> Vec<i64> {
        self.gaps.iter().flat_map(|(first, gap)| *first..=gap.last).take(limit).collect()
    }

    /// Takes in a look at the moment given: the lowest missing numbers were looked for up to `wanted_until`, and all after
    /// the highest seen, as far as `found` goes. What was found is in order.
    pub(crate) fn look(&mut self, wanted_until: Option<i64>, found: &[i64], moment: Moment) {
        let known = self.seen;
        found.iter().for_each(|number| self.see(*number, moment));
        let is_looked_for = |number: i64| number > known || wanted_until.is_some_and(|until| number <= until);
        let ended: Vec<i64> =
            self.gaps.iter().filter(|(_, gap)| gap.since <= moment.oldest).map(|(first, _)| *first).collect();
        for first in ended.into_iter().filter(|first| is_looked_for(*first)) {
            let Some(gap) = self.gaps.remove(&first) else { continue };
            if let Some(until) = wanted_until.filter(|until| !is_looked_for(gap.last) && *until < gap.last) {
                self.gaps.insert(until + 1, gap);
            }
        }
    }

    fn see(&mut self, number: i64, moment: Moment) {
        if number > self.seen {
            if number > self.seen + 1 {
                self.gaps.insert(self.seen + 1, Gap { last: number - 1, since: moment.next });
            }
            self.seen = number;
            return;
        }
        let Some((first, gap)) = self.gaps.range(..=number).next_back().map(|(first, gap)| (*first, *gap)) else {
            return;
        };
        if number > gap.last {
            return;
        }
        self.gaps.remove(&first);
        if first < number {
            self.gaps.insert(first, Gap { last: number - 1, ..gap });
        }
        if number < gap.last {
            self.gaps.insert(number + 1, gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(oldest: i64, next: i64) -> Moment {
        Moment { oldest, next }
    }

    #[test]
    fn a_missing_number_is_waited_for_while_somebody_may_still_use_it() {
        let mut frontier = Frontier::default();
        frontier.look(None, &[1, 2, 5], at(7, 10));
        assert_eq!((frontier.seen(), frontier.settled(), frontier.wanted(9)), (5, 2, vec![3, 4]));
        // One who began before is still under way.
        frontier.look(Some(4), &[4], at(9, 12));
        assert_eq!((frontier.settled(), frontier.wanted(9)), (2, vec![3]));
        // Nobody is any more.
        frontier.look(Some(3), &[], at(10, 12));
        assert_eq!((frontier.settled(), frontier.missing()), (5, 0));
    }

    #[test]
    fn what_was_not_looked_for_is_not_given_up() {
        let mut frontier = Frontier::default();
        frontier.look(None, &[10], at(1, 5));
        assert_eq!(frontier.wanted(3), [1, 2, 3]);
        frontier.look(Some(3), &[], at(5, 6));
        assert_eq!(frontier.wanted(99), [4, 5, 6, 7, 8, 9]);
        frontier.look(Some(9), &[6], at(5, 6));
        assert_eq!((frontier.settled(), frontier.missing()), (10, 0));
    }

    #[test]
    fn a_gap_of_nobody_who_is_under_way_is_none() {
        let mut frontier = Frontier::default();
        assert!(frontier.has_gap_before(&[1, 3]) && frontier.has_gap_before(&[2]) && !frontier.has_gap_before(&[1, 2]));
        // Where there is one writer only.
        frontier.look(None, &[1, 3], at(0, 0));
        assert_eq!(frontier.settled(), 3);
        assert!(!frontier.has_gap_before(&[2, 4, 5]) && frontier.has_gap_before(&[2, 5]));
    }

    #[test]
    fn a_gap_may_be_as_wide_as_it_likes() {
        let mut frontier = Frontier::default();
        frontier.look(None, &[1, i64::MAX / 2], at(1, 2));
        assert_eq!(frontier.wanted(2), [2, 3]);
    }

    /// What somebody does who writes events: takes numbers, and ends by using them or not.
    #[derive(Clone, Debug)]
    struct Writer {
        begins: usize,
        lasts: usize,
        numbers: usize,
        commits: bool,
    }

    fn writers() -> impl Strategy<Value = Vec<Writer>> {
        let writer = (0..40_usize, 1..15_usize, 1..4_usize, prop::bool::weighted(0.8))
            .prop_map(|(begins, lasts, numbers, commits)| Writer { begins, lasts, numbers, commits });
        prop::collection::vec(writer, 1..30)
    }

    proptest! {
        /// A model of the database: transactions take their own number, then numbers of events, one a step, then end.
        #[test]
        fn each_number_that_is_used_is_found_once_and_nothing_waits_in_the_end(
            writers in writers(), restarts in prop::collection::vec(any::<bool>(), 60), limit in 1..6_usize,
        ) {
            let (mut next_number, mut next_transaction) = (1_i64, 1_i64);
            let mut running: BTreeMap<i64, (usize, Vec<i64>)> = BTreeMap::new();
            let (mut visible, mut found) = (Vec::<i64>::new(), Vec::<i64>::new());
            let mut frontier = Frontier::default();
            for (step, restarts) in restarts.into_iter().enumerate() {
                for (index, writer) in writers.iter().enumerate() {
                    if writer.begins == step {
                        running.insert(next_transaction, (index, Vec::new()));
                        next_transaction += 1;
                    }
                }
                running.retain(|_, (index, numbers)| {
                    let writer = &writers[*index];
                    if numbers.len() < writer.numbers {
                        numbers.push(next_number);
                        next_number += 1;
                    }
                    let ends = step >= writer.begins + writer.lasts;
                    if ends && writer.commits {
                        visible.extend(numbers.iter());
                    }
                    !ends
                });
                visible.sort_unstable();
                let moment = at(running.keys().next().copied().unwrap_or(next_transaction), next_transaction);
                let wanted = frontier.wanted(limit);
                let is_wanted = |number: &i64| wanted.contains(number);
                let late = visible.iter().copied().filter(is_wanted);
                let new = visible.iter().copied().filter(|number| *number > frontier.seen()).take(limit);
                let look: Vec<i64> = late.chain(new).collect();
                frontier.look(wanted.last().copied(), &look, moment);
                found.extend(&look);
                if restarts {
                    let settled = frontier.settled();
                    let mut seen: Vec<i64> = found.iter().copied().filter(|number| *number > settled).collect();
                    seen.sort_unstable();
                    frontier = Frontier::restored(settled, &seen, moment);
                }
            }
            for _ in 0..200 {
                let wanted = frontier.wanted(limit);
                let late = visible.iter().copied().filter(|number| wanted.contains(number));
                let new = visible.iter().copied().filter(|number| *number > frontier.seen()).take(limit);
                let look: Vec<i64> = late.chain(new).collect();
                frontier.look(wanted.last().copied(), &look, at(next_transaction, next_transaction));
                found.extend(&look);
            }
            found.sort_unstable();
            prop_assert_eq!(found, visible);
            prop_assert_eq!(frontier.missing(), 0);
        }
    }
}
