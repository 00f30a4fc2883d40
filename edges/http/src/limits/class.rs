//! The limits themselves, on one page: which kind of work a route is, and how much of it an address and a user may ask for.

use super::quota::Quota;
use crate::policy::Who;
use crate::routes::RouteSpec;
use axum::http::HeaderValue;

/// A limit with its name on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) name: &'static str,
    pub(crate) quota: Quota,
}

/// A kind of work.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LimitClass {
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
static PUBLIC: LimitClass =
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

/// It costs nothing, and balancers ask all the time.
const UNLIMITED: [&str; 1] = ["/health"];

const fn limit(name: &'static str, quota: Quota) -> Limit {
    Limit { name, quota }
}

impl LimitClass {
    /// A route that nobody thought of here gets the tightest limits that its kind has.
    pub(crate) fn of(spec: &RouteSpec) -> Option<&'static Self> {
        match (spec.method, spec.path) {
            ("GET", path) if UNLIMITED.contains(&path) => None,
            _ if spec.is_of_operations() => Some(&OPERATIONS),
            ("POST", "/api/transactions/batch") => Some(&BATCH),
            ("POST", "/oauth/token" | "/oauth/introspect" | "/oauth/revoke") => Some(&PROGRAMS),
            ("POST", "/api/auth/password") => Some(&PROVING),
            ("POST", _) if spec.who == Who::Public => Some(&CREDENTIALS),
            _ if spec.who == Who::Public => Some(&PUBLIC),
            ("GET", _) => Some(&READING),
            _ if spec.moves_money() => Some(&MONEY),
            _ => Some(&CHANGING),
        }
    }

    /// `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): `q` requests in a window of `w` seconds.
    pub(crate) fn header(&self) -> HeaderValue {
        let limits = std::iter::once(&self.of_address).chain(&self.of_user);
        let item = |Limit { name, quota }: &Limit| {
            format!("\"{name}\";q={};w={}", quota.burst(), super::quota::seconds(quota.whole_micros()))
        };
        let items: Vec<String> = limits.map(item).collect();
        HeaderValue::try_from(items.join(", ")).expect("names of limits are plain")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    fn class_of(method: &str, path: &str) -> Option<&'static LimitClass> {
        LimitClass::of(ROUTES.iter().find(|spec| spec.method == method && spec.path == path).unwrap())
    }

    #[test]
    fn every_route_has_limits_but_health() {
        for spec in ROUTES {
            let class = LimitClass::of(spec);
            assert_eq!(class.is_none(), UNLIMITED.contains(&spec.path), "{}", spec.path);
            let is_by_user = class.is_some_and(|class| class.of_user.is_some());
            assert_eq!(is_by_user, spec.who != Who::Public, "{} {}", spec.method, spec.path);
        }
    }

    #[test]
    fn credentials_are_guessed_slowly_and_money_moves_fast() {
        for path in ["/api/auth/login", "/login", "/api/auth/register", "/signup", "/api/auth/refresh"] {
            assert_eq!(class_of("POST", path), Some(&CREDENTIALS));
        }
        assert_eq!(class_of("POST", "/oauth/authorize"), Some(&CREDENTIALS));
        assert_eq!(class_of("POST", "/oauth/token"), Some(&PROGRAMS));
        for path in ["/api/auth/password/forgot", "/api/auth/password/reset", "/api/auth/email/verify"] {
            assert_eq!(class_of("POST", path), Some(&CREDENTIALS));
        }
        assert_eq!(class_of("POST", "/api/auth/password"), Some(&PROVING));
        assert_eq!(class_of("POST", "/api/transactions/transfer"), Some(&MONEY));
        assert_eq!(class_of("POST", "/api/transactions/{id}/capture"), Some(&MONEY));
        assert_eq!(class_of("POST", "/api/transactions/batch"), Some(&BATCH));
        assert_eq!(class_of("GET", "/api/transactions"), Some(&READING));
        assert_eq!(class_of("PUT", "/api/accounts/{id}"), Some(&CHANGING));
        assert_eq!(class_of("GET", "/openapi.json"), Some(&PUBLIC));
        assert_eq!((class_of("GET", "/ready"), class_of("GET", "/metrics")), (Some(&OPERATIONS), Some(&OPERATIONS)));
    }

    #[test]
    fn the_header_tells_quota_and_window() {
        assert_eq!(MONEY.header(), "\"money-address\";q=3000;w=3, \"money-user\";q=1000;w=5");
        assert_eq!(CREDENTIALS.header(), "\"credentials-address\";q=60;w=180");
    }
}
