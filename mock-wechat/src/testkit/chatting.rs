//! What people do in a chat: write, send something, tap the menu.
//!
//! Files that an account gets can be fetched by their `MediaId`, as with WeChat. What the library does not ask for is
//! made up; the control API's verbs take files.

use super::{account::Account, chat::Chat, person::Person};
use crate::acts::{
    Act, Card, Click, Image, Link, Location, LocationSelect, Pictures, ScanType, Scancode, Text, Video, View,
    ViewMiniprogram, Voice,
};

impl Person {
    /// Taps a menu button of type `click`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.clicks(&brand, "POINTS").await;
    /// # });
    /// ```
    pub async fn clicks(&self, account: &Account, key: &str) -> Chat {
        self.acts(account, Act::Click(Click { key: key.to_owned() })).await
    }

    /// Taps a menu button of type `view`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.views(&brand, "https://example.com/membership").await;
    /// # });
    /// ```
    pub async fn views(&self, account: &Account, url: &str) -> Chat {
        self.acts(account, Act::View(View { url: url.to_owned() })).await
    }

    /// Writes.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.texts(&brand, "我要兑换").await;
    /// # });
    /// ```
    pub async fn texts(&self, account: &Account, content: &str) -> Chat {
        self.acts(account, Act::Text(Text { content: content.to_owned(), menu_id: None })).await
    }

    /// Sends a place.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.sends_location(&brand, 31.204817, 121.471903, "某某路 12 号").await;
    /// # });
    /// ```
    pub async fn sends_location(
        &self,
        account: &Account,
        latitude: f64,
        longitude: f64,
        label: &str,
    ) -> Chat {
        let label = label.to_owned();
        self.acts(account, Act::Location(Location { latitude, longitude, scale: 16, label, report: false }))
            .await
    }

    /// Lets the phone report where it is, as it does on entering a chat.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.reports_location(&brand, 31.20482, 121.471911).await;
    /// # });
    /// ```
    pub async fn reports_location(&self, account: &Account, latitude: f64, longitude: f64) -> Chat {
        let label = String::new();
        self.acts(account, Act::Location(Location { latitude, longitude, scale: 16, label, report: true }))
            .await
    }

    /// Taps an item of a message menu (`msgmenu`).
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.picks(&brand, "101", "满意").await;
    /// # });
    /// ```
    pub async fn picks(&self, account: &Account, menu_id: &str, content: &str) -> Chat {
        let (content, menu_id) = (content.to_owned(), Some(menu_id.to_owned()));
        self.acts(account, Act::Text(Text { content, menu_id })).await
    }

    /// Sends a picture, made up.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// let chat = lin.sends_image(&brand).await;
    /// assert!(chat.messages()[0].more["media_id"].is_string());
    /// # });
    /// ```
    pub async fn sends_image(&self, account: &Account) -> Chat {
        self.acts(account, Act::Image(Image::default())).await
    }

    /// Sends a spoken message, a second of silence.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.sends_voice(&brand).await;
    /// # });
    /// ```
    pub async fn sends_voice(&self, account: &Account) -> Chat {
        self.acts(account, Act::Voice(Voice::default())).await
    }

    /// Sends a spoken message that WeChat understood, for an account that has speech recognition.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.says(&brand, "查询积分").await;
    /// # });
    /// ```
    pub async fn says(&self, account: &Account, words: &str) -> Chat {
        self.acts(account, Act::Voice(Voice { recognition: Some(words.to_owned()), data: None })).await
    }

    /// Sends a film of nothing.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.sends_video(&brand).await;
    /// # });
    /// ```
    pub async fn sends_video(&self, account: &Account) -> Chat {
        self.acts(account, Act::Video(Video::default())).await
    }

    /// Sends a short film of nothing, as older phones do.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.sends_short_video(&brand).await;
    /// # });
    /// ```
    pub async fn sends_short_video(&self, account: &Account) -> Chat {
        self.acts(account, Act::Shortvideo(Video::default())).await
    }

    /// Sends a link.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.sends_link(&brand, "会员日", "https://example.com/a").await;
    /// # });
    /// ```
    pub async fn sends_link(&self, account: &Account, title: &str, url: &str) -> Chat {
        let (title, url) = (title.to_owned(), url.to_owned());
        self.acts(account, Act::Link(Link { title, description: String::new(), url })).await
    }

