//! Uploaded files, and the messages that refer to them.

use mock_wechat::MockWechat;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Http, json_of};

const JPEG: &[u8] = b"\xff\xd8\xff\xe0 a picture \r\n-- of some bytes \xff\xd9";

struct Setting {
    wechat: MockWechat,
    http: Http,
    token: String,
    lin: String,
}

async fn setting() -> Setting {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let token = http.stable_token(&brand).await;
    let lin = wechat.person("lin");
    lin.follows(&brand).await;
    lin.texts(&brand, "hello").await;
    let lin = lin.open_id(&brand);
    Setting { wechat, http, token, lin }
}

impl Setting {
    fn path(&self, path: &str, more: &str) -> String {
        format!("{path}?access_token={}{more}", self.token)
    }

    /// As a form whose content type the client forgot.
    async fn upload(&self, path: &str, kind: &str, file: &[u8]) -> Value {
        let head = b"--b0\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n";
        let body = [&head[..], file, b"\r\n--b0--\r\n"].concat();
        let path = self.path(path, &format!("&type={kind}"));
        json_of(self.http.request(Method::POST, &path).body(body).send().await.unwrap()).await
    }

    async fn send(&self, kind: &str, content: Value) -> i64 {
        let message = json!({"touser": self.lin, "msgtype": kind, kind: content});
        let path = self.path("/cgi-bin/message/custom/send", "");
        self.http.post(&path, message).await["errcode"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_until_three_days_have_passed() {
    let s = setting().await;
    let uploaded = s.upload("/cgi-bin/media/upload", "image", JPEG).await;
    let id = uploaded["media_id"].as_str().unwrap();
    assert!(uploaded["created_at"].is_i64() && uploaded.get("errcode").is_none(), "{uploaded}");

    let path = s.path("/cgi-bin/media/get", &format!("&media_id={id}"));
    let file = s.http.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/jpeg");
    assert_eq!(file.headers()["content-disposition"], "attachment; filename=\"a.jpg\"");
    assert_eq!(&file.bytes().await.unwrap()[..], JPEG);
    assert_eq!(s.send("image", json!({"media_id": id})).await, 0);

    s.wechat.advance(std::time::Duration::from_secs(3 * 86_400));
    let token = s.http.stable_token(&s.wechat.official_account("brand").await).await;
    let over = s.http.get(&format!("/cgi-bin/media/get?access_token={token}&media_id={id}")).await;
    assert_eq!(over["errcode"], 40007);
}

#[tokio::test]
async fn what_is_uploaded_is_known_by_its_first_bytes() {
    let s = setting().await;
    let errcode = async |kind: &str, file: &[u8]| {
        s.upload("/cgi-bin/media/upload", kind, file).await["errcode"].as_i64().unwrap_or(0)
    };

    assert_eq!(errcode("image", b"no picture").await, 40005);
    assert_eq!(errcode("picture", JPEG).await, 40004);
    assert_eq!(errcode("voice", JPEG).await, 40005);
    assert_eq!(errcode("voice", b"#!AMR\n").await, 0);
    assert_eq!(errcode("image", b"").await, 41005);
    let large = [JPEG, &vec![0; 64 << 10]].concat();
    assert_eq!(errcode("thumb", &large).await, 40012);
    let thumb = s.upload("/cgi-bin/media/upload", "thumb", JPEG).await;
    assert!(thumb["thumb_media_id"].is_string() && thumb.get("media_id").is_none(), "{thumb}");
}

#[tokio::test]
async fn permanent_files_are_counted_listed_read_and_removed() {
    let s = setting().await;
    let id = s.upload("/cgi-bin/material/add_material", "image", JPEG).await["media_id"].clone();

    assert_eq!(s.http.get(&s.path("/cgi-bin/material/get_materialcount", "")).await["image_count"], 1);
    let list = json!({"type": "image", "offset": 0, "count": 20});
    let listed = s.http.post(&s.path("/cgi-bin/material/batchget_material", ""), list).await;
    assert_eq!((&listed["total_count"], &listed["item"][0]["media_id"]), (&json!(1), &id));
    let one = json!({"media_id": id}).to_string();
    let path = s.path("/cgi-bin/material/get_material", "");
    let file = s.http.request(Method::POST, &path).body(one.clone()).send().await.unwrap();
    assert_eq!(&file.bytes().await.unwrap()[..], JPEG);
    let delete = s.path("/cgi-bin/material/del_material", "");
    assert_eq!(s.http.post_text(&delete, &one).await["errcode"], 0);
    assert_eq!(s.http.post_text(&delete, &one).await["errcode"], 40007);
}

#[tokio::test]
async fn every_type_of_message_is_checked() {
    let s = setting().await;
    let thumb = s.upload("/cgi-bin/media/upload", "thumb", JPEG).await["thumb_media_id"].clone();
    let card =
        |thumb: &Value| json!({"title": "t", "appid": "wx1", "pagepath": "p", "thumb_media_id": thumb});
    for (kind, content, code) in [
        ("image", json!({"media_id": "made-up"}), 40007),
        ("image", json!({}), 40007),
        ("video", json!({"media_id": thumb}), 40007),
        ("music", json!({"thumb_media_id": thumb}), 40101),
        ("news", json!({"articles": []}), 44003),
        ("news", json!({"articles": ["x"]}), 45162),
        ("msgmenu", json!({"head_content": "h", "list": []}), 40101),
        ("msgmenu", json!({"list": [{"id": "101"}]}), 40101),
        ("mpnewsarticle", json!({}), 40101),
        ("wxcard", json!("x"), 44004),
        ("miniprogrampage", card(&json!("made-up")), 40007),
        ("miniprogrampage", json!({"title": "t", "pagepath": "p", "thumb_media_id": thumb}), 40101),
        ("link", json!({"title": "t"}), 40008),
        ("telegram", json!({}), 40008),
        // What is refused uses nothing of the window up: five are left.
        ("miniprogrampage", card(&thumb), 0),
        ("msgmenu", json!({"head_content": "h", "list": [{"id": "101", "content": "满意"}]}), 0),
        ("news", json!({"articles": [{"title": "t"}]}), 0),
        ("music", json!({"musicurl": "https://example.com/a.mp3", "thumb_media_id": thumb}), 0),
    ] {
        assert_eq!(s.send(kind, content.clone()).await, code, "{kind} {content}");
    }
    let by = json!({"touser": s.lin, "msgtype": "text", "text": {"content": "x"},
                    "customservice": {"kf_account": "anna"}});
    let path = s.path("/cgi-bin/message/custom/send", "");
    assert_eq!(s.http.post(&path, by).await["errcode"], 61452);
}

#[tokio::test]
async fn typing_is_shown_once_and_only_soon_after_the_person_did_something() {
    let s = setting().await;
    let path = s.path("/cgi-bin/message/custom/typing", "");
    let typing = async |command: &str| {
        s.http.post(&path, json!({"touser": s.lin, "command": command})).await["errcode"].as_i64().unwrap()
    };

    assert_eq!(typing("Dance").await, 45072);
    assert_eq!([typing("Typing").await, typing("Typing").await], [0, 45081]);
    assert_eq!([typing("CancelTyping").await, typing("Typing").await], [0, 0]);
    s.wechat.advance(std::time::Duration::from_secs(31));
    assert_eq!(typing("Typing").await, 45080);
}
