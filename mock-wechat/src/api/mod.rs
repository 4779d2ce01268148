//! WeChat's own paths.
//!
//! | file | holds |
//! |---|---|
//! | `call.rs` | a request as the handlers see it, and their answers |
//! | `error.rs` | the error codes and how an error looks on the wire; the wording is in `errmsg.rs` |
//! | `serve.rs` | from HTTP request to response: faults, the order of checks, the journal |
//! | `token.rs` | access tokens |
//! | `plumbing.rs` | addresses |
//! | `charge.rs` | what a call takes of its quota |
//! | `quota.rs` | limits, request ids, the callback's check |
//! | `shorten.rs` | short keys |
//! | `user.rs` | followers and what is known of them |
//! | `tag.rs`, `blacklist.rs` | tags on followers, the blacklist |
//! | `people.rs` | OpenIDs in arguments |
//! | `message.rs`, `custom.rs` | customer-service messages, and the check of each type |
//! | `mass.rs` | messages to all followers, to a tag's, to a list |
//! | `once.rs` | the page of one-off template messages |
//! | `template.rs`, `subscription.rs` | template and subscription messages |
//! | `media.rs`, `material.rs` | temporary and permanent files |
//! | `qrcode.rs` | parametric QR codes and their pictures |
//! | `menu.rs`, `menu_shape.rs` | menus, and the code of each mistake in one |
//! | `authorize.rs`, `oauth.rs` | web OAuth: the page, the tokens, the JS-SDK's ticket |
//! | `sns.rs` | mini-program login |
//! | `miniprogram.rs`, `wxacode.rs` | sessions, phone numbers, paid UnionIDs and codes of mini-programs |
//! | `component/` | third-party platforms |
//! | `open.rs` | binding to open-platform accounts |
//!
//! To add an API: write its handler in the file of its group and give it a line in [`ROUTES`]. A handler sees the
//! request after the checks that all APIs share; it answers [`call::Answer`] or an [`error::ApiError`] by its code.

mod authorize;
mod blacklist;
mod call;
mod charge;
mod component;
mod custom;
mod errmsg;
mod error;
mod mass;
mod material;
mod media;
mod menu;
pub(crate) mod menu_shape;
mod message;
mod miniprogram;
mod oauth;
mod once;
mod open;
mod people;
mod plumbing;
mod qrcode;
mod quota;
mod serve;
mod shorten;
mod sns;
mod subscription;
mod tag;
mod template;
mod token;
mod user;
mod wxacode;

pub(crate) use serve::{Peer, Unsent, serve};

use self::call::{
    Route,
    Who::{Both, MiniProgram, OfficialAccount},
};

