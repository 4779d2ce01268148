//! What the loader refuses, and where it says so.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{LoadErrors, Program};

const HEAD: &str = "[program]\nname = \"ABC\"\n";

fn load(rules: &str, words: &str) -> Result<Program, LoadErrors> {
    Program::load(("config/program.toml", &format!("{HEAD}{rules}")), ("config/messages.toml", words))
}

fn refusal(rules: &str) -> String {
    load(rules, "").expect_err("it should be refused").to_string()
}

fn refusal_of_words(words: &str) -> String {
    load("", words).expect_err("it should be refused").to_string()
}

#[test]
fn the_stock_program_loads_and_names_its_ruleset() {
    let stock = Program::stock();

    assert_eq!(stock.ruleset().len(), 8);
    assert_eq!(stock.rules.len(), 5);
    assert_ne!(load("", "").unwrap().ruleset(), stock.ruleset());
}

#[test]
fn every_annotated_example_of_the_stock_file_loads() {
    let commented = Program::STOCK_RULES.replace("\n# [[", "\n[[").lines().fold(
        (String::new(), false),
        |(mut text, open), line| {
            // A table that was commented out is open until the next empty line.
            let open = !line.is_empty() && (open || line.starts_with("[["));
            let line = if open { line.strip_prefix("# ").unwrap_or(line) } else { line };
            text.push_str(line);
            text.push('\n');
            (text, open)
        },
    );

    let program = Program::load(("p", &commented.0), ("m", Program::STOCK_MESSAGES)).unwrap();

    assert_eq!((program.boosts.len(), program.tiers.len(), program.rewards.len()), (1, 1, 1));
}

#[test]
fn every_table_and_key_of_the_model_loads() {
    let rules = r#"
        [program]
        name = "ABC 会员"
        timezone = "Europe/Berlin"
        unit = { zh = "积分", en = "points" }
        claim = "on_join"
        unclaimed_ttl = "365d"
        member_ttl = "24M_U"
        look_back = "365d"
        grace = "0d"
        [[rule]]
        id = "pay"
        on = "pay.success"
        per = { fen = 100, points = 1 }
        hold = "7d"
        reverse_on = "pay.refund"
        group = "pay"
        [[rule]]
        id = "mp-visit"
        on = "mp.visit"
        points = 10
        cap = [{ per = "day", times = 3 }, { per = "year", points = 2000 }]
        group = "mini_program"
        [[rule]]
        id = "moments-ad"
        on = "ad.click"
        when = { source = "moments", campaign = ["summer-*"] }
        points = 200
        cap = [{ per = "campaign", times = 1 }]
        group = "ad"
        [[boost]]
        id = "double11"
        rules = ["pay"]
        times = 2
        from = 2026-11-01T00:00:00+08:00
        until = 2026-11-12T00:00:00+08:00
        [[tier]]
        id = "gold"
        earned = 5000
        within = "365d"
        [[reward]]
        id = "off40"
        cost = 8000
        zh = "今日购买享6折 + 赠品"
        [[welcome]]
        when = { state = "visitor", unclaimed = ">0", consent = "welcome" }
        message = "welcome.visitor_with_points""#;
    let words = r#"
        ["welcome.visitor_with_points"]
        zh = """
欢迎关注 {{ brand }}！过去一年您已累积 {{ points.total }} 积分：
{% if points.pay %}· 微信支付 {{ pay.count }} 笔，{{ points.pay }} 分
{% endif %}{% if points.ad %}· 广告互动 {{ points.ad }} 分
{% endif %}<a href="{{ join_url }}">立即入会，积分全部保留</a>（{{ expires_on }} 前有效）""""#;

    let program = Program::load(("p", rules), ("m", words)).unwrap();

    assert_eq!((program.rules.len(), program.boosts.len(), program.tiers.len()), (3, 1, 1));
}

#[test]
fn an_unknown_key_is_refused_where_it_stands() {
    assert_eq!(
        refusal("[[rule]]\nid = \"pay\"\non = \"pay.success\"\n  point = 10\n"),
        "config/program.toml:6:3: `point` is not a key of [[rule]]; it may have id, on, when, points, per, cap, group, \
         hold, reverse_on"
    );
    assert!(
        refusal("[[rules]]\nid = \"a\"")
            .starts_with("config/program.toml:3:3: `rules` is not a key of the file")
    );
    assert!(
        refusal("[[rule]]\nid = \"a\"\non = \"mp.visit\"\npoints = 1\ncap = { per = \"day\", time = 3 }")
            .contains(":7:22: `time`")
    );
}

