//! URLs and addresses by which somebody would have the bank call its own machines.

use std::net::{IpAddr, SocketAddr};
use webhooks::{Mode, Policy, PolicyError, Refusal, Target, TargetError};

/// What production refuses, each for one of its reasons.
const REFUSED: &[(&str, TargetError)] = &[
    ("", TargetError::Malformed),
    ("hooks.example.com", TargetError::Malformed),
    ("//hooks.example.com/", TargetError::Malformed),
    ("https://", TargetError::Malformed),
    ("https:///", TargetError::Malformed),
    ("https:hooks.example.com/", TargetError::Malformed),
    ("https:/hooks.example.com/", TargetError::Malformed),
    ("https:\\\\hooks.example.com", TargetError::Malformed),
    (" https://hooks.example.com/", TargetError::Malformed),
    ("https://hooks.example.com/ ", TargetError::Malformed),
    ("https://hooks.example.com/\r\nx: y", TargetError::Malformed),
    ("ht\ttps://hooks.example.com/", TargetError::Malformed),
    ("https://hooks.example.com/#part", TargetError::Malformed),
    ("ftp://hooks.example.com/", TargetError::Malformed),
    ("file:///etc/passwd", TargetError::Malformed),
    ("gopher://127.0.0.1:6379/_FLUSHALL", TargetError::Malformed),
    ("data:text/plain,hello", TargetError::Malformed),
    ("javascript:alert(1)", TargetError::Malformed),
    ("unix:///run/docker.sock", TargetError::Malformed),
    ("http://hooks.example.com/", TargetError::Plain),
    ("http://127.0.0.1/", TargetError::Plain),
    ("http://169.254.169.254/latest/meta-data/", TargetError::Plain),
    ("https://user@hooks.example.com/", TargetError::Malformed),
    ("https://user:password@hooks.example.com/", TargetError::Malformed),
    ("https://@hooks.example.com/", TargetError::Malformed),
    ("https://hooks.example.com@127.0.0.1/", TargetError::Malformed),
    ("https://hooks.example.com%40127.0.0.1/", TargetError::Malformed),
    ("https://hooks.example.com\\@127.0.0.1/", TargetError::Malformed),
    ("https://127.0.0.1\\.example.com/", TargetError::Malformed),
    ("https://127.0.0.1#.example.com/", TargetError::Malformed),
    ("https://127.0.0.1:443:8443/", TargetError::Malformed),
    ("https://127.0.0.1/", TargetError::Literal),
    ("https://127.0.0.1:8443/", TargetError::Literal),
    ("https://8.8.8.8/", TargetError::Literal),
    ("https://169.254.169.254/latest/meta-data/", TargetError::Literal),
    ("https://10.0.0.1/", TargetError::Literal),
    ("https://0.0.0.0/", TargetError::Literal),
    ("https://127.1/", TargetError::Malformed),
    ("https://127.0.1/", TargetError::Malformed),
    ("https://127.0.0.1./", TargetError::Malformed),
    ("https://0/", TargetError::Malformed),
    ("https://2130706433/", TargetError::Malformed),
    ("https://4294967295/", TargetError::Malformed),
    ("https://4294967296/", TargetError::Malformed),
    ("https://0x7f000001/", TargetError::Malformed),
    ("https://0x7f.0.0.1/", TargetError::Malformed),
    ("https://0x7f.1/", TargetError::Malformed),
    ("https://017700000001/", TargetError::Malformed),
    ("https://0177.0.0.1/", TargetError::Malformed),
    ("https://0177.0.0.01/", TargetError::Malformed),
    ("https://127.0.0.256/", TargetError::Malformed),
    ("https://1.2.3.4.5/", TargetError::Malformed),
    ("https://127%2e0.0.1/", TargetError::Malformed),
    ("https://%31%32%37.0.0.1/", TargetError::Malformed),
    ("https://①②⑦.⓪.⓪.①/", TargetError::Malformed),
    ("https://127。0。0。1/", TargetError::Malformed),
    ("https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", TargetError::Malformed),
    ("https://hooks.ex\u{e4}mple.com/", TargetError::Malformed),
    ("https://hooks%00.example.com/", TargetError::Malformed),
    ("https://[::1]/", TargetError::Literal),
    ("https://[::]/", TargetError::Literal),
    ("https://[::7f00:1]/", TargetError::Literal),
    ("https://[::ffff:7f00:1]/", TargetError::Literal),
    ("https://[::ffff:127.0.0.1]/", TargetError::Malformed),
    ("https://[0:0:0:0:0:0:0:1]/", TargetError::Malformed),
    ("https://[64:ff9b::7f00:1]/", TargetError::Literal),
    ("https://[2002:7f00:1::]/", TargetError::Literal),
    ("https://[fd00:ec2::254]/", TargetError::Literal),
    ("https://[fe80::1]/", TargetError::Literal),
    ("https://[fe80::1%25eth0]/", TargetError::Malformed),
    ("https://[::1]:22/", TargetError::Port),
    ("https://[::1/", TargetError::Malformed),
    ("https://localhost/", TargetError::Name),
    ("https://LOCALHOST/", TargetError::Name),
    ("https://localhost./", TargetError::Name),
    ("https://a.localhost/", TargetError::Name),
    ("https://metadata/", TargetError::Name),
    ("https://metadata.google.internal/", TargetError::Name),
    ("https://printer.local/", TargetError::Name),
    ("https://router.home.arpa/", TargetError::Name),
    ("https://hidden.onion/", TargetError::Name),
    ("https://hooks.example.com./", TargetError::Name),
    ("https://hooks..example.com/", TargetError::Name),
    ("https://.example.com/", TargetError::Name),
    ("https://-hooks.example.com/", TargetError::Name),
    ("https://hooks_.example.com/", TargetError::Name),
    ("https://*.example.com/", TargetError::Name),
    ("https://hooks.example.com:22/", TargetError::Port),
    ("https://hooks.example.com:25/", TargetError::Port),
    ("https://hooks.example.com:80/", TargetError::Port),
    ("https://hooks.example.com:1023/", TargetError::Port),
    ("https://hooks.example.com:0/", TargetError::Port),
    ("https://hooks.example.com:/", TargetError::Malformed),
    ("https://hooks.example.com:00443/", TargetError::Malformed),
    ("https://hooks.example.com:65979/", TargetError::Malformed),
    ("https://hooks.example.com:-1/", TargetError::Malformed),
];

