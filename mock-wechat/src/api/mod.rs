//! WeChat's own paths.
//!
//! | file | holds |
//! |---|---|
//! | `call.rs` | a request as the handlers see it, and their answers |
//! | `error.rs` | the error codes and how an error looks on the wire |
//! | `serve.rs` | from HTTP request to response: faults, the order of checks, the journal |
//! | `token.rs` | access tokens |
//! | `plumbing.rs` | addresses, quotas |
//! | `user.rs` | followers and what is known of them |
//! | `message.rs` | customer-service messages |
//! | `qrcode.rs` | parametric QR codes |
//! | `sns.rs` | mini-program login |
//! | `miniprogram.rs` | sessions and phone numbers of mini-programs |
//!
//! To add an API: write its handler in the file of its group and give it a line in [`ROUTES`]. A handler sees the
//! request after the checks that all APIs share; it answers [`call::Answer`] or an [`error::ApiError`] by its code.

mod call;
mod error;
mod message;
mod miniprogram;
mod plumbing;
mod qrcode;
mod serve;
mod sns;
mod token;
mod user;

pub use serve::CallRecord;
pub(crate) use serve::{Unsent, serve};

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
    Route::post("/cgi-bin/clear_quota", Both, plumbing::clear_quota),
    Route::get("/cgi-bin/user/info", OfficialAccount, user::info),
    Route::post("/cgi-bin/user/info/batchget", OfficialAccount, user::batch_info),
    Route::post("/cgi-bin/user/info/updateremark", OfficialAccount, user::update_remark),
    Route::get("/cgi-bin/user/get", OfficialAccount, user::list),
    Route::post("/cgi-bin/message/custom/send", Both, message::send),
    Route::post("/cgi-bin/message/custom/typing", Both, message::typing),
    Route::post("/cgi-bin/qrcode/create", OfficialAccount, qrcode::create),
    Route::open("GET", "/sns/jscode2session", sns::jscode2session),
    Route::get("/wxa/checksession", MiniProgram, miniprogram::check_session),
    Route::post("/wxa/business/getuserphonenumber", MiniProgram, miniprogram::phone_number),
];

/// Beginnings of paths that belong to WeChat: an unknown one is answered in WeChat's way.
pub(crate) const PREFIXES: &[&str] =
    &["/cgi-bin/", "/sns/", "/wxa/", "/wxaapi/", "/connect/", "/datacube/", "/customservice/", "/card/"];

fn route(path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.path == path)
}