#[test]
fn what_is_no_toml_is_refused_where_it_ends_to_be() {
    assert!(refusal("x = [1,\n2").starts_with("config/program.toml:4:"));
    assert!(refusal_of_words("[a\n").starts_with("config/messages.toml:1:"));
}

#[test]
fn every_impossible_rule_is_refused() {
    let rule = |rest: &str| refusal(&format!("[[rule]]\nid = \"a\"\non = \"pay.success\"\n{rest}"));
    for (rest, complaint) in [
        ("", "needs `points`, or `per"),
        ("points = 1\nper = { fen = 1, points = 1 }", "either `points` or `per`"),
        ("points = 0", "`points` must be between 1 and"),
        ("points = -5", "`points` must be between 1 and"),
        ("points = 1.5", "`points` must be a whole number, not float"),
        ("points = \"ten\"", "`points` must be a whole number, not string"),
        ("per = { fen = 0, points = 1 }", "`fen` must be between 1 and"),
        ("per = { fen = 100 }", "needs `points`"),
        ("points = 1\ncap = { per = \"week\", times = 1 }", "`per` may be ref, campaign, day, year or ever"),
        ("points = 1\ncap = { per = \"day\" }", "limits nothing"),
        (
            "points = 1\ncap = [{ per = \"day\", times = 1 }, { per = \"day\", points = 1 }]",
            "there is a cap per day already",
        ),
        ("points = 1\nwhen = { sauce = \"x\" }", "`sauce` is nothing that a condition here can look at"),
        ("points = 1\nwhen = { state = \"member\" }", "`state` is nothing that a condition here can look at"),
        ("points = 1\nwhen = { source = [] }", "could never hold"),
        ("points = 1\nwhen = { source = \">=5\" }", "bounds are for numbers"),
        ("points = 1\nwhen = { amount_fen = \">=many\" }", "must be a number, or a bound"),
        ("points = 1\nhold = \"a week\"", "must be a number of days"),
        ("points = 1\ngroup = \"Group One\"", "must have 1 to 64 of a-z"),
        ("points = 1\nreverse_on = \"pay.success\"", "cannot both earn and reverse"),
        (
            "points = 1\nreverse_on = \"pay.refund\"\ncap = { per = \"day\", times = 1 }",
            "cannot be capped in times",
        ),
        ("points = 1\nreverse_on = \"pay.refund\"\ncap = { per = \"campaign\", points = 1 }", "per campaign"),
    ] {
        let refusal = rule(rest);
        assert!(refusal.contains(complaint), "{rest}\n{refusal}");
        assert!(refusal.starts_with("config/program.toml:"), "{refusal}");
    }
}

#[test]
fn a_misspelt_touchpoint_is_refused_with_the_one_that_was_meant() {
    let rule = |on: &str| load(&format!("[[rule]]\nid = \"a\"\non = \"{on}\"\npoints = 1"), "");

    assert!(
        rule("pay.sucess")
            .unwrap_err()
            .to_string()
            .ends_with(":5:6: `pay.sucess` is no touchpoint; did you mean `pay.success`?")
    );
    assert!(rule("oa.subscibe").unwrap_err().to_string().contains("did you mean `oa.subscribe`?"));
    assert!(rule("coffee").unwrap_err().to_string().contains("your own as x.name"));
    for fine in ["x.coffee", "oa.poi_check_notify", "mp.visit", "live.view"] {
        assert!(rule(fine).is_ok(), "{fine}");
    }
}

#[test]
fn two_rules_of_one_id_are_refused_at_the_second() {
    let rule = "[[rule]]\nid = \"a\"\non = \"mp.visit\"\npoints = 1\n";

    assert!(
        refusal(&format!("{rule}{rule}"))
            .starts_with("config/program.toml:8:6: there is a [[rule]] with id `a`")
    );
}

