//! What a trusted proxy says of the client that it forwards for, in `X-Forwarded-For` or `Forwarded` (RFC 7239). A request
//! that was forwarded never counts as the proxy's own: where it is not clear whose it is, it is refused.

use super::{ClientAddress, Networks};
use crate::problem::{Outcome, Problem};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, header};
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// More proxies than anybody puts in a row.
const HOPS_MAX: usize = 16;

/// The header in which trusted proxies say for whom they forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// One of them or both. Most proxies write one and hand on the other as the client sent it, so both have to agree.
    #[default]
    Either,
    /// `X-Forwarded-For` alone; the other is not looked at.
    XForwardedFor,
    /// `Forwarded` alone; the other is not looked at.
    Forwarded,
}

/// Who may say for whom it forwards, and where.
#[derive(Clone, Debug)]
pub(crate) struct Proxies {
    pub(crate) trusted: Networks,
    pub(crate) header: ForwardedHeader,
}

/// Who sends a request, as far as can be told.
#[derive(Debug)]
pub(crate) enum Sender {
    /// Whoever has the address.
    Client(ClientAddress),
    /// A trusted proxy that does not say that it forwards for anybody: it may be the proxy that asks how the bank is.
    Proxy(ClientAddress),
    /// A trusted proxy forwards, and does not say for whom in a way that can be believed.
    Unclear(Problem),
}

impl Proxies {
    /// Finds out who sends the request, and puts the client's address in the place of a trusted proxy's.
    pub(crate) fn sender_of(&self, request: &mut Request) -> Sender {
        let peer = request.extensions().get::<ClientAddress>().copied().unwrap_or(ClientAddress::NONE);
        if !self.trusted.contains(peer.0) {
            return Sender::Client(peer);
        }
        match self.client(request.headers()) {
            Ok(Some(client)) => {
                request.extensions_mut().insert(client);
                Sender::Client(client)
            }
            Ok(None) => Sender::Proxy(peer),
            Err(problem) => Sender::Unclear(problem),
        }
    }

    /// The client that is forwarded for; `None` where nobody says so.
    fn client(&self, headers: &HeaderMap) -> Outcome<Option<ClientAddress>> {
        let x_forwarded_for = || self.told_by(headers, X_FORWARDED_FOR, hop);
        let forwarded = || self.told_by(headers, header::FORWARDED, forwarded_for);
        match self.header {
            ForwardedHeader::XForwardedFor => x_forwarded_for(),
            ForwardedHeader::Forwarded => forwarded(),
            ForwardedHeader::Either => match (x_forwarded_for()?, forwarded()?) {
                (Some(one), Some(other)) if one != other => {
                    Err(Problem::invalid("Forwarded", "names another client than X-Forwarded-For"))
                }
                (one, other) => Ok(one.or(other)),
            },
        }
    }

    fn told_by(
        &self,
        headers: &HeaderMap,
        name: HeaderName,
        read: impl Fn(&str) -> Option<IpAddr>,
    ) -> Outcome<Option<ClientAddress>> {
        if !headers.contains_key(&name) {
            return Ok(None);
        }
        let hops = elements(headers, &name).map(|element| read(element?));
        let client = rightmost_untrusted(hops, &self.trusted);
        let title = if name == header::FORWARDED { "Forwarded" } else { "X-Forwarded-For" };
        client.map(Some).ok_or_else(|| Problem::invalid(title, "does not name the client's address"))
    }
}

/// Follows the chain from its end as long as those who speak are trusted; `None` where one of them does not name an address.
fn rightmost_untrusted(hops: impl Iterator<Item = Option<IpAddr>>, trusted: &Networks) -> Option<ClientAddress> {
    let mut client = None;
    for (count, hop) in hops.enumerate() {
        let address = ClientAddress::of_peer(hop?);
        if !trusted.contains(address.0) {
            return Some(address);
        }
        if count == HOPS_MAX {
            return None;
        }
        client = Some(address);
    }
    client
}

/// The elements of a list that may be spread over header lines, last first. Commas inside quotes end an element too:
/// a quote that a client left open cannot swallow what a proxy appended.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Option<&'a str>> {
    let lines = headers.get_all(name).into_iter().rev();
    lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',').map(|element| std::str::from_utf8(element).ok()))
}

/// The `for` of one element: `for="[2001:db8::1]:4711";proto=https`. Hidden, unknown and repeated ones are `None`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut of_client = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = of_client.next()?;
    if of_client.next().is_some() {
        return None;
    }
    hop(value.trim().trim_matches('"'))
}

