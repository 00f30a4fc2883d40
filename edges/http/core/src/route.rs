//! What a route is: everything that stands about it in its row of a table, and the macro that makes a table of rows.
//! The tables themselves are in `routes/`; nothing anywhere finds a route by comparing its path.

pub use identity::Scope;

use crate::ErrorCode;
use axum::http::StatusCode;
use identity::Role;

/// One route of the API: all that is known of it before it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    /// The method, `GET`.
    pub method: &'static str,
    /// The path with its placeholders, `/api/accounts/{id}`.
    pub path: &'static str,
    /// The query parameters that it knows; `None`: it takes any.
    pub query: Option<&'static [&'static str]>,
    /// Who may call it.
    pub who: Who,
    /// How far their credential has to reach.
    pub needs: Needs,
    /// What kind of work it is.
    pub work: Work,
    /// How it fails besides the ways that follow from the rest of the row; `None`: in the words of a protocol of its own.
    pub failures: Option<&'static [Failure]>,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody, also without a credential.
    Public,
    /// Whoever is known, of any role.
    Everyone,
    /// Whoever is known, of any role, also on the way to the second factor that this bank asks for.
    Enrolling,
    /// Who may move money and change accounts: customers theirs, and the staff that serves them.
    Movers,
    /// Whoever works for the bank.
    Staff,
    /// The staff that serves customers.
    Tellers,
    /// Who may look at security events: auditors and administrators.
    Auditors,
    /// Who may look at the business as a whole: analysts, and those who run or check the bank.
    Analysts,
    /// Administrators.
    Admins,
}

/// How far a credential has to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// There is none to look at.
    Nothing,
    /// A session, or a key, a grant or a token of the trusted issuer with this scope.
    Scope(Scope),
    /// A login of the person themselves here: nothing else may do this.
    Session,
    /// A session whose holder proved within the last minutes who they are (RFC 9470).
    FreshSession,
}

/// What kind of work a route is. It says how much of it anybody may ask for (`limits/class.rs`), and whether money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Says that the process runs: it costs nothing, and balancers ask all the time.
    Health,
    /// Says how the bank is to those who run it, on a listener of their own where there is one.
    Operations,
    /// Pages and documents for everybody.
    Documents,
    /// Guesses or makes credentials, while nothing but the address is known.
    Credentials,
    /// Serves programs with secrets that nobody guesses; many of their users come from one address.
    Programs,
    /// Shows what is there.
    Reading,
    /// Changes accounts, sessions, settings: anything but money.
    Changing,
    /// Proves once more who one is.
    Proving,
    /// Tells somebody's name by the number of their account.
    LookingUp,
    /// Moves money, or asks for it to be moved: under an idempotency key.
    Money,
    /// The same a thousand times in one request.
    Batch,
    /// Sets what a sandbox alone can set: under an idempotency key.
    Simulation,
}

/// A way to fail that belongs to a route alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Failure {
    /// The code.
    pub code: ErrorCode,
    /// The status with which it comes here.
    pub status: StatusCode,
}

impl RouteSpec {
    /// Whether it moves money.
    pub const fn moves_money(&self) -> bool {
        matches!(self.work, Work::Money | Work::Batch)
    }

    /// Whether it needs an `Idempotency-Key`.
    pub const fn needs_key(&self) -> bool {
        self.moves_money() || matches!(self.work, Work::Simulation)
    }

    /// Whether it says how the bank is, and nothing of anybody.
    pub const fn is_of_operations(&self) -> bool {
        matches!(self.work, Work::Operations | Work::Health)
    }

    /// Whether it is for those who run the bank alone, where they have a listener of their own.
    pub const fn is_for_operators(&self) -> bool {
        matches!(self.work, Work::Operations)
    }
}

impl Who {
    /// The roles that may call; none is needed where everybody may.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Public => &[],
            Self::Everyone | Self::Enrolling => &Role::ALL,
            Self::Movers => &[Role::Customer, Role::Teller, Role::Admin],
            Self::Staff => &[Role::Teller, Role::Analyst, Role::Admin, Role::Auditor],
            Self::Tellers => &[Role::Teller, Role::Admin],
            Self::Auditors => &[Role::Admin, Role::Auditor],
            Self::Analysts => &[Role::Analyst, Role::Admin, Role::Auditor],
            Self::Admins => &[Role::Admin],
        }
    }
}

impl Work {
    /// The word for it in the table of routes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Operations => "operations",
            Self::Documents => "documents",
            Self::Credentials => "credentials",
            Self::Programs => "programs",
            Self::Reading => "reading",
            Self::Changing => "changing",
            Self::Proving => "proving",
            Self::LookingUp => "looking up",
            Self::Money => "money",
            Self::Batch => "batch",
            Self::Simulation => "simulation",
        }
    }
}

