//! Followers and what is known of them: WeChat's documents "获取用户基本信息" and "获取用户列表".

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_OPENID, INVALID_OPENID_LIST, INVALID_OPENID_LIST_SIZE, INVALID_REMARK},
};
use crate::{
    ids::OpenIds,
    platform::Platform,
    world::{
        Registered, World,
        account::UserInfo,
        person::{Follow, Person, Relation},
        scenes::Scene,
    },
};

/// Most people in one `batchget`.
const BATCH: usize = 100;
/// OpenIDs on one page of `user/get`.
const PAGE: usize = 10_000;

/// `GET /cgi-bin/user/info?openid=&lang=`: `lang` would choose the language of region names, which are empty now.
pub(super) fn info(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    Answer::json(&Info::of(&world, registered, call.param("openid").unwrap_or_default())?)
}

/// `POST /cgi-bin/user/info/batchget {"user_list": [{"openid", "lang"?}]}`: in the order asked, all or none.
pub(super) fn batch_info(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let list = body.get("user_list").and_then(Value::as_array).ok_or(INVALID_OPENID_LIST)?;
    if list.is_empty() || list.len() > BATCH {
        return Err(INVALID_OPENID_LIST_SIZE);
    }
    let world = platform.world();
    let infos: Result<Vec<_>, _> = list
        .iter()
        .map(|user| {
            let open_id = user.get("openid").and_then(Value::as_str);
            Info::of(&world, registered, open_id.unwrap_or_default())
        })
        .collect();
    #[derive(Serialize)]
    struct Page<'a> {
        user_info_list: Vec<Info<'a>>,
    }
    Answer::json(&Page { user_info_list: infos? })
}

/// `POST /cgi-bin/user/info/updateremark {"openid", "remark"}`
pub(super) fn update_remark(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let text = |key| body.get(key).and_then(Value::as_str);
    let remark = text("remark").ok_or(INVALID_REMARK)?;
    if remark.chars().count() >= 30 {
        return Err(INVALID_REMARK);
    }
    let mut world = platform.world_mut();
    let person = world.person_of(registered, text("openid").unwrap_or_default());
    let person = person.filter(|p| p.follows(&registered.account.app_id)).ok_or(INVALID_OPENID)?.key;
    world.relation_mut(person, &registered.account.app_id).ok_or(INVALID_OPENID)?.remark = remark.to_owned();
    Ok(Answer::ok())
}

/// `GET /cgi-bin/user/get?next_openid=`: followers from behind that one, in the order in which they followed.
pub(super) fn list(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let app_id = &registered.account.app_id;
    let after = match call.param("next_openid") {
        None => 0,
        Some(open_id) => {
            let person = world.person_of(registered, open_id).ok_or(INVALID_OPENID)?;
            person.relation(app_id).and_then(|r| r.follow.as_ref()).ok_or(INVALID_OPENID)?.order
        }
    };
    let page: Vec<String> =
        world.followers(app_id, after).take(PAGE).map(|person| registered.open_ids.seal(person)).collect();
    let total = world.follower_count(app_id);
    // Nothing (left) to list: no `data` key, as logged for an account without followers.
    let Some(last) = page.last().cloned() else {
        return Answer::json(&json!({"total": total, "count": 0, "next_openid": ""}));
    };
    #[derive(Serialize)]
    struct Page {
        total: usize,
        count: usize,
        data: OpenIds,
        next_openid: String,
    }
    #[derive(Serialize)]
    struct OpenIds {
        openid: Vec<String>,
    }
    Answer::json(&Page { total, count: page.len(), data: OpenIds { openid: page }, next_openid: last })
}