/// Every modelled API.
const ROUTES: &[Route] = &[
    Route::open("GET", "/cgi-bin/token", token::token),
    Route::open("POST", "/cgi-bin/stable_token", token::stable_token),
    Route::get("/cgi-bin/getcallbackip", Both, plumbing::callback_ips),
    Route::get("/cgi-bin/get_api_domain_ip", Both, plumbing::api_domain_ips),
    Route::post("/cgi-bin/callback/check", Both, quota::check_callback),
    Route::post("/cgi-bin/clear_quota", Both, quota::clear),
    Route::open("POST", "/cgi-bin/clear_quota/v2", quota::clear_by_secret),
    Route::post("/cgi-bin/openapi/quota/get", Both, quota::show),
    Route::post("/cgi-bin/openapi/quota/clear", Both, quota::clear_one),
    Route::post("/cgi-bin/openapi/rid/get", Both, quota::request),
    Route::post("/cgi-bin/shorten/gen", Both, shorten::create),
    Route::post("/cgi-bin/shorten/fetch", Both, shorten::read),
    Route::post("/cgi-bin/changeopenid", OfficialAccount, user::change_open_ids),
    Route::get("/cgi-bin/user/info", OfficialAccount, user::info),
    Route::post("/cgi-bin/user/info/batchget", OfficialAccount, user::batch_info),
    Route::post("/cgi-bin/user/info/updateremark", OfficialAccount, user::update_remark),
    Route::get("/cgi-bin/user/get", OfficialAccount, user::list),
    Route::post("/cgi-bin/tags/create", OfficialAccount, tag::create),
    Route::get("/cgi-bin/tags/get", OfficialAccount, tag::list),
    Route::post("/cgi-bin/tags/update", OfficialAccount, tag::update),
    Route::post("/cgi-bin/tags/delete", OfficialAccount, tag::delete),
    Route::either("/cgi-bin/user/tag/get", OfficialAccount, tag::members),
    Route::post("/cgi-bin/tags/members/batchtagging", OfficialAccount, tag::tag),
    Route::post("/cgi-bin/tags/members/batchuntagging", OfficialAccount, tag::untag),
    Route::post("/cgi-bin/tags/getidlist", OfficialAccount, tag::of_person),
    Route::post("/cgi-bin/tags/members/getblacklist", OfficialAccount, blacklist::list),
    Route::post("/cgi-bin/tags/members/batchblacklist", OfficialAccount, blacklist::add),
    Route::post("/cgi-bin/tags/members/batchunblacklist", OfficialAccount, blacklist::remove),
    Route::post("/cgi-bin/message/custom/send", Both, message::send),
    Route::post("/cgi-bin/message/custom/typing", Both, message::typing),
    Route::post("/cgi-bin/message/custom/business/send", MiniProgram, message::send),
    Route::post("/cgi-bin/message/mass/sendall", OfficialAccount, mass::send_all),
    Route::post("/cgi-bin/message/mass/send", OfficialAccount, mass::send),
    Route::post("/cgi-bin/message/mass/preview", OfficialAccount, mass::preview),
    Route::post("/cgi-bin/message/mass/get", OfficialAccount, mass::status),
    Route::post("/cgi-bin/message/mass/delete", OfficialAccount, mass::delete),
    Route::post("/cgi-bin/message/template/send", OfficialAccount, template::send),
    Route::open("GET", "/mp/subscribemsg", once::confirm),
    Route::post("/cgi-bin/message/template/subscribe", OfficialAccount, template::send_once),
    Route::post("/cgi-bin/template/api_set_industry", OfficialAccount, template::set_industry),
    Route::get("/cgi-bin/template/get_industry", OfficialAccount, template::industry),
    Route::post("/cgi-bin/template/api_add_template", OfficialAccount, template::add),
    Route::get("/cgi-bin/template/get_all_private_template", OfficialAccount, template::list),
    Route::post("/cgi-bin/template/del_private_template", OfficialAccount, template::delete),
    Route::post("/cgi-bin/message/subscribe/send", MiniProgram, subscription::send),
    Route::post("/cgi-bin/message/subscribe/bizsend", OfficialAccount, subscription::send),
    Route::get("/wxaapi/newtmpl/getcategory", Both, subscription::categories),
    Route::get("/wxaapi/newtmpl/getpubtemplatetitles", Both, subscription::titles),
    Route::get("/wxaapi/newtmpl/getpubtemplatekeywords", Both, subscription::keywords),
    Route::post("/wxaapi/newtmpl/addtemplate", Both, subscription::add),
    Route::get("/wxaapi/newtmpl/gettemplate", Both, subscription::list),
    Route::post("/wxaapi/newtmpl/deltemplate", Both, subscription::delete),
    Route::post("/cgi-bin/media/upload", Both, media::upload),
    Route::get("/cgi-bin/media/get", Both, media::read),
    Route::post("/cgi-bin/media/uploadimg", OfficialAccount, media::upload_picture),
    Route::post("/cgi-bin/material/add_material", OfficialAccount, material::add),
    Route::post("/cgi-bin/material/get_material", OfficialAccount, material::read),
    Route::post("/cgi-bin/material/del_material", OfficialAccount, material::delete),
    Route::get("/cgi-bin/material/get_materialcount", OfficialAccount, material::count),
    Route::post("/cgi-bin/material/batchget_material", OfficialAccount, material::list),
    Route::post("/cgi-bin/qrcode/create", OfficialAccount, qrcode::create),
    Route::open("GET", "/cgi-bin/showqrcode", qrcode::show),
    Route::post("/cgi-bin/menu/create", OfficialAccount, menu::create),
    Route::get("/cgi-bin/menu/get", OfficialAccount, menu::read),
    Route::get("/cgi-bin/menu/delete", OfficialAccount, menu::delete),
    Route::get("/cgi-bin/get_current_selfmenu_info", OfficialAccount, menu::current),
    Route::post("/cgi-bin/menu/addconditional", OfficialAccount, menu::add_conditional),
    Route::post("/cgi-bin/menu/delconditional", OfficialAccount, menu::delete_conditional),
    Route::post("/cgi-bin/menu/trymatch", OfficialAccount, menu::try_match),
    Route::open("GET", "/connect/oauth2/authorize", authorize::authorize),
    Route::open("GET", "/sns/oauth2/access_token", oauth::access_token),
    Route::open("GET", "/sns/oauth2/refresh_token", oauth::refresh_token),
    Route::open("GET", "/sns/userinfo", oauth::user_info),
    Route::open("GET", "/sns/auth", oauth::check),
    Route::get("/cgi-bin/ticket/getticket", Both, oauth::ticket),
    Route::open("GET", "/sns/jscode2session", sns::jscode2session),
    Route::open("POST", "/cgi-bin/component/api_start_push_ticket", component::start_tickets),
    Route::open("POST", "/cgi-bin/component/api_component_token", component::token),
    Route::component("POST", "/cgi-bin/component/api_create_preauthcode", component::create_pre_auth_code),
    Route::open("GET", "/cgi-bin/componentloginpage", component::authorize),
    Route::open("GET", "/safe/bindcomponent", component::authorize),
    Route::open("GET", "/wxaopen/safe/bindcomponent", component::authorize),
    Route::component("POST", "/cgi-bin/component/api_query_auth", component::query_auth),
    Route::component("POST", "/cgi-bin/component/api_authorizer_token", component::refresh),
    Route::component("POST", "/cgi-bin/component/api_get_authorizer_info", component::info),
    Route::component("POST", "/cgi-bin/component/api_get_authorizer_list", component::list),
    Route::component("POST", "/cgi-bin/component/api_get_authorizer_option", component::option),
    Route::component("POST", "/cgi-bin/component/api_set_authorizer_option", component::set_option),
    Route::post("/cgi-bin/component/get_authorizer_option", Both, component::own_option),
    Route::post("/cgi-bin/component/set_authorizer_option", Both, component::set_own_option),
    Route::component("POST", "/cgi-bin/component/clear_quota", component::clear_quota),
    Route::open("GET", "/sns/oauth2/component/access_token", component::access_token),
    Route::open("GET", "/sns/oauth2/component/refresh_token", component::refresh_token),
    Route::open("GET", "/sns/component/jscode2session", component::jscode2session),
    Route::post("/cgi-bin/open/create", Both, open::create),
    Route::post("/cgi-bin/open/bind", Both, open::bind),
    Route::post("/cgi-bin/open/unbind", Both, open::unbind),
    Route::post("/cgi-bin/open/get", Both, open::read),
    Route::post("/wxa/getwxacodeunlimit", MiniProgram, wxacode::unlimited),
    Route::post("/wxa/getwxacode", MiniProgram, wxacode::limited),
    Route::post("/cgi-bin/wxaapp/createwxaqrcode", MiniProgram, wxacode::limited),
    Route::get("/wxa/getpaidunionid", MiniProgram, miniprogram::paid_union_id),
    Route::get("/wxa/resetusersessionkey", MiniProgram, miniprogram::reset_session_key),
    Route::get("/wxa/checksession", MiniProgram, miniprogram::check_session),
    Route::post("/wxa/business/getuserphonenumber", MiniProgram, miniprogram::phone_number),
];

/// Beginnings of paths that belong to WeChat: an unknown one is answered in WeChat's way.
pub(crate) const PREFIXES: &[&str] = &[
    "/cgi-bin/",
    "/sns/",
    "/wxa/",
    "/wxaapi/",
    "/connect/",
    "/datacube/",
    "/customservice/",
    "/card/",
    "/mp/",
    "/safe/",
    "/wxaopen/",
];

fn route(path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.path == path)
}
