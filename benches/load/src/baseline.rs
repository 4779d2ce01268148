//! What the gateway is measured against: the same HTTP server doing less.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use secrecy::SecretString;
use wechat_gateway::account::{Account, AccountKind, Format, Lang, Mode};
use wechat_gateway::clock::{Clock as _, SystemClock};
use wechat_gateway::event;
use wechat_gateway::ids::AppId;
use wechat_gateway::verify::{Delivery, Query, Settings, Verifier};

use crate::pushes;

/// How much of the work is done.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Baseline {
    /// The body is read and `success` is answered.
    Bare,
    /// The push is verified and parsed as well.
    Verified,
}

/// Serves until the process is killed.
pub(crate) async fn serve(what: Baseline, address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let account = Arc::new(account()?);
    let verifier = web::Data::new(Verifier::new(Settings::default(), [&*account])?);
    let account = web::Data::from(account);
    HttpServer::new(move || {
        let app = App::new()
            .app_data(verifier.clone())
            .app_data(account.clone())
            .route("/readyz", web::get().to(HttpResponse::Ok));
        match what {
            Baseline::Bare => app.route("/wechat/{account}", web::post().to(bare)),
            Baseline::Verified => app.route("/wechat/{account}", web::post().to(verified)),
        }
    })
    .backlog(4096)
    .bind(address)?
    .run()
    .await?;
    Ok(())
}

async fn bare(_body: web::Bytes) -> &'static str {
    "success"
}

async fn verified(
    verifier: web::Data<Verifier>,
    account: web::Data<Account>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let now = SystemClock.now();
    let account = account.into_inner();
    let event = Query::parse(request.query_string())
        .and_then(|query| verifier.verify(Delivery::new(account, query, body, now)))
        .map(|push| event::parse(&push.body, push.account, push.received_at));
    match event {
        Ok(Ok(_)) => HttpResponse::Ok().content_type("text/plain").body("success"),
        Ok(Err(error)) => HttpResponse::BadRequest().body(error.to_string()),
        Err(refusal) => HttpResponse::Forbidden().body(refusal.to_string()),
    }
}

fn account() -> Result<Account, Box<dyn Error>> {
    Ok(Account {
        name: "brand".into(),
        app_id: AppId::parse(pushes::APP_ID)?,
        kind: AccountKind::OfficialAccount,
        original_id: pushes::ORIGINAL_ID.into(),
        secret: SecretString::from(pushes::SECRET),
        tokens: vec![SecretString::from(pushes::TOKEN)],
        aes_keys: Vec::new(),
        mode: Mode::Plain,
        format: Format::Xml,
        lang: Lang::Zh,
    })
}