#[test]
fn a_boost_that_could_never_apply_or_needs_everybody_is_refused() {
    let boost = |rest: &str| {
        let rule = "[[rule]]\nid = \"a\"\non = \"mp.visit\"\npoints = 1\n";
        refusal(&format!("{rule}[[boost]]\nid = \"b\"\ntimes = 2\n{rest}"))
    };
    let until = "until = 2026-11-12T00:00:00+08:00";

    assert!(
        boost(&format!("rules = [\"z\"]\nfrom = 2026-11-01T00:00:00Z\n{until}"))
            .contains(":10:10: there is no [[rule]] with id `z`")
    );
    assert!(
        boost(&format!("rules = [\"a\"]\nfrom = 2026-12-01T00:00:00Z\n{until}"))
            .contains("later than `from`")
    );
    assert!(
        boost(&format!("rules = [\"a\"]\nfrom = 2026-11-01\n{until}")).contains("date and time with offset")
    );
    assert!(boost(&format!("rules = []\nfrom = 2026-11-01T00:00:00Z\n{until}")).contains("names no rule"));
    assert!(boost("budget = 1_000_000").contains(":10:10: a budget over all persons is not supported"));
}

#[test]
fn words_that_could_never_be_spoken_are_refused() {
    let words = "[m]\nzh = \"x\"";
    let always = "[[welcome]]\nmessage = \"m\"\n";
    let refusal = |rules: &str| load(rules, words).unwrap_err().to_string();

    assert!(
        refusal(&format!("{always}{always}"))
            .starts_with("config/program.toml:5:1: this [[welcome]] never speaks")
    );
    let answer = "[[answer]]\non = \"oa.scan\"\nmessage = \"m\"\n";
    assert!(refusal(&format!("{answer}{answer}")).contains("this [[answer]] never speaks"));
    assert!(refusal("[[answer]]\non = \"mp.visit\"\nmessage = \"m\"").contains("WeChat shows no reply"));
    assert!(
        refusal("[[answer]]\non = \"oa.subscribe\"\nmessage = \"m\"").contains("answered by [[welcome]]")
    );
    assert!(
        refusal("[[welcome]]\nmessage = \"n\"")
            .ends_with(":4:11: there is no message `n` in config/messages.toml")
    );
    assert!(
        refusal("[[welcome]]\nmessage = \"m\"\nwhen = { state = \"guest\" }")
            .contains("visitor, member, erased")
    );
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    for (line, complaint) in [
        ("timezone = \"Asia/Atlantis\"", "is no time zone"),
        ("claim = \"later\"", "on_join, immediate or never"),
        ("unclaimed_ttl = \"1y\"", "must be a time such as"),
        ("look_back = \"400d\"", "between \"1d\" and \"365d\""),
        ("join_url = \"javascript:alert(1)\"", "must be an http(s) address"),
        ("join_url = \"https://a.example/\\\"x\"", "must be an http(s) address"),
        ("colour = \"red\"", "`colour` is not a key of program"),
    ] {
        let refusal = refusal(line);
        assert!(
            refusal.starts_with("config/program.toml:3:") && refusal.contains(complaint),
            "{line}: {refusal}"
        );
    }
    let nameless = Program::load(("p", "[program]\nunit = \"x\""), ("m", "")).unwrap_err().to_string();
    assert!(nameless.contains("needs `name`"), "{nameless}");
    let empty = Program::load(("p", ""), ("m", "")).unwrap_err().to_string();
    assert!(empty.contains("needs `program`"), "{empty}");
}

#[test]
fn a_journey_is_refused_not_ignored() {
    assert!(refusal("[[journey]]\nid = \"cart-48h\"").contains("[[journey]] is not supported yet"));
}

#[test]
fn all_that_is_wrong_is_said_at_once_in_the_order_of_the_files() {
    let errors = load("claim = \"x\"\n[[rule]]\nid = 5\n[[tier]]\nid = \"t\"", "[m]\nzh = \"{{ nobody }}\"")
        .unwrap_err();

    let places: Vec<_> = errors.0.iter().map(|error| (error.file.as_str(), error.line)).collect();
    assert_eq!(
        places,
        [
            ("config/program.toml", 3),
            ("config/program.toml", 5),
            ("config/program.toml", 6),
            ("config/messages.toml", 2)
        ]
    );
}

#[test]
fn a_template_is_refused_at_its_line() {
    let words = "# words\n[\"welcome.a\"]\nzh = \"\"\"\n欢迎 {{ brand }}\n共 {{ points.totall }} 分\"\"\"\n";
    let refusal = refusal_of_words(words);
    assert!(
        refusal.starts_with(
            "config/messages.toml:5:6: there is no variable `points.totall`; there are brand, lang"
        ),
        "{refusal}"
    );

    let syntax = refusal_of_words("[a]\nzh = '''\n一\n{% if brand %}二'''");
    assert!(syntax.starts_with("config/messages.toml:4:1: the template is wrong: syntax error"), "{syntax}");
    assert!(
        refusal_of_words("[a]\nzh = \"{{ brand|shout }}\"")
            .contains("config/messages.toml:2:6: the template is wrong")
    );
}

