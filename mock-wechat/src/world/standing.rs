//! What WeChat allows an account: from which addresses it may fetch tokens, and which APIs answer it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// How WeChat thinks of an account. It goes on getting tokens and pushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// As it should.
    #[default]
    Good,
    /// It broke WeChat's rules: every API that takes its token answers 48004.
    Irregular,
    /// It is restricted: every API that takes its token answers 50002.
    Limited,
}

/// 服务号 or 订阅号.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceType {
    /// 服务号.
    #[default]
    Service,
    /// 订阅号. An unverified one cannot send message menus.
    Subscription,
}

/// Whether a white list has the address; an empty one has all.
pub(super) fn lists(white_list: &[String], address: IpAddr) -> bool {
    white_list.is_empty()
        || white_list.iter().filter_map(|entry| Network::parse(entry)).any(|n| n.has(address))
}

/// Whether it is an address or a network.
pub(super) fn is_entry(entry: &str) -> bool {
    Network::parse(entry).is_some()
}

/// Addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    /// Bits that are alike.
    prefix: u32,
}

impl Network {
    /// `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`
    fn parse(entry: &str) -> Option<Self> {
        let (address, prefix) = match entry.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
            None => (entry, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(bits);
        (prefix <= bits).then_some(Self { address, prefix })
    }

    fn has(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(of), IpAddr::V4(is)) => {
                (of.to_bits() ^ is.to_bits()).checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(of), IpAddr::V6(is)) => {
                (of.to_bits() ^ is.to_bits()).checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_white_list_has_addresses_and_networks_and_an_empty_one_has_all() {
        for (list, address, has) in [
            (&[][..], "192.0.2.1", true),
            (&["192.0.2.1"], "192.0.2.1", true),
            (&["192.0.2.1"], "::ffff:192.0.2.1", true),
            (&["192.0.2.1"], "192.0.2.2", false),
            (&["198.51.100.7", "192.0.2.0/24"], "192.0.2.255", true),
            (&["192.0.2.0/24"], "192.0.3.0", false),
            (&["0.0.0.0/0"], "203.0.113.9", true),
            (&["0.0.0.0/0"], "2001:db8::1", false),
            (&["2001:db8::/32"], "2001:db8:1::1", true),
            (&["2001:db8::/32"], "2001:db9::1", false),
            (&["::/0"], "2001:db8::1", true),
        ] {
            let list: Vec<String> = list.iter().map(|entry| (*entry).to_owned()).collect();
            assert_eq!(lists(&list, address.parse().unwrap()), has, "{list:?} {address}");
        }
    }

    #[test]
    fn other_entries_are_none() {
        for entry in ["", "localhost", "192.0.2", "192.0.2.1/33", "192.0.2.1/", "::/129", "192.0.2.1:80"] {
            assert!(!is_entry(entry), "{entry}");
        }
    }
}
