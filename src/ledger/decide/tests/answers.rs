//! What a follow, a scan, a tap is answered with.

use super::harness::{Change as _, NOON, Person, callback, event, follow, text, unfollow};
use crate::account::Lang;
use crate::ledger::{Action, Article, Command, Fate, Life, Message, Program};

#[test]
fn the_welcome_says_the_total_and_a_line_for_each_source() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(event("pay.success").fen(12_900));
    lin.settle(event("pay.success").fen(1_000_000));
    lin.settle(event("ad.click").with(|facts| facts.source = Some("moments".into())));
    for _ in 0..3 {
        lin.settle(event("mp.visit"));
    }

    let decision = lin.settle(follow().at(NOON + 1000));

    assert_eq!(decision.outcome.welcome, Some(Fate::Passive));
    assert_eq!(
        text(decision.reply),
        "欢迎关注 ABC 会员！过去一年您已累积 10,459 积分：\n\
         · 微信支付 2 笔，10,129 积分\n\
         · 小程序访问 3 次，30 积分\n\
         · 广告互动 1 次，200 积分\n\
         · 关注公众号，100 积分\n\
         <a href=\"https://example.com/join\">立即入会，积分全部保留</a>（2027年11月22日前有效）"
    );
}

#[test]
fn an_english_account_speaks_english() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(event("pay.success").fen(12_900));

    let decision = lin.settle(follow().with(|facts| facts.lang = Some(Lang::En)));

    assert_eq!(
        text(decision.reply),
        "Welcome to ABC Members! In the past year you have earned 229 points:\n\
         · WeChat Pay, 1 purchase: 129\n\
         · Following us: 100\n\
         <a href=\"https://example.com/join\">Join now and keep them all</a> (valid until 2027-11-22)"
    );
}

#[test]
fn a_visitor_without_points_is_invited_to_earn() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);

    let reply = text(lin.settle(follow().with(|facts| facts.basis = None)).reply);

    assert!(reply.starts_with("欢迎关注 ABC 会员！每次购物"), "{reply}");
    assert!(reply.contains("<a href=\"https://example.com/join\">"), "{reply}");
}

#[test]
fn a_returning_follower_is_welcomed_back() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(follow());
    lin.settle(unfollow().at(NOON + 1000));

    let decision = lin.settle(follow().at(NOON + 2000));

    let reply = text(decision.reply);
    assert!(reply.starts_with("欢迎回到 ABC 会员！您的 100 积分仍为您保留。"), "{reply}");
    assert_eq!(decision.outcome.verdicts["follow"].points, 0);
}

#[test]
fn a_member_is_welcomed_as_one() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.state.life = Life::Member;

    let reply = text(lin.settle(follow()).reply);

    assert!(reply.starts_with("ABC 会员 会员您好，欢迎关注！您现有 100 积分，其中 100 可用。"), "{reply}");
    assert!(reply.contains("https://example.com/points"), "{reply}");
}

#[test]
fn the_code_of_a_shop_outranks_the_rest() {
    let stock = Program::stock();
    let scan = || follow().with(|facts| facts.scene = Some("store-7".into()));
    let mut visitor = Person::new(&stock);
    let mut member = Person::new(&stock);
    member.state.life = Life::Member;

    let (visitor, member) = (text(visitor.settle(scan()).reply), text(member.settle(scan()).reply));

    assert!(visitor.starts_with("欢迎光临 ABC 会员 门店！您已累积 100 积分。"), "{visitor}");
    assert!(member.contains("会员页"), "{member}");
}

#[test]
fn who_asked_to_be_forgotten_is_greeted_without_figures() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(event("event.checkin"));
    lin.settle(callback("oa.erase", Action::Erase).at(NOON + 1));

    let decision = lin.settle(follow().at(NOON + 2));
    let tap = lin.settle(click("POINTS").at(NOON + 3));

    assert_eq!(text(decision.reply), "欢迎关注 ABC 会员！");
    assert_eq!(text(tap.reply), "您好，ABC 会员 随时为您服务。");
    assert_eq!(lin.total(NOON + 4), 0);
}

#[test]
fn the_persons_own_language_outranks_the_accounts() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.state.lang = Some(Lang::En);

    let reply = text(lin.settle(follow()).reply);

    assert!(reply.starts_with("Welcome to ABC Members!"), "{reply}");
}

fn click(key: &str) -> Command {
    callback("oa.click", Action::Touch).with(|facts| facts.key = Some(key.into()))
}

#[test]
fn a_tap_on_a_configured_key_answers_the_balance_and_another_nothing() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(event("event.checkin"));
    lin.settle(event("pay.success").fen(12_900));

    let balance = lin.settle(click("POINTS"));
    let other = lin.settle(click("HELP"));

    assert_eq!(
        text(balance.reply),
        "您现有 629 积分：\n· 微信支付 129\n· 活动 500\n\
         <a href=\"https://example.com/join\">立即入会，积分全部保留</a>"
    );
    assert_eq!(balance.outcome.welcome, None);
    assert_eq!(other.reply, None);
}

