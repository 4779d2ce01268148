//! Messages to many followers at once.

use std::time::Duration;

use mock_wechat::{
    MockWechat,
    testkit::{Account, Person},
    wire::fields::Fields,
};
use serde_json::{Value, json};

use crate::{client::Http, receiver::Receiver};

struct Setting {
    wechat: MockWechat,
    http: Http,
    brand: Account,
    receiver: Receiver,
    token: String,
    people: Vec<Person>,
}

/// Three followers of `brand`, and one who does not follow.
async fn setting() -> Setting {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").plain_mode().callback(&receiver.url).await;
    let token = http.stable_token(&brand).await;
    let mut people = Vec::new();
    for name in ["lin", "mei", "wang"] {
        let person = wechat.person(name);
        person.follows(&brand).await;
        people.push(person);
    }
    people.push(wechat.person("stranger"));
    wechat.person("stranger").open_id(&brand);
    http.post("/_mock/people/stranger", json!({})).await;
    Setting { wechat, http, brand, receiver, token, people }
}

impl Setting {
    async fn mass(&self, call: &str, body: Value) -> Value {
        self.http.post(&format!("/cgi-bin/message/mass/{call}?access_token={}", self.token), body).await
    }

    fn ids(&self) -> Vec<String> {
        self.people.iter().map(|person| person.open_id(&self.brand)).collect()
    }

    async fn reads(&self, name: &str) -> Vec<Value> {
        let chat = self.http.get(&format!("/_mock/people/{name}/chat?account=brand")).await;
        chat["messages"].as_array().unwrap().iter().filter(|m| m["via"] == "mass").cloned().collect()
    }
}

fn text(content: &str, mut more: Value) -> Value {
    more["msgtype"] = "text".into();
    more["text"] = json!({"content": content});
    more
}

#[tokio::test]
async fn everybody_who_follows_reads_it_and_the_job_s_end_is_pushed() {
    let s = setting().await;

    let sent = s.mass("sendall", text("会员日", json!({"filter": {"is_to_all": true}}))).await;

    assert_eq!((&sent["errcode"], &sent["errmsg"]), (&json!(0), &json!("send job submission success")));
    assert_eq!(s.reads("lin").await[0]["text"], "会员日");
    assert!(s.reads("stranger").await.is_empty());
    let delivered = s.http.get("/_mock/deliveries?event=MASSSENDJOBFINISH&wait=5s").await;
    assert_eq!(delivered["deliveries"].as_array().unwrap().len(), 1);
    let finished = s.receiver.received().pop().unwrap();
    assert!(finished.query.openid.is_none(), "it is from nobody");
    let finished = Fields::parse(&finished.body).unwrap();
    let found = ["Event", "Status", "TotalCount", "SentCount", "ErrorCount"].map(|name| finished.find(name));
    let expected = ["MASSSENDJOBFINISH", "send success", "3", "3", "0"].map(Some);
    assert_eq!(found, expected);
    assert_eq!(finished.find("MsgID"), Some(sent["msg_id"].to_string().as_str()));
    let status = s.mass("get", json!({"msg_id": sent["msg_id"]})).await;
    assert_eq!(status["msg_status"], "SEND_SUCCESS");
    assert_eq!(s.mass("delete", json!({"msg_id": sent["msg_id"]})).await["errcode"], 0);
    assert_eq!(s.mass("get", json!({"msg_id": sent["msg_id"]})).await["msg_status"], "DELETE");
}

#[tokio::test]
async fn a_tag_or_a_list_says_who() {
    let s = setting().await;
    let tagged = async |api: &str, body: Value| {
        s.http.post(&format!("/cgi-bin/tags/{api}?access_token={}", s.token), body).await
    };
    let tag = tagged("create", json!({"tag": {"name": "gold"}})).await["tag"]["id"].clone();
    tagged("members/batchtagging", json!({"openid_list": [s.ids()[1]], "tagid": tag})).await;

    s.mass("sendall", text("gold only", json!({"filter": {"is_to_all": false, "tag_id": tag}}))).await;
    s.mass("send", text("listed", json!({"touser": [s.ids()[0], s.ids()[3]]}))).await;

    assert_eq!(s.reads("mei").await[0]["text"], "gold only");
    assert_eq!(s.reads("lin").await[0]["text"], "listed");
    assert!(s.reads("stranger").await.is_empty() && s.reads("wang").await.is_empty());
    for (call, body, errcode) in [
        ("send", json!({"touser": [s.ids()[0]]}), 40130),
        ("send", json!({"touser": [s.ids()[0], "made up"]}), 40003),
        ("send", json!({"touser": [s.ids()[3], s.ids()[3]]}), 45028),
        ("sendall", json!({"filter": {"tag_id": 7777}}), 45159),
        ("sendall", json!({}), 40097),
        ("preview", json!({"towxname": "nobody"}), 40132),
    ] {
        assert_eq!(s.mass(call, text("x", body.clone())).await["errcode"], errcode, "{call} {body}");
    }
    assert_eq!(
        s.mass("sendall", json!({"filter": {"is_to_all": true}, "msgtype": "hologram"})).await["errcode"],
        40008
    );
    assert_eq!(s.mass("preview", text("only you", json!({"towxname": "wang"}))).await["errcode"], 0);
    assert_eq!(s.reads("wang").await[0]["text"], "only you");
}

#[tokio::test]
async fn four_a_month_and_a_client_s_id_once() {
    let s = setting().await;
    let all = |id: &str| text("hello", json!({"filter": {"is_to_all": true}, "clientmsgid": id}));

    let first = s.mass("sendall", all("a")).await;
    assert_eq!(s.mass("sendall", all("a")).await["errcode"], 45066);
    s.wechat.advance(Duration::from_secs(61));
    let again = s.mass("sendall", all("a")).await;
    assert_eq!((&again["errcode"], &again["msg_id"]), (&json!(45065), &first["msg_id"]));
    assert_eq!(s.mass("sendall", all(&"x".repeat(65))).await["errcode"], 45067);

    for id in ["b", "c", "d"] {
        assert_eq!(s.mass("sendall", all(id)).await["errcode"], 0, "{id}");
    }
    assert_eq!(s.mass("sendall", all("e")).await["errcode"], 45028);
    assert_eq!(s.reads("lin").await.len(), 4);
    s.wechat.advance(Duration::from_secs(32 * 86_400));
    let token = s.http.stable_token(&s.brand).await;
    let path = format!("/cgi-bin/message/mass/sendall?access_token={token}");
    assert_eq!(s.http.post(&path, all("f")).await["errcode"], 0);
}