/// An address with or without a port, in brackets or not.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use std::str::FromStr as _;

    const PROXY: &str = "10.0.0.1";
    const STRANGER: &str = "203.0.113.9";
    /// It is not clear whose request it is.
    const REFUSED: &str = "refused";
    /// Nobody is forwarded for.
    const ITSELF: &str = "the proxy itself";

    /// Who a request from the peer is taken to come from, when 10.0.0.0/8 and fd00::/8 are trusted.
    fn sender(header: ForwardedHeader, peer: &str, headers: &[(&str, &str)]) -> String {
        let mut request = Request::new(Body::empty());
        for (name, value) in headers {
            let name = HeaderName::from_str(name).unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        request.extensions_mut().insert(ClientAddress::of_peer(peer.parse().unwrap()));
        let proxies = Proxies { trusted: "10.0.0.0/8, fd00::/8".parse().unwrap(), header };
        match proxies.sender_of(&mut request) {
            Sender::Client(client) => {
                assert_eq!(request.extensions().get::<ClientAddress>(), Some(&client));
                client.ip().to_string()
            }
            Sender::Proxy(proxy) => {
                assert_eq!(proxy.ip().to_string(), peer);
                ITSELF.to_owned()
            }
            Sender::Unclear(problem) => {
                assert_eq!(problem.http_status(), 400);
                REFUSED.to_owned()
            }
        }
    }

    fn client(peer: &str, headers: &[(&str, &str)]) -> String {
        sender(ForwardedHeader::Either, peer, headers)
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        for header in [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4"), ("forwarded", "x")] {
            assert_eq!(client(STRANGER, &[header]), STRANGER);
        }
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_client_and_not_about_what_that_one_made_up() {
        for (text, expected) in [
            ("1.2.3.4", "1.2.3.4"),
            ("6.6.6.6, 1.2.3.4", "1.2.3.4"),
            ("unknown, 1.2.3.4", "1.2.3.4"),
            (",1.2.3.4", "1.2.3.4"),
            ("6.6.6.6, 1.2.3.4, 10.0.0.2,10.9.9.9", "1.2.3.4"),
            ("10.0.0.7, 10.0.0.8", "10.0.0.7"),
            ("1.2.3.4:4711", "1.2.3.4"),
            ("[2001:db8::5]:4711", "2001:db8::5"),
            ("2001:db8::5", "2001:db8::5"),
            ("[2001:db8::5]", "2001:db8::5"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
        ] {
            assert_eq!(client(PROXY, &[("x-forwarded-for", text)]), expected, "{text}");
        }
    }

    #[test]
    fn a_request_that_is_forwarded_for_nobody_known_is_refused() {
        for text in
            ["1.2.3.4, unknown", "1.2.3.4, unknown, 10.0.0.3", "", ",,,", "1.2.3.4,", "1.2.3.4 5.6.7.8", "_hidden", "x"]
        {
            assert_eq!(client(PROXY, &[("x-forwarded-for", text)]), REFUSED, "{text}");
        }
        for text in ["x", "", "for=unknown", "for=_hidden", "for=unknown, for=10.0.0.5", "by=1.2.3.4", "for=", "for=;"]
        {
            assert_eq!(client(PROXY, &[("forwarded", text)]), REFUSED, "{text}");
        }
        assert_eq!(client(PROXY, &[("forwarded", "for=1.2.3.4;for=6.6.6.6")]), REFUSED);
    }

    #[test]
    fn who_does_not_say_that_it_forwards_may_be_the_proxy_itself() {
        assert_eq!(client(PROXY, &[]), ITSELF);
        assert_eq!(client(PROXY, &[("via", "1.1 proxy")]), ITSELF);
    }

    #[test]
    fn the_standard_header_is_read_with_its_quotes_and_parameters() {
        for (text, expected) in [
            ("for=1.2.3.4", "1.2.3.4"),
            ("For=\"1.2.3.4:80\";proto=https;by=10.0.0.1", "1.2.3.4"),
            ("proto=https; for=\"[2001:db8::5]:4711\"", "2001:db8::5"),
            ("for=6.6.6.6, for=1.2.3.4", "1.2.3.4"),
            ("for=\"6.6.6.6, for=1.2.3.4", "1.2.3.4"),
        ] {
            assert_eq!(client(PROXY, &[("forwarded", text)]), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_one_list_and_headers_that_disagree_are_refused() {
        assert_eq!(client(PROXY, &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4")]), "1.2.3.4");
        assert_eq!(client(PROXY, &[("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4")]), "1.2.3.4");
        for forwarded in ["for=6.6.6.6", "x", "for=unknown", "for=10.0.0.1", ""] {
            let headers = [("x-forwarded-for", "1.2.3.4"), ("forwarded", forwarded)];
            assert_eq!(client(PROXY, &headers), REFUSED, "{forwarded}");
        }
        assert_eq!(client(PROXY, &[("x-forwarded-for", "unknown"), ("forwarded", "for=1.2.3.4")]), REFUSED);
    }

    #[test]
    fn the_one_header_that_is_named_is_the_only_one_that_is_looked_at() {
        let both = [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=6.6.6.6")];
        assert_eq!(sender(ForwardedHeader::XForwardedFor, PROXY, &both), "1.2.3.4");
        assert_eq!(sender(ForwardedHeader::Forwarded, PROXY, &both), "6.6.6.6");
        assert_eq!(sender(ForwardedHeader::Forwarded, PROXY, &both[..1]), ITSELF);
        assert_eq!(sender(ForwardedHeader::XForwardedFor, PROXY, &[("x-forwarded-for", "unknown"), both[1]]), REFUSED);
    }

    #[test]
    fn a_chain_without_end_is_not_followed() {
        let long = vec!["10.0.0.9"; 100_000].join(",");
        assert_eq!(client(PROXY, &[("x-forwarded-for", &format!("1.2.3.4,{long}"))]), REFUSED);
    }
}
