//! The world that exists at start: what the gateway's `config/local.toml`, the README and the examples use too.

use super::{
    World,
    account::{Account, Kind},
    menus::Button,
    scenes::Scene,
};

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

/// What `brand` has, so that there is something to scan and to tap from the first moment.
pub(super) fn furnish(world: &mut World) {
    let [brand, shop] = accounts();
    // A permanent code: its ticket holds a time, which must be the same in every run.
    world.scenes.create(&brand.app_id, Scene::Text("store-12".into()), None, 1_760_000_000);
    let button =
        |name: &str, kind: &str| Button { name: name.into(), kind: kind.into(), ..Button::default() };
    let points = Button { key: "POINTS".into(), ..button("我的积分", "click") };
    let about = Button { url: "https://example.com/membership".into(), ..button("会员中心", "view") };
    let contact = Button { key: "CONTACT".into(), ..button("联系客服", "click") };
    let shop_app_id = shop.app_id.clone();
    let mall = Button {
        appid: shop.app_id,
        pagepath: "pages/index/index".into(),
        url: "https://example.com/shop".into(),
        ..button("积分商城", "miniprogram")
    };
    let more = Button { sub_button: vec![about, contact], ..button("会员服务", "") };
    let [line, note] = ["积分：{{number1.DATA}}", "说明：{{thing2.DATA}}"];
    world.templates.add(&brand.app_id, "积分变动", "{{keyword1.DATA}}\n积分：{{keyword2.DATA}}", false);
    for app_id in [&brand.app_id, &shop_app_id] {
        world.templates.add(app_id, "积分变动提醒", &format!("{line}\n{note}"), true);
    }
    world.menus.set(&brand.app_id, vec![points, more, mall]);
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
