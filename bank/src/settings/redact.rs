//! URLs as they may be shown.

/// What stands in the place of a secret.
pub(super) const LEFT_OUT: char = '…';

/// The URL with the password, and whatever its query may hide, left out.
pub(super) fn redact_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (address, query) = rest.split_once('?').map_or((rest, ""), |(address, _)| (address, "?…"));
    match address.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user.to_owned(), |(user, _)| format!("{user}:…"));
            format!("{scheme}://{user}@{host}{query}")
        }
        None => format!("{scheme}://{address}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(redact_url("postgres://bank:p:ss@db:5432/florin?x=1"), "postgres://bank:…@db:5432/florin?…");
        assert_eq!(redact_url("postgres://db/florin"), "postgres://db/florin");
        assert_eq!(redact_url("sqlite:/var/florin.db"), "sqlite:/var/florin.db");
        assert_eq!(redact_url("redis://:secret@cache:6379/1"), "redis://:…@cache:6379/1");
    }
}
