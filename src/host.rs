//! The host of a web address, in the form in which hosts are compared: lower case, without `www.`, international names as
//! Punycode (<https://url.spec.whatwg.org/#host-parsing>). Nothing here asks the network.

use url::Url;

/// The longest name that the domain name system has (RFC 1035, 2.3.4).
const LONGEST: usize = 253;

/// The host that an address of the web leads to.
pub fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.to_lowercase();
    let bare = host.strip_prefix("www.").unwrap_or(&host).trim_end_matches('.');
    // What is no host without its dots and its `www.` is none: numbers, such as `1.2.3.`, are read otherwise then.
    let is_host = bare.len() == host.len() || Url::parse(&format!("http://{bare}/")).ok()?.host_str()? == bare;
    // A URL may hold signs that no name and no address of a host has.
    let is_named = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
    (is_host && is_named && !bare.is_empty() && bare.len() <= LONGEST).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn hosts_are_of_web_addresses() {
        for (address, expected) in [
            ("https://WWW.News.example/story", Some("news.example")),
            ("http://news.example.:8080/", Some("news.example")),
            ("https://münchen.example", Some("xn--mnchen-3ya.example")),
            ("javascript:alert(1)", None),
            ("mailto:a@news.example", None),
            ("no address", None),
            ("http://a.e....2.", None),
            ("http://www.1.2", None),
            ("http://w%2222no/", None),
            ("http://[::1]:80/", Some("[::1]")),
            ("http://192.0.2.1/", Some("192.0.2.1")),
            ("http://a_b.example", Some("a_b.example")),
        ] {
            assert_eq!(host(address).as_deref(), expected, "{address}");
        }
        assert_eq!(host(&format!("https://{}example", "a.".repeat(1_000_000))), None);
    }
}
