//! People: who they are, and what they do; what they do in a chat is in `chatting.rs`.

use std::sync::Arc;

use super::{account::Account, chat::Chat, mock::Shared};
use crate::{
    acts::{
        Act, Done, Enter, Follow, Login, Pay, Phone, Refund, Scan, SceneValue, Subscribe, Unfollow, UserData,
    },
    ids::{self, OpenIds, PersonKey},
};

/// Someone with a phone. Verbs wait until everything they push is delivered, tried again and judged.
#[derive(Debug, Clone)]
pub struct Person {
    shared: Arc<Shared>,
    name: String,
    key: PersonKey,
}

/// A payment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// WeChat Pay's number, 28 digits.
    pub transaction_id: String,
    /// The merchant's order number.
    pub out_trade_no: String,
}

/// What a page of a mini-program gets, to be opened with the session key by its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDataSealed {
    /// AES-128-CBC in base64.
    pub encrypted_data: String,
    /// In base64.
    pub iv: String,
}

impl Person {
    pub(super) fn new(shared: Arc<Shared>, name: &str) -> Self {
        let key = shared.platform.world_mut().person(name);
        Self { shared, name: name.to_owned(), key }
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How an account knows them.
    pub fn open_id(&self, account: &Account) -> String {
        OpenIds::of(account.app_id()).seal(self.key)
    }

    /// How all accounts of an open-platform account know them.
    pub fn union_id(&self, open_platform: &str) -> String {
        ids::union_id(open_platform, self.key)
    }

    /// Sets their phone to a language, such as `en`; it is `zh_CN` otherwise.
    #[must_use]
    pub fn speaking(self, language: &str) -> Self {
        self.shared.platform.world_mut().set_language(self.key, language);
        self
    }

    /// Finds the account and follows it.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let chat = lin.follows(&brand).await;
    /// assert!(chat.follows());
    /// # });
    /// ```
    pub async fn follows(&self, account: &Account) -> Chat {
        self.acts(account, Act::Follow(Follow::default())).await
    }

    /// Follows by scanning the QR code of a scene.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// lin.follows_from(&brand, "store-12").await;
    /// # });
    /// ```
    pub async fn follows_from(&self, account: &Account, scene: &str) -> Chat {
        self.acts(
            account,
            Act::Follow(Follow { scene: Some(SceneValue::Text(scene.to_owned())), transaction_id: None }),
        )
        .await
    }

    /// Follows on the page after a payment.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let payment = lin.pays(&brand, 12_900).await;
    /// lin.follows_after(&brand, &payment).await;
    /// # });
    /// ```
    pub async fn follows_after(&self, account: &Account, payment: &Payment) -> Chat {
        let transaction_id = Some(payment.transaction_id.clone());
        self.acts(account, Act::Follow(Follow { scene: None, transaction_id })).await
    }

    /// Leaves.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// let chat = lin.unfollows(&brand).await;
    /// assert!(!chat.follows());
    /// # });
    /// ```
    pub async fn unfollows(&self, account: &Account) -> Chat {
        self.acts(account, Act::Unfollow(Unfollow::default())).await
    }

    /// Scans the QR code of a scene: a follower's push is `SCAN`, anyone else follows by it.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let chat = lin.scans(&brand, "store-12").await;
    /// assert!(chat.follows(), "a stranger follows by it");
    /// # });
    /// ```
    pub async fn scans(&self, account: &Account, scene: &str) -> Chat {
        self.acts(
            account,
            Act::Scan(Scan { scene: Some(SceneValue::Text(scene.to_owned())), ..Scan::default() }),
        )
        .await
    }

    /// Scans the QR code that `qrcode/create` gave this ticket for.
    pub async fn scans_ticket(&self, account: &Account, ticket: &str) -> Chat {
        self.acts(account, Act::Scan(Scan { ticket: Some(ticket.to_owned()), ..Scan::default() })).await
    }

    /// Enters a mini-program's customer-service chat.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let shop = wechat.mini_program("shop").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// lin.enters(&shop).await;
    /// # });
    /// ```
    pub async fn enters(&self, account: &Account) -> Chat {
        self.acts(account, Act::Enter(Enter::default())).await
    }

    /// `wx.login` in a mini-program: the `js_code`, good once for five minutes.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let shop = wechat.mini_program("shop").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let js_code = lin.logs_in(&shop).await;
    /// assert_eq!(js_code.len(), 32);
    /// # });
    /// ```
    pub async fn logs_in(&self, account: &Account) -> String {
        self.performs(account, Act::Login(Login::default())).await.text("js_code")
    }

    /// Consents to the phone number in a mini-program: the code, good once for five minutes.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let shop = wechat.mini_program("shop").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let code = lin.gives_phone(&shop).await;
    /// assert_eq!(code.len(), 64);
    /// # });
    /// ```
    pub async fn gives_phone(&self, account: &Account) -> String {
        self.performs(account, Act::Phone(Phone::default())).await.text("code")
    }

    /// Hands a mini-program encrypted user data, as `wx.getUserInfo` did: the profile. Takes a session.
    pub async fn gives_user_data(&self, account: &Account) -> UserDataSealed {
        self.seals(account, false).await
    }

    /// Hands a mini-program their phone number, encrypted as it was before codes. Takes a session.
    pub async fn gives_phone_data(&self, account: &Account) -> UserDataSealed {
        self.seals(account, true).await
    }

    /// Says yes when asked for a subscription message by this template: good for one.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let shop = wechat.mini_program("shop").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let template = wechat.subscription_template(&shop, "积分变动提醒", "积分：{{number1.DATA}}");
    /// lin.agrees_to(&shop, &template).await;
    /// # });
    /// ```
    pub async fn agrees_to(&self, account: &Account, template_id: &str) -> Chat {
        self.answers(account, template_id, true, false).await
    }

    /// Says no when asked for a subscription message.
    pub async fn refuses(&self, account: &Account, template_id: &str) -> Chat {
        self.answers(account, template_id, false, false).await
    }

    /// Takes back in the settings every yes to this template.
    pub async fn withdraws_from(&self, account: &Account, template_id: &str) -> Chat {
        self.answers(account, template_id, false, true).await
    }

    /// Pays some fen. The merchant is notified where the account has a `pay_notify_url`: once before this returns, and where
    /// it does not take it again by the mock's clock, see [`MockWechat::pending_notices`](super::MockWechat::pending_notices).
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let payment = lin.pays(&brand, 12_900).await;
    /// assert!(payment.transaction_id.starts_with("4200"));
    /// # });
    /// ```
    pub async fn pays(&self, account: &Account, fen: u64) -> Payment {
        let done = self.performs(account, Act::Pay(Pay { fen, out_trade_no: None, probe: false })).await;
        Payment { transaction_id: done.text("transaction_id"), out_trade_no: done.text("out_trade_no") }
    }

    /// Gets a payment back, whole, or some fen of it.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// let payment = lin.pays(&brand, 12_900).await;
    /// lin.gets_refund(&brand, &payment, Some(900)).await;
    /// # });
    /// ```
    pub async fn gets_refund(&self, account: &Account, payment: &Payment, fen: Option<u64>) {
        let out_trade_no = payment.out_trade_no.clone();
        self.performs(account, Act::Refund(Refund { out_trade_no, fen })).await;
    }

    /// The chat with an account as it is now, from its beginning.
    pub fn chat(&self, account: &Account) -> Chat {
        Chat::whole(self.shared.clone(), self.key, &self.name, account.app_id())
    }

    async fn answers(&self, account: &Account, template_id: &str, accept: bool, withdraw: bool) -> Chat {
        let template_id = template_id.to_owned();
        self.acts(account, Act::Subscribe(Subscribe { template_id, accept, withdraw, answers: Vec::new() }))
            .await
    }

    async fn seals(&self, account: &Account, phone: bool) -> UserDataSealed {
        let done = self.performs(account, Act::UserData(UserData { phone })).await;
        UserDataSealed { encrypted_data: done.text("encryptedData"), iv: done.text("iv") }
    }

    pub(super) async fn acts(&self, account: &Account, act: Act) -> Chat {
        let before = self.shared.platform.sequence.next();
        let done = self.performs(account, act).await;
        Chat::since(self.chat(account), before, done.outcome)
    }

    async fn performs(&self, account: &Account, act: Act) -> Done {
        let platform = self.shared.platform.clone();
        let (name, app_id) = (self.name.clone(), account.app_id().to_owned());
        let done = self.shared.run(async move { platform.perform(&name, &app_id, &act).await }).await;
        done.unwrap_or_else(|error| panic!("{} could not do that: {error}", self.name))
    }
}

impl Done {
    fn text(&self, key: &str) -> String {
        self.more.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    }
}
