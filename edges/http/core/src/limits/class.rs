//! The limits themselves, on one page: how much of each kind of work an address and a user may ask for.

use super::quota::Quota;
use crate::route::Work;
use axum::http::HeaderValue;

/// A limit with its name on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) name: &'static str,
    pub(crate) quota: Quota,
}

/// A kind of work.
#[derive(Debug, PartialEq, Eq)]
pub struct LimitClass {
    /// For all requests from an address.
    pub(crate) of_address: Limit,
    /// For all requests of a user, wherever they come from.
    pub(crate) of_user: Option<Limit>,
}

/// Anonymous requests that guess or make credentials: tight, as nothing but the address is known.
static CREDENTIALS: LimitClass =
    LimitClass { of_address: limit("credentials-address", Quota::per_minute(20, 60)), of_user: None };

/// Programs with secrets that nobody guesses; many of their users come from one address.
static PROGRAMS: LimitClass =
    LimitClass { of_address: limit("programs-address", Quota::per_second(50, 200)), of_user: None };

/// Pages and documents for everybody.
static DOCUMENTS: LimitClass =
    LimitClass { of_address: limit("public-address", Quota::per_second(50, 200)), of_user: None };

/// Readiness and metrics, where those who run the bank have no listener of their own.
static OPERATIONS: LimitClass =
    LimitClass { of_address: limit("operations-address", Quota::per_second(5, 50)), of_user: None };

static READING: LimitClass = LimitClass {
    of_address: limit("reading-address", Quota::per_second(1_000, 3_000)),
    of_user: Some(limit("reading-user", Quota::per_second(200, 1_000))),
};

/// Accounts, sessions, settings.
static CHANGING: LimitClass = LimitClass {
    of_address: limit("changing-address", Quota::per_second(100, 500)),
    of_user: Some(limit("changing-user", Quota::per_second(20, 100))),
};

/// Proving once more who one is: whoever took over a session must not guess the password with it.
static PROVING: LimitClass = LimitClass {
    of_address: limit("proving-address", Quota::per_minute(10, 30)),
    of_user: Some(limit("proving-user", Quota::per_minute(5, 10))),
};

/// Who is behind a number: enough for whoever pays, and for nobody who collects names.
static LOOKING_UP: LimitClass = LimitClass {
    of_address: limit("lookups-address", Quota::per_minute(60, 120)),
    of_user: Some(limit("lookups-user", Quota::per_minute(10, 30))),
};

static MONEY: LimitClass = LimitClass {
    of_address: limit("money-address", Quota::per_second(1_000, 3_000)),
    of_user: Some(limit("money-user", Quota::per_second(200, 1_000))),
};

/// Up to 1,000 transfers in each request.
static BATCH: LimitClass = LimitClass {
    of_address: limit("batch-address", Quota::per_second(20, 60)),
    of_user: Some(limit("batch-user", Quota::per_second(5, 20))),
};

/// Failed logins, counted beside the requests. Never by the name alone: that would let anybody lock anybody out.
pub(super) static FAILED_LOGINS_OF_NAME_AT_ADDRESS: Limit =
    limit("failed-logins-name-address", Quota::per_minute(1, 5));
pub(super) static FAILED_LOGINS_OF_ADDRESS: Limit = limit("failed-logins-address", Quota::per_minute(4, 20));

const fn limit(name: &'static str, quota: Quota) -> Limit {
    Limit { name, quota }
}

impl LimitClass {
    /// The limits on a kind of work; none on what costs nothing.
    pub const fn of(work: Work) -> Option<&'static Self> {
        match work {
            Work::Health => None,
            Work::Operations => Some(&OPERATIONS),
            Work::Documents => Some(&DOCUMENTS),
            Work::Credentials => Some(&CREDENTIALS),
            Work::Programs => Some(&PROGRAMS),
            Work::Reading => Some(&READING),
            Work::Changing | Work::Simulation => Some(&CHANGING),
            Work::Proving => Some(&PROVING),
            Work::LookingUp => Some(&LOOKING_UP),
            Work::Money => Some(&MONEY),
            Work::Batch => Some(&BATCH),
        }
    }

    /// `RateLimit-Policy`.
    pub(crate) fn header(&self) -> HeaderValue {
        let limits = std::iter::once(&self.of_address).chain(&self.of_user);
        let items: Vec<String> = limits.map(Limit::policy).collect();
        HeaderValue::try_from(items.join(", ")).expect("names of limits are plain")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_quota_and_window() {
        assert_eq!(MONEY.header(), "\"money-address\";q=3000;w=3, \"money-user\";q=1000;w=5");
        assert_eq!(CREDENTIALS.header(), "\"credentials-address\";q=60;w=180");
    }
}
