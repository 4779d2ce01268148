"""What people see of the account in brand.py. Each test runs in all three modes."""


def texts(outcome):
    bad = [attempt["verdict"]["reason"] for attempt in outcome["deliveries"] if not attempt["verdict"]["ok"]]
    assert not bad, bad
    return [message["text"] for message in outcome["shown"]]


def test_a_new_follower_is_welcomed(wechat):
    assert texts(wechat.person("lin", "follow")) == ["Welcome!"]


def test_whoever_scans_a_code_is_welcomed_by_its_scene(wechat):
    assert texts(wechat.person("王小明", "scan", scene="store-12")) == ["Welcome from store-12!"]


def test_a_menu_tap_is_answered(wechat):
    wechat.person("lin", "follow")
    assert texts(wechat.person("lin", "click", key="POINTS")) == ["You have 100 points."]


def test_what_is_written_comes_back_whatever_it_is(wechat):
    wechat.person("lin", "follow")
    for words in ["hello", "你好 👋", "<b>&amp;</b>", "$1 {{name}} \\0"]:
        assert texts(wechat.person("lin", "text", content=words)) == [f"You said: {words}"]


def test_an_unfollow_is_taken_in_silence(wechat):
    wechat.person("lin", "follow")
    assert texts(wechat.person("lin", "unfollow")) == []


def test_a_push_that_nobody_signed_shows_nothing_of_ours(wechat):
    wechat.request("POST", "/_mock/faults", {"on": "push", "do": "bad_signature"})
    outcome = wechat.person("lin", "follow")
    assert outcome["deliveries"][0]["status"] == 403


def test_the_url_is_verified(wechat):
    assert wechat.request("POST", "/_mock/accounts/brand/verify", {})["ok"]
