//! Where a request comes from: the peer of the connection, or, if that is a trusted proxy, the nearest address of
//! `X-Forwarded-For` that is not one. Throttles and rate limits count by blocks of addresses.

use std::net::{AddrParseError, IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl FromStr for TrustedProxies {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, AddrParseError> {
        let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        text.split(',').map(|part| network(part.trim())).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    fn has(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client's address; `None` if the connection has no peer.
    fn client(&self, parts: &Parts) -> Option<IpAddr> {
        let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
        let mut client = peer.ip().to_canonical();
        let headers = parts.headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = headers.flat_map(|value| value.split(',')).collect();
        for hop in hops.into_iter().rev() {
            let named = hop.trim().parse::<IpAddr>().map(|address| address.to_canonical());
            match named {
                Ok(address) if self.has(client) => client = address,
                _ => break,
            }
        }
        Some(client)
    }

    /// The block of addresses that counts as one caller: /24 of IPv4, /48 of IPv6.
    #[must_use]
    pub fn network(&self, parts: &Parts) -> String {
        match self.client(parts) {
            Some(IpAddr::V4(v4)) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            Some(IpAddr::V6(v6)) => {
                let [a, b, c, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
            None => "unknown".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::extract::ConnectInfo;
    use axum::http::Request;

    use super::{FORWARDED_FOR, TrustedProxies};

    fn network(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut request = Request::new(());
        for value in forwarded {
            request.headers_mut().append(FORWARDED_FOR, value.parse().unwrap());
        }
        let mut parts = request.into_parts().0;
        parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        let trusted = if trusted.is_empty() { TrustedProxies::default() } else { trusted.parse().unwrap() };
        trusted.network(&parts)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        let check = |trusted, peer, forwarded: &[&str], expected| {
            assert_eq!(network(trusted, peer, forwarded), expected, "{trusted} {peer} {forwarded:?}");
        };
        check("", "192.0.2.7", &[], "192.0.2.0/24");
        check("", "192.0.2.7", &["198.51.100.1"], "192.0.2.0/24");
        check("10.0.0.1", "10.0.0.1", &["198.51.100.1"], "198.51.100.0/24");
        check("10.0.0.0/8", "10.0.0.1", &["203.0.113.9, 198.51.100.1, 10.2.3.4"], "198.51.100.0/24");
        check("10.0.0.0/8", "10.0.0.1", &["203.0.113.9", "198.51.100.1"], "198.51.100.0/24");
        check("10.0.0.0/8", "10.0.0.1", &["198.51.100.1, nonsense"], "10.0.0.0/24");
        check("10.0.0.0/8", "192.0.2.7", &["198.51.100.1"], "192.0.2.0/24");
        check("::1, 127.0.0.1", "::1", &["2001:db8:1:2::3"], "2001:db8:1::/48");
        check("127.0.0.1", "::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.0/24");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_no_list() {
        for text in ["", "proxy.example", "10.0.0.0/33", "10.0.0.1,,10.0.0.2"] {
            assert!(text.parse::<TrustedProxies>().is_err(), "{text}");
        }
    }
}