/// The number of rows in all tables.
pub const fn count(tables: &[&[RouteSpec]]) -> usize {
    let (mut count, mut table) = (0, 0);
    while table < tables.len() {
        count += tables[table].len();
        table += 1;
    }
    count
}

/// The rows of all tables as one; there must be `N` of them, see [`count`].
pub const fn joined<const N: usize>(tables: &[&[RouteSpec]]) -> [RouteSpec; N] {
    let mut rows = [tables[0][0]; N];
    let (mut place, mut table) = (0, 0);
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            rows[place] = tables[table][row];
            (place, row) = (place + 1, row + 1);
        }
        table += 1;
    }
    assert!(place == N, "the tables have as many rows as were counted");
    rows
}

/// Makes a table of routes. A row is a method, a path, `?` and the query parameters (`*`: any), `=>`, who may call, what
/// their credential needs (a name of [`Needs`] or a scope), the kind of work, the handler, and after `!` in brackets the
/// failures that belong to it alone, with `@` and a status where that is not the code's usual one (`*`: those of a protocol).
///
/// It becomes `ROUTES`, the rows; `described()`, what the handlers say of themselves; and `router`, which puts every
/// handler behind its gate. So a route that stands in a table is served, described, limited and tested.
#[macro_export]
macro_rules! routes {
    ($visibility:vis for $state:ty; $(
        $method:ident $path:literal $(? $($query:tt)&+)?
            => $who:ident $needs:ident $work:ident $($handler:ident)::+ $(! $failures:tt)?;
    )*) => {
        /// Every route of this table.
        $visibility const ROUTES: &[$crate::route::RouteSpec] = &[$($crate::route::RouteSpec {
            method: stringify!($method),
            path: $path,
            query: $crate::__query!($($($query)&+)?),
            who: $crate::route::Who::$who,
            needs: $crate::__needs!($needs),
            work: $crate::route::Work::$work,
            failures: $crate::__failures!($($failures)?),
        }),*];

        /// What the handlers say of themselves.
        $visibility fn described() -> utoipa::openapi::OpenApi {
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($($handler)::+),*))]
            struct Documented;
            <Documented as utoipa::OpenApi>::openapi()
        }

        /// Every route of this table, each behind its gate.
        $visibility fn router(gates: &$crate::gate::Gates) -> axum::Router<$state> {
            let mut specs = ROUTES.iter();
            let mut gate = || gates.before(specs.next().expect("there is one for each route"));
            axum::Router::new()
                $(.route($path, axum::routing::on(axum::routing::MethodFilter::$method, $($handler)::+).route_layer(gate())))*
        }
    };
}

/// A need by its name, or a scope by its.
#[doc(hidden)]
#[macro_export]
macro_rules! __needs {
    (Nothing) => {
        $crate::route::Needs::Nothing
    };
    (Session) => {
        $crate::route::Needs::Session
    };
    (FreshSession) => {
        $crate::route::Needs::FreshSession
    };
    ($scope:ident) => {
        $crate::route::Needs::Scope($crate::route::Scope::$scope)
    };
}

/// The query parameters that a route knows.
#[doc(hidden)]
#[macro_export]
macro_rules! __query {
    (*) => {
        None
    };
    ($($query:tt)&*) => {
        Some(&[$(stringify!($query)),*])
    };
}

/// The failures that belong to a route alone.
#[doc(hidden)]
#[macro_export]
macro_rules! __failures {
    (*) => {
        None
    };
    () => {
        Some(&[])
    };
    ([$($code:ident $(@ $status:ident)?)+]) => {
        Some(&[$($crate::__failure!($code $($status)?)),+])
    };
}

/// A failure with its usual status, or with another.
#[doc(hidden)]
#[macro_export]
macro_rules! __failure {
    ($code:ident) => {
        $crate::route::Failure { code: $crate::ErrorCode::$code, status: $crate::ErrorCode::$code.status() }
    };
    ($code:ident $status:ident) => {
        $crate::route::Failure { code: $crate::ErrorCode::$code, status: axum::http::StatusCode::$status }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: RouteSpec = RouteSpec {
        method: "GET",
        path: "/",
        query: None,
        who: Who::Public,
        needs: Needs::Nothing,
        work: Work::Documents,
        failures: None,
    };

    #[test]
    fn tables_are_joined_in_their_order() {
        const TABLES: &[&[RouteSpec]] =
            &[&[ROW], &[], &[RouteSpec { path: "/a", ..ROW }, RouteSpec { path: "/b", ..ROW }]];
        let rows: [RouteSpec; count(TABLES)] = joined(TABLES);
        assert_eq!(rows.map(|row| row.path), ["/", "/a", "/b"]);
    }
}