#[test]
fn a_scan_answers_what_the_scene_is_for_with_the_points_of_now() {
    let stock = Program::stock();
    let mut lin = Person::new(&stock);
    lin.settle(event("event.checkin"));
    let scan =
        |scene: &str| callback("oa.scan", Action::Touch).with(|facts| facts.scene = Some(scene.into()));

    let (shop, other) = (lin.settle(scan("store-1")), lin.settle(scan("poster")));

    assert!(text(shop.reply).starts_with("欢迎光临 ABC 会员 门店！您现有 500 积分。"));
    assert!(text(other.reply).starts_with("您好！您现有 500 积分。"));
}

#[test]
fn a_card_and_a_picture_are_answers_too() {
    let rules = r#"
        [program]
        name = "ABC"
        [[answer]]
        on = "oa.click"
        when = { key = "CARD" }
        message = "card"
        [[answer]]
        on = "oa.click"
        message = "picture""#;
    let words = r#"
        [card]
        type = "news"
        zh = { title = "{{ points.total }} 分", description = "{{ brand }}", url = "https://a.example/{{ lang }}", pic_url = "https://a.example/p.png" }
        [picture]
        type = "image"
        media_id = "MEDIA""#;
    let program = Program::load(("p", rules), ("m", words)).unwrap();
    let mut lin = Person::new(&program);

    let card = lin.settle(click("CARD")).reply;
    let picture = lin.settle(click("OTHER")).reply;

    let article = Article {
        title: "0 分".into(),
        description: "ABC".into(),
        url: "https://a.example/zh".into(),
        pic_url: "https://a.example/p.png".into(),
    };
    assert_eq!(card, Some(Message::News { articles: vec![article] }));
    assert_eq!(picture, Some(Message::Image { media_id: "MEDIA".into() }));
}

#[test]
fn words_know_rewards_and_tiers() {
    let rules = r#"
        [program]
        name = "ABC"
        [[rule]]
        id = "checkin"
        on = "event.checkin"
        points = 500
        group = "event"
        [[reward]]
        id = "big"
        cost = 1200
        zh = "大礼"
        [[reward]]
        id = "small"
        cost = 500
        zh = "小礼"
        en = "a small gift"
        [[tier]]
        id = "gold"
        earned = 1000
        within = "365d"
        zh = "金卡"
        [[tier]]
        id = "silver"
        earned = 400
        within = "365d"
        [[answer]]
        on = "oa.click"
        message = "a""#;
    let words = r#"
        [a]
        zh = "{{ reward.best }}|{{ reward.next }}|{{ reward.gap }}|{{ tier.now }}|{{ tier.next }}|{{ tier.gap }}""#;
    let program = Program::load(("p", rules), ("m", words)).unwrap();
    let mut lin = Person::new(&program);

    assert_eq!(text(lin.settle(click("A")).reply), "|小礼|500||silver|400");
    lin.settle(event("event.checkin"));
    assert_eq!(text(lin.settle(click("A")).reply), "小礼|大礼|700|silver|金卡|500");
    assert_eq!(
        text(lin.settle(click("A").with(|facts| facts.lang = Some(Lang::En))).reply),
        "a small gift|大礼|700|silver|金卡|500"
    );
}

#[test]
fn a_welcome_whose_words_come_to_nothing_is_suppressed() {
    let rules = "[program]\nname = \"ABC\"\n[[welcome]]\nmessage = \"a\"";
    let program = Program::load(("p", rules), ("m", "[a]\nzh = '{{ scene }}'")).unwrap();
    let welcomed = |command| {
        let decision = Person::new(&program).settle(command);
        (decision.reply.is_some(), decision.outcome.welcome)
    };

    assert_eq!(welcomed(follow()), (false, Some(Fate::Suppressed)));
    let scene = follow().with(|facts| facts.scene = Some("shelf-1".into()));
    assert_eq!(welcomed(scene), (true, Some(Fate::Passive)));
}

#[test]
fn hostile_facts_never_break_the_words() {
    let rules = "[program]\nname = \"ABC\"\n[[answer]]\non = \"oa.scan\"\nmessage = \"a\"";
    let words = "[a]\nzh = '<a href=\"https://a.example/\">{{ scene }}/{{ store }}</a>'";
    let program = Program::load(("p", rules), ("m", words)).unwrap();
    for hostile in [
        "$1",
        "\\",
        "]]>",
        "&amp;",
        "</a><a href=\"https://evil.example\">",
        "{{ points.total }}",
        "{% if %}",
        "\u{202e}abc",
        "🧧",
        "a\0b",
    ] {
        let scan = callback("oa.scan", Action::Touch).with(|facts| {
            facts.scene = Some(hostile.into());
            facts.store = Some(hostile.into());
        });

        let reply = text(Person::new(&program).settle(scan).reply);

        assert_eq!(reply.matches("<a ").count(), 1, "{reply}");
        assert_eq!(reply.matches("</a>").count(), 1, "{reply}");
        assert!(!reply.contains("{{") && !reply.contains('\0') && !reply.contains('\u{202e}'), "{reply}");
    }
}
