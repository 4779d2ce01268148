//! The world that exists at start: what the gateway's `config/local.toml`, the README and the examples use too.

use super::account::{Account, Kind};

pub(super) const OPEN_PLATFORM: &str = "brand-group";
pub(super) const TOKEN: &str = "localtoken";
pub(super) const ENCODING_AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// Official Account `brand` and mini-program `shop`, both in safe mode.
pub(super) fn accounts() -> [Account; 2] {
    [
        local("brand", Kind::OfficialAccount, "wx00000000000000aa", "gh_0000000000aa", "aaa"),
        local("shop", Kind::MiniProgram, "wx00000000000000bb", "gh_0000000000bb", "bbb"),
    ]
}

fn local(name: &str, kind: Kind, app_id: &str, original_id: &str, secret_ends: &str) -> Account {
    Account {
        secret: format!("{secret_ends:0>32}"),
        original_id: original_id.to_owned(),
        callback: Some(format!("http://127.0.0.1:8080/wechat/{name}")),
        ..Account::with_app_id(app_id, name, kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_accounts_are_the_documented_ones() {
        let [brand, shop] = accounts();
        assert_eq!(brand.secret, "00000000000000000000000000000aaa");
        assert_eq!(shop.secret, "00000000000000000000000000000bbb");
        assert_eq!(shop.callback.as_deref(), Some("http://127.0.0.1:8080/wechat/shop"));
        assert!(brand.check().unwrap().is_some() && shop.check().unwrap().is_some());
    }
}
