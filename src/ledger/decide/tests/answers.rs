//! What a follow, a scan, a tap is answered with.

use super::harness::{Change as _, NOON, Person, event, follow, text};
use crate::account::Lang;
use crate::ledger::{Fate, Program};

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