    /// Sends the card of a mini-program's page.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let shop = wechat.mini_program("shop").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.sends_card(&brand, "积分商城", &shop, "pages/mall/index?id=7").await;
    /// # });
    /// ```
    pub async fn sends_card(&self, account: &Account, title: &str, of: &Account, pagepath: &str) -> Chat {
        let (title, pagepath) = (title.to_owned(), pagepath.to_owned());
        let card = Card { title, appid: of.app_id().to_owned(), pagepath };
        self.acts(account, Act::Miniprogrampage(card)).await
    }

    /// Taps a menu button of type `miniprogram`, which opens its page.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # let brand = wechat.official_account("brand").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.opens_mini_program(&brand, "pages/index/index").await;
    /// # });
    /// ```
    pub async fn opens_mini_program(&self, account: &Account, pagepath: &str) -> Chat {
        self.acts(account, Act::ViewMiniprogram(ViewMiniprogram { path: pagepath.to_owned() })).await
    }

    /// Taps a menu button of type `scancode_push` and scans a QR code.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # // The mock was told of no menu: every button is there.
    /// # let brand = wechat.official_account("club").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.scans_by_menu(&brand, "SCAN", "https://m.example.com/t/88").await;
    /// # });
    /// ```
    pub async fn scans_by_menu(&self, account: &Account, key: &str, result: &str) -> Chat {
        self.acts(account, Act::ScancodePush(qr_code(key, result))).await
    }

    /// Taps a menu button of type `scancode_waitmsg`, scans a QR code, and waits for an answer.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # // The mock was told of no menu: every button is there.
    /// # let brand = wechat.official_account("club").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.scans_and_waits(&brand, "SCAN", "https://m.example.com/t/88").await;
    /// # });
    /// ```
    pub async fn scans_and_waits(&self, account: &Account, key: &str, result: &str) -> Chat {
        self.acts(account, Act::ScancodeWaitmsg(qr_code(key, result))).await
    }

    /// Taps a menu button of type `pic_sysphoto` and takes that many pictures (1 to 9), which arrive as messages too.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # // The mock was told of no menu: every button is there.
    /// # let brand = wechat.official_account("club").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// let chat = lin.takes_photos(&brand, "PHOTO", 2).await;
    /// assert_eq!(chat.messages().len(), 2);
    /// # });
    /// ```
    pub async fn takes_photos(&self, account: &Account, key: &str, count: usize) -> Chat {
        self.acts(account, Act::PicSysphoto(pictures(key, count))).await
    }

    /// Taps a menu button of type `pic_photo_or_album` and chooses that many pictures (1 to 9).
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # // The mock was told of no menu: every button is there.
    /// # let brand = wechat.official_account("club").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.chooses_photos(&brand, "PHOTO", 1).await;
    /// # });
    /// ```
    pub async fn chooses_photos(&self, account: &Account, key: &str, count: usize) -> Chat {
        self.acts(account, Act::PicPhotoOrAlbum(pictures(key, count))).await
    }

    /// Taps a menu button of type `pic_weixin` and chooses that many pictures (1 to 9) from WeChat's album.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # // The mock was told of no menu: every button is there.
    /// # let brand = wechat.official_account("club").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.chooses_album_photos(&brand, "PHOTO", 1).await;
    /// # });
    /// ```
    pub async fn chooses_album_photos(&self, account: &Account, key: &str, count: usize) -> Chat {
        self.acts(account, Act::PicWeixin(pictures(key, count))).await
    }

    /// Taps a menu button of type `location_select` and chooses a place, which arrives as a message too.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # let wechat = mock_wechat::MockWechat::start().await;
    /// # // The mock was told of no menu: every button is there.
    /// # let brand = wechat.official_account("club").without_callback().await;
    /// # let lin = wechat.person("lin");
    /// # lin.follows(&brand).await;
    /// lin.chooses_place(&brand, "PLACE", 31.2048, 121.4719, "某某路 12 号").await;
    /// # });
    /// ```
    pub async fn chooses_place(
        &self,
        account: &Account,
        key: &str,
        latitude: f64,
        longitude: f64,
        label: &str,
    ) -> Chat {
        let (key, label, poiname) = (key.to_owned(), label.to_owned(), String::new());
        let place = LocationSelect { key, latitude, longitude, scale: 15, label, poiname };
        self.acts(account, Act::LocationSelect(place)).await
    }
}

fn qr_code(key: &str, result: &str) -> Scancode {
    Scancode { key: key.to_owned(), result: result.to_owned(), scan_type: ScanType::Qrcode }
}

fn pictures(key: &str, count: usize) -> Pictures {
    Pictures { key: key.to_owned(), pictures: vec![Image::default(); count] }
}
