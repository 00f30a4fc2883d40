//! Which addresses are inside, and which ones the internet can reach.

use std::net::IpAddr;

/// Whether nobody on the internet can reach the address: loopback, private (RFC 1918, 4193), link-local, or shared behind a
/// provider (RFC 6598).
pub(crate) fn is_inside(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let is_shared = ip.octets()[0] == 100 && ip.octets()[1] & 0b1100_0000 == 64;
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || is_shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Whether the host of a URL, with its port, is this machine.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host of a `redis://` URL, with its port, where it is another machine: what goes there can be read on the way.
pub(crate) fn host_in_the_clear(url: &str) -> Option<&str> {
    let authority = url.strip_prefix("redis://")?.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!is_loopback_host(host)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redis_on_another_machine_is_told_from_one_here_or_behind_tls() {
        for here in
            ["redis://127.0.0.1:6379", "redis://:word@localhost:6379/1", "redis://[::1]:6379", "rediss://cache:6379"]
        {
            assert_eq!(host_in_the_clear(here), None, "{here}");
        }
        for elsewhere in
            ["redis://cache", "redis://10.0.0.7:6379/0", "redis://localhost@cache:1/", "redis://127.0.0.1.example/"]
        {
            assert!(host_in_the_clear(elsewhere).is_some(), "{elsewhere}");
        }
    }

    #[test]
    fn addresses_inside_are_told_from_those_of_the_internet() {
        for inside in
            ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "::1", "fd00::1"]
        {
            assert!(is_inside(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["0.0.0.0", "::", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(!is_inside(outside.parse().unwrap()), "{outside}");
        }
    }
}