#[test]
fn a_template_that_fails_or_never_ends_on_anybody_is_refused() {
    for template in [
        "{{ 1 / 0 }}",
        "{{ brand + 1 }}",
        "{{ points[\\\"nothing\\\"] }}",
        "{{ points.missing.deeper }}",
        "{% include \\\"other\\\" %}",
        "{% for a in [1,2,3,4,5,6,7,8,9]*99 %}{% for b in [1,2,3,4,5,6,7,8,9]*99 %}{{ a }}{% endfor %}{% endfor %}",
        "{% if state == \\\"member\\\" %}{{ 1 / points.total }}{% endif %}",
    ] {
        let refusal = refusal_of_words(&format!("[a]\nzh = \"{template}\""));
        assert!(refusal.starts_with("config/messages.toml:2:"), "{template}: {refusal}");
    }
}

#[test]
fn a_message_of_the_wrong_shape_is_refused() {
    for (words, complaint) in [
        ("[a]\nen = \"x\"", "needs `zh`"),
        ("[a]\ntype = \"video\"\nzh = \"x\"", "text, news or image"),
        ("[a]\ntype = \"news\"\nzh = \"x\"", "`zh` must be a table"),
        ("[a]\ntype = \"news\"\nzh = { title = \"x\" }", "needs `description`"),
        ("[a]\ntype = \"image\"", "needs `zh`"),
        ("[a]\nzh = \"x\"\nmedia_id = \"M\"", "for messages with type = \"image\""),
        ("[a]\nzh = \"x\"\nfr = \"y\"", "`fr` is not a key of a"),
        ("a = \"x\"", "`a` must be a table"),
    ] {
        let refusal = refusal_of_words(words);
        assert!(
            refusal.starts_with("config/messages.toml:") && refusal.contains(complaint),
            "{words}: {refusal}"
        );
    }
}

/// The stock text with a piece of it replaced: nearly right is where loaders go wrong.
fn nearly(text: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        "[\\[\\]{}=\"'#.,0-9a-z \n-]{0,8}",
        "\\PC{0,4}",
        Just("{{".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("2026-02-30T00:00:00Z".to_owned()),
    ];
    (any::<Index>(), 0..12_usize, piece).prop_map(move |(at, length, piece)| {
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let end = (at + length).min(chars.len());
        chars[..at].iter().chain(piece.chars().collect::<Vec<_>>().iter()).chain(&chars[end..]).collect()
    })
}

fn assert_located(rules: &str, words: &str) {
    let Err(errors) = Program::load(("p.toml", rules), ("m.toml", words)) else { return };
    assert!(!errors.0.is_empty());
    for error in errors.0 {
        let text = if error.file == "p.toml" { rules } else { words };
        assert!(error.line >= 1 && error.line <= text.matches('\n').count() + 1, "{error}");
        assert!(error.column >= 1 && !error.message.is_empty(), "{error}");
    }
}

proptest! {
    #[test]
    fn nearly_the_stock_files_load_or_are_refused_with_a_place(
        rules in nearly(Program::STOCK_RULES),
        words in nearly(Program::STOCK_MESSAGES),
    ) {
        assert_located(&rules, Program::STOCK_MESSAGES);
        assert_located(Program::STOCK_RULES, &words);
    }

    #[test]
    fn any_text_loads_or_is_refused_with_a_place(rules in "\\PC{0,200}", words in "(\\PC|[\n=\"\\[\\]{}%]){0,200}") {
        assert_located(&rules, &words);
    }

    #[test]
    fn any_template_loads_or_is_refused_and_then_never_panics(
        template in "(\\{\\{ ?|\\}\\}|\\{% ?|%\\}|if |endif |for a in |endfor |else |set |brand|points\\.total|points|[|+*/~()\\[\\]0-9 .\n-]|\\PC){0,30}",
    ) {
        let words = format!("[a]\nzh = {}", toml::Value::String(template));
        let answer = format!("{HEAD}[[answer]]\non = \"oa.scan\"\nmessage = \"a\"");
        assert_located(&answer, &words);
    }
}
