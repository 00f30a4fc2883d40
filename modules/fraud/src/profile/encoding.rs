//! A profile in at most 512 bytes. Only buckets in which something happened take room; what is left over is for payees.

use super::{Bucket, CREDITS_MAX, Credit, DAYS, HOURS, LARGE_MAX, Large, PAYEES_MAX, PartyHash, Profile, RECENT_MAX};
use crate::number::Packed;

/// No profile takes more.
pub const BYTES_MAX: usize = 512;
/// The first byte says how the others are to be read.
const VERSION: u8 = 1;
const FIXED_BYTES: usize = 1 + 4 + 4 + 4 + 3 + 4 + 4 + 4 + 4 + 4 + 2 + 4 + 8 + Packed::BYTES + 4;
const BUCKET_BYTES: usize = 2 + Packed::BYTES;
const LARGE_BYTES: usize = 4 + Packed::BYTES;
const CREDIT_BYTES: usize = 4 + Packed::BYTES + 3;
/// The newest payment's second, and of each other one how many seconds earlier it was, as far as two bytes go.
const RECENT_BYTES: usize = 2;

const _: () = assert!(
    FIXED_BYTES
        + (HOURS + DAYS) * BUCKET_BYTES
        + LARGE_MAX * LARGE_BYTES
        + CREDITS_MAX * CREDIT_BYTES
        + 4
        + RECENT_MAX * RECENT_BYTES
        + 4
        <= BYTES_MAX
);

/// What was stored is no profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stored profile cannot be read")]
pub struct DamagedProfile;

impl Profile {
    pub(super) fn bytes_without_payees(&self) -> usize {
        let is_used = |bucket: &&Bucket| **bucket != Bucket::default();
        let buckets = self.hours.iter().filter(is_used).count() + self.days.iter().filter(is_used).count();
        FIXED_BYTES
            + buckets * BUCKET_BYTES
            + self.large.len() * LARGE_BYTES
            + self.credits.len() * CREDIT_BYTES
            + if self.recent.is_empty() { 0 } else { 4 + (self.recent.len() - 1) * RECENT_BYTES }
    }

    /// As it is stored.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes_without_payees() + self.payees.len() * 3);
        bytes.push(VERSION);
        for number in [self.since, self.payments, self.hour] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(&used(&self.hours).to_be_bytes()[1..]);
        bytes.extend(used(&self.days).to_be_bytes());
        for number in [self.ln_mean, self.ln_deviation, self.night, self.limit_hour] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.limit_count.to_be_bytes());
        bytes.extend(self.limit_day.to_be_bytes());
        bytes.extend(self.limit_sum.to_be_bytes());
        bytes.extend(self.credit_habit.to_bytes());
        let counts = [self.recent.len(), self.large.len(), self.credits.len(), self.payees.len()];
        bytes.extend(counts.map(|count| u8::try_from(count).unwrap_or(u8::MAX)));
        for bucket in self.hours.iter().chain(&self.days).filter(|bucket| **bucket != Bucket::default()) {
            bytes.extend(bucket.count.to_be_bytes());
            bytes.extend(bucket.sum.to_bytes());
        }
        if let Some(newest) = self.recent.first() {
            bytes.extend(newest.to_be_bytes());
            bytes.extend(self.recent.iter().skip(1).flat_map(|second| earlier(*newest, *second).to_be_bytes()));
        }
        for large in &self.large {
            bytes.extend(large.minute.to_be_bytes());
            bytes.extend(large.amount.to_bytes());
        }
        for credit in &self.credits {
            bytes.extend(credit.minute.to_be_bytes());
            bytes.extend(credit.amount.to_bytes());
            bytes.extend(credit.payer.to_bytes());
        }
        bytes.extend(self.payees.iter().flat_map(|payee| payee.to_bytes()));
        bytes
    }

    /// What was stored.
    ///
    /// # Errors
    /// It is no profile, or one of a newer version.
    pub fn decode(bytes: &[u8]) -> Result<Self, DamagedProfile> {
        let mut rest = Rest(bytes);
        if rest.take::<1>()? != [VERSION] {
            return Err(DamagedProfile);
        }
        let (since, payments, hour) = (rest.u32()?, rest.u32()?, rest.u32()?);
        let [a, b, c] = rest.take()?;
        let (hours_used, days_used) = (u32::from_be_bytes([0, a, b, c]), rest.u32()?);
        let (ln_mean, ln_deviation, night, limit_hour) = (rest.u32()?, rest.u32()?, rest.u32()?, rest.u32()?);
        let (limit_count, limit_day) = (u16::from_be_bytes(rest.take()?), rest.u32()?);
        let (limit_sum, credit_habit) = (i64::from_be_bytes(rest.take()?), Packed::from_bytes(rest.take()?));
        let counts = rest.take::<4>()?.map(usize::from);
        if counts[0] > RECENT_MAX || counts[1] > LARGE_MAX || counts[2] > CREDITS_MAX || counts[3] > PAYEES_MAX {
            return Err(DamagedProfile);
        }
        let (hours, days) = (rest.buckets(hours_used)?, rest.buckets(days_used)?);
        let recent = rest.recent(counts[0])?;
        let mut large = Vec::with_capacity(counts[1]);
        for _ in 0..counts[1] {
            large.push(Large { minute: rest.u32()?, amount: Packed::from_bytes(rest.take()?) });
        }
        let mut credits = Vec::with_capacity(counts[2]);
        for _ in 0..counts[2] {
            let (minute, amount) = (rest.u32()?, Packed::from_bytes(rest.take()?));
            credits.push(Credit { minute, amount, payer: PartyHash::from_bytes(rest.take()?) });
        }
        let mut payees = Vec::with_capacity(counts[3] + 1);
        for _ in 0..counts[3] {
            payees.push(PartyHash::from_bytes(rest.take()?));
        }
        if !rest.0.is_empty() {
            return Err(DamagedProfile);
        }
        Ok(Self {
            since,
            payments,
            hour,
            hours,
            days,
            ln_mean,
            ln_deviation,
            recent,
            night,
            limit_hour,
            limit_count,
            limit_day,
            limit_sum,
            large,
            credits,
            credit_habit,
            payees,
        })
    }
}

/// Which buckets something happened in, one bit each.
fn used(buckets: &[Bucket]) -> u32 {
    buckets
        .iter()
        .enumerate()
        .filter(|(_, bucket)| **bucket != Bucket::default())
        .fold(0, |bits, (at, _)| bits | 1 << at)
}

fn earlier(newest: u32, second: u32) -> u16 {
    u16::try_from(newest.saturating_sub(second)).unwrap_or(u16::MAX)
}

/// What is left to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DamagedProfile> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(DamagedProfile)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32, DamagedProfile> {
        self.take().map(u32::from_be_bytes)
    }

    fn buckets<const N: usize>(&mut self, used: u32) -> Result<[Bucket; N], DamagedProfile> {
        let mut buckets = [Bucket::default(); N];
        for (at, bucket) in buckets.iter_mut().enumerate() {
            if used >> at & 1 == 1 {
                let count = u16::from_be_bytes(self.take()?);
                *bucket = Bucket { count, sum: Packed::from_bytes(self.take()?) };
            }
        }
        Ok(buckets)
    }

    fn recent(&mut self, count: usize) -> Result<Vec<u32>, DamagedProfile> {
        let mut recent = Vec::with_capacity(count + 1);
        if count > 0 {
            let newest = self.u32()?;
            recent.push(newest);
            for _ in 1..count {
                recent.push(newest.saturating_sub(u32::from(u16::from_be_bytes(self.take()?))));
            }
        }
        Ok(recent)
    }
}
