//! Which addresses a request may connect to.
//!
//! A hashtag tool follows addresses that strangers wrote. None of them may lead into the network that it runs in, so
//! the address itself is checked, not the name: literal ones before sending, looked-up ones between the look-up and
//! the connection. The one exception is a host that the configuration names in `allow_private`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Whether an address belongs to the public internet: not private, loopback, link-local, shared (CGNAT), multicast,
/// reserved, for documentation, or an IPv6 form that hides such an IPv4 address. From IANA's special-purpose
/// registries (RFC 6890).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && b & 0xc0 == 64)
        || (a == 198 && b & 0xfe == 18)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let [x, y] = high.to_be_bytes();
        let [z, w] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(x, y, z, w))
    };
    match (a, b) {
        // NAT64 (RFC 6052): how an IPv6-only network reaches a public IPv4 host.
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => v4(g, h),
        // 6to4 (RFC 3056).
        (0x2002, _) => v4(b, c),
        // Protocol assignments (Teredo, benchmarking, ORCHID) and documentation.
        (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000) => false,
        // Global unicast. What is outside (mapped IPv4, unique local, link-local, multicast) is not.
        _ => a & 0xe000 == 0x2000,
    }
}

/// Hosts that the configuration names, which may have any address.
#[derive(Debug, Clone, Default)]
pub(super) struct AllowPrivate(Vec<(Host, Option<u16>)>);

impl AllowPrivate {
    /// Reads entries of the form `host` or `host:port`; gives back the entry that is neither.
    pub(super) fn new(entries: &[String]) -> Result<AllowPrivate, String> {
        entries
            .iter()
            .map(|entry| parse(entry).ok_or_else(|| entry.clone()))
            .collect::<Result<_, _>>()
            .map(AllowPrivate)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the host (and port) of an address is named.
    pub(super) fn names(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let port = url.port_or_known_default();
        self.0.iter().any(|(name, only)| *name == host && (only.is_none() || *only == port))
    }
}

/// `localhost`, `127.0.0.1:8101`, `::1`, `[::1]:8101`.
pub(super) fn parse(entry: &str) -> Option<(Host, Option<u16>)> {
    if let Ok(address) = entry.parse::<Ipv6Addr>() {
        return Some((Host::Ipv6(address), None));
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if !entry.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (entry, None),
    };
    Some((Host::parse(host).ok()?, port))
}

/// The literal address that a URL names, if it names one, in whatever notation (`url` reads them all).
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    }
}

/// A name leads only to private addresses.
#[derive(Debug, thiserror::Error)]
#[error("{name} leads to {address}")]
pub(super) struct PrivateName {
    name: String,
    address: IpAddr,
}

/// Looks names up with the system's resolver and gives only public addresses on. What is given is what is connected
/// to, so that a name cannot change its mind in between.
#[derive(Debug)]
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let host = name.clone();
            let found = tokio::task::spawn_blocking(move || (host.as_str(), 0).to_socket_addrs()).await??;
            let (public, private): (Vec<SocketAddr>, Vec<SocketAddr>) = found.partition(|a| is_public(a.ip()));
            match (public.is_empty(), private.first()) {
                (false, _) => Ok(Box::new(public.into_iter()) as Addrs),
                (true, Some(address)) => Err(PrivateName { name, address: address.ip() }.into()),
                (true, None) => Err(io::Error::new(io::ErrorKind::NotFound, format!("{name} has no address")).into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_and_private() {
        let public = "1.1.1.1 93.184.216.34 100.63.0.1 100.128.0.1 172.15.0.1 172.32.0.1 198.17.0.1 198.20.0.1 \
                      192.0.1.1 223.255.255.255 2606:4700::1111 2001:200::1 64:ff9b::101:101 2002:101:101::1";
        let private = "0.0.0.0 0.1.2.3 10.0.0.1 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 \
                       192.168.1.1 100.64.0.1 100.127.255.255 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.19.0.1 \
                       198.51.100.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 \
                       :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:1.1.1.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 \
                       64:ff9b:1::101:101 100::1 2001::1 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1::1 \
                       2002:c0a8:101::1 3fff::1 fc00::1 fd12::1 fe80::1 fec0::1 ff02::1";
        let check = |list: &str| -> Vec<(String, bool)> {
            list.split_whitespace().map(|a| (a.to_owned(), is_public(a.parse().unwrap()))).collect()
        };
        for (address, verdict) in check(public) {
            assert!(verdict, "{address} is public");
        }
        for (address, verdict) in check(private) {
            assert!(!verdict, "{address} is not public");
        }
    }

    #[test]
    fn a_literal_is_seen_in_every_notation() {
        for text in ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "１２７.0.0.1"] {
            let url = Url::parse(&format!("http://{text}/")).unwrap();
            assert_eq!(literal(&url), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), "{text}");
        }
        assert_eq!(literal(&Url::parse("http://[::1]:80/").unwrap()), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        assert_eq!(literal(&Url::parse("http://localhost/").unwrap()), None);
    }

    #[test]
    fn a_named_host_is_allowed_with_its_port() {
        let entries = ["LocalHost:8101", "127.0.0.1", "[::1]:9", "::2", "https.test:443"].map(String::from);
        let allow = AllowPrivate::new(&entries).unwrap();
        let names = |url: &str| allow.names(&Url::parse(url).unwrap());
        for url in ["http://localhost:8101/", "http://127.0.0.1:1/", "http://2130706433/", "http://[::1]:9/"] {
            assert!(names(url), "{url}");
        }
        assert!(names("https://https.test/") && names("http://[::2]/"));
        for url in ["http://localhost/", "http://localhost:81/", "http://a.localhost:8101/", "http://[::1]/"] {
            assert!(!names(url), "{url}");
        }
        for wrong in ["", "a b", "localhost:http", "localhost:99999", "http://localhost"] {
            assert_eq!(AllowPrivate::new(&[wrong.to_owned()]).unwrap_err(), wrong);
        }
    }
}