/// `POST /cgi-bin/changeopenid {"from_appid", "openid_list"}`: OpenIDs of the account whose followers moved here.
pub(super) fn change_open_ids(
    _: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let from = body.get("from_appid").and_then(Value::as_str).unwrap_or_default();
    if registered.account.migrated_from.as_deref() != Some(from) {
        return Err(ApiError::code(63178));
    }
    let list = body.get("openid_list").and_then(Value::as_array).ok_or(INVALID_OPENID_LIST)?;
    if list.is_empty() || list.len() > BATCH {
        return Err(INVALID_OPENID_LIST_SIZE);
    }
    let theirs = OpenIds::of(from);
    let results: Vec<Value> = list
        .iter()
        .map(|id| {
            let id = id.as_str().unwrap_or_default();
            match theirs.open(id) {
                Some(person) => {
                    json!({"ori_openid": id, "new_openid": registered.open_ids.seal(person), "err_msg": "ok"})
                }
                None => json!({"ori_openid": id, "err_msg": "ori_openid error"}),
            }
        })
        .collect();
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "result_list": results}))
}

/// One person as `user/info` tells of them. Absent keys are absent, not null.
#[derive(Serialize)]
#[serde(untagged)]
enum Info<'a> {
    Follower(Box<Follower<'a>>),
    /// The keys of three independent logs; the documents promise less.
    Stranger {
        subscribe: u8,
        openid: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        unionid: Option<String>,
        tagid_list: [u32; 0],
    },
}

#[derive(Serialize)]
struct Follower<'a> {
    subscribe: u8,
    openid: &'a str,
    #[serde(flatten)]
    profile: Option<Profile>,
    subscribe_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unionid: Option<String>,
    remark: &'a str,
    groupid: u32,
    tagid_list: &'a [u32],
    subscribe_scene: std::borrow::Cow<'static, str>,
    qr_scene: u32,
    qr_scene_str: &'a str,
}

/// What WeChat stopped telling in 2021.
#[derive(Serialize)]
struct Profile {
    nickname: String,
    sex: u8,
    language: String,
    city: &'static str,
    province: &'static str,
    country: &'static str,
    headimgurl: String,
}

impl<'a> Info<'a> {
    fn of(world: &'a World, registered: &Registered, open_id: &'a str) -> Result<Self, ApiError> {
        let person = world.person_of(registered, open_id).ok_or(INVALID_OPENID)?;
        let unionid = registered.union_id(person.key);
        let relation = person.relation(&registered.account.app_id);
        let Some((relation, follow)) = relation.and_then(|r| Some((r, r.follow.as_ref()?))) else {
            return Ok(Self::Stranger { subscribe: 0, openid: open_id, unionid, tagid_list: [] });
        };
        let profile = Profile::of(person, registered.account.user_info);
        Ok(Self::Follower(Box::new(Follower::of(open_id, profile, unionid, relation, follow))))
    }
}

impl<'a> Follower<'a> {
    fn of(
        openid: &'a str,
        profile: Option<Profile>,
        unionid: Option<String>,
        relation: &'a Relation,
        follow: &'a Follow,
    ) -> Self {
        let (qr_scene, qr_scene_str) = match &follow.scene {
            None => (0, ""),
            Some(Scene::Id(id)) => (*id, ""),
            Some(Scene::Text(text)) => (0, text.as_str()),
        };
        Self {
            subscribe: 1,
            openid,
            profile,
            subscribe_time: follow.since,
            unionid,
            remark: &relation.remark,
            groupid: relation.tags.first().copied().unwrap_or(0),
            tagid_list: &relation.tags,
            subscribe_scene: follow.subscribe_scene.clone(),
            qr_scene,
            qr_scene_str,
        }
    }
}

impl Profile {
    fn of(person: &Person, edition: UserInfo) -> Option<Self> {
        let language = person.language.to_string();
        match edition {
            UserInfo::Omitted => None,
            UserInfo::Current => Some(Self {
                nickname: String::new(),
                sex: 0,
                language,
                city: "",
                province: "",
                country: "",
                headimgurl: String::new(),
            }),
            UserInfo::Legacy => Some(Self {
                nickname: person.name.clone(),
                sex: 1,
                language,
                city: "广州",
                province: "广东",
                country: "中国",
                headimgurl: format!("http://thirdwx.qlogo.cn/mmopen/{:016x}/132", person.key.number()),
            }),
        }
    }
}