fn production() -> Policy {
    policy(Mode::Production, "", &["93.184.216.34:8443"])
}

fn sandbox(allowed: &str) -> Policy {
    policy(Mode::Sandbox, allowed, &["0.0.0.0:8080", "[::1]:9090"])
}

fn policy(mode: Mode, allowed: &str, own: &[&str]) -> Policy {
    let own = own.iter().map(|address| address.parse().expect("an address with a port")).collect();
    Policy::new(mode, allowed, own).expect("a policy")
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().expect("an address")).collect()
}

#[test]
fn production_refuses_every_hostile_url() {
    assert!(REFUSED.len() >= 60);
    for (text, reason) in REFUSED {
        assert_eq!(Target::parse(text, &production()).err(), Some(*reason), "{text:?}");
    }
    let long = format!("https://hooks.example.com/{}", "a".repeat(1_000));
    assert_eq!(Target::parse(&long, &production()), Err(TargetError::Malformed));
}

#[test]
fn production_takes_names_of_the_public_internet() {
    let table = [
        ("https://hooks.example.com", "hooks.example.com", 443, "hooks.example.com", "/"),
        ("https://hooks.example.com:443/a", "hooks.example.com", 443, "hooks.example.com", "/a"),
        ("https://hooks.example.com:8443/a?b=c", "hooks.example.com", 8443, "hooks.example.com:8443", "/a?b=c"),
        ("https://HOOKS.example.com:1024/@x", "hooks.example.com", 1024, "hooks.example.com:1024", "/@x"),
        ("https://xn--bcher-kva.example.com/", "xn--bcher-kva.example.com", 443, "xn--bcher-kva.example.com", "/"),
        ("https://hooks.example.com?to=127.0.0.1", "hooks.example.com", 443, "hooks.example.com", "/?to=127.0.0.1"),
    ];
    for (text, name, port, authority, path) in table {
        let target = Target::parse(text, &production()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((target.name(), target.port()), (name, port), "{text}");
        assert_eq!((target.authority(), target.path()), (authority, path), "{text}");
        assert!(target.is_encrypted() && target.literal().is_none(), "{text}");
    }
}

#[test]
fn a_sandbox_calls_inner_addresses_only_where_allowed() {
    for text in
        ["http://127.0.0.1:9000/", "http://[::ffff:7f00:1]:9000/", "http://10.0.0.1:9000/", "http://[::1]:9000/"]
    {
        assert_eq!(Target::parse(text, &sandbox("")).err(), Some(TargetError::Address), "{text}");
    }
    let allowing = sandbox("127.0.0.0/8, ::1/128");
    for text in
        ["http://127.0.0.1:9000/", "http://[::ffff:7f00:1]:9000/", "http://[::1]:9000/", "http://localhost:9000/"]
    {
        assert!(Target::parse(text, &allowing).is_ok(), "{text}");
    }
    for text in ["http://10.0.0.1:9000/", "http://127.0.0.1:8080/", "http://[::1]:8080/", "http://[::1]:9090/"] {
        assert_eq!(Target::parse(text, &allowing).err(), Some(TargetError::Address), "{text}");
    }
    assert_eq!(Target::parse("http://127.1:9000/", &allowing).err(), Some(TargetError::Malformed));
}

#[test]
fn a_name_is_called_if_all_of_its_addresses_may_be() {
    let table: [(&[&str], Result<usize, Refusal>); 9] = [
        (&["8.8.8.8"], Ok(1)),
        (&["8.8.8.8", "2606:4700::1"], Ok(2)),
        (&[], Err(Refusal::Unresolved)),
        (&["127.0.0.1"], Err(Refusal::NotPublic)),
        (&["8.8.8.8", "127.0.0.1"], Err(Refusal::NotPublic)),
        (&["2606:4700::1", "fd00::1"], Err(Refusal::NotPublic)),
        (&["::ffff:169.254.169.254"], Err(Refusal::NotPublic)),
        (&["93.184.216.34"], Err(Refusal::NotPublic)),
        (&["::ffff:93.184.216.34"], Err(Refusal::NotPublic)),
    ];
    for (resolved, expected) in table {
        let judged = production().judge(&addresses(resolved), 8443);
        assert_eq!(judged.map(|judged| judged.len()), expected, "{resolved:?}");
    }
    let many = vec![IpAddr::from([8, 8, 8, 8]); 33];
    assert_eq!(production().judge(&many, 443), Err(Refusal::TooManyAddresses));
    let mapped = production().judge(&addresses(&["::ffff:8.8.8.8"]), 443).unwrap();
    assert_eq!(mapped, vec!["8.8.8.8:443".parse::<SocketAddr>().unwrap()]);
}

#[test]
fn production_allows_no_networks_by_setting() {
    assert_eq!(Policy::new(Mode::Production, "127.0.0.0/8", vec![]), Err(PolicyError::InProduction));
    assert!(Policy::new(Mode::Production, " , ", vec![]).is_ok());
    assert_eq!(Policy::new(Mode::Sandbox, "127.0.0.1", vec![]), Err(PolicyError::Network("127.0.0.1".to_owned())));
    let many = vec!["10.0.0.0/8"; 17].join(",");
    assert_eq!(Policy::new(Mode::Sandbox, &many, vec![]), Err(PolicyError::TooMany));
}
