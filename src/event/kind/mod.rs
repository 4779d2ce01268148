//! The kinds of push: one file each, or one for siblings that WeChat gives the same elements.
//!
//! A kind is a struct of `wire!`, what it means to the rest of the gateway (`Effect`), and its
//! line in the table below. What an account of either sort may receive stands in it; anything else is
//! [`Unknown`](Kind::Unknown), kept whole and acknowledged.
//!
//! `effect.rs` has `Effect` and the limits; every other file is a kind.
//!
//! To add a kind:
//! 1. Write `kind/<name>.rs`: a struct in `wire!` with an element name for every field. A plain type refuses a push
//!    without that element; `Option` does not. Text about a person is [`Words`](super::Words).
//! 2. In the same file `impl Effect`: whom it is about, if not the sender; what tells two of them apart in one second,
//!    if not `EventKey`; which facts the rules may see. The defaults fit a menu tap.
//! 3. Declare the file here, and add its line to the table: variant, type, name on the wire in lower case, and
//!    `=> "touchpoint"` where the touchpoint has another name.
//! 4. Add `tests/fixtures/event/<name>.xml` and `.json` with made-up values, run `cargo test --lib event`: it prints what
//!    it read of them. Read that, and keep it as `<name>.txt`. A kind without fixtures fails that test.

use super::error::ParseError;
use super::fields::Fields;
use super::head::Head;
use super::value::Wire;
use crate::account::AccountKind;

pub mod add_express_path;
pub mod appeal;
pub mod authorization_cancellation;
pub mod authorization_revoke;
pub mod card_held;
pub mod card_order;
pub mod card_review;
pub mod card_stock;
pub mod category_review;
pub mod charge_quota;
pub mod click;
pub mod debug_demo;
pub mod device;
pub mod drama_review;
pub mod drama_upload;
mod effect;
pub mod enter_chat;
pub mod file;
pub mod gift_card;
pub mod guide_invite;
pub mod guide_scan;
pub mod image;
pub mod interface_review;
pub mod invoice_authorization;
pub mod invoice_result;
pub mod invoice_status;
pub mod invoice_title;
pub mod kf_session;
pub mod kf_switch;
pub mod link;
pub mod live_follow;
pub mod live_push;
pub mod location;
pub mod location_report;
pub mod location_select;
pub mod mass_sent;
pub mod media_check;
pub mod member_card;
pub mod merchant_order;
pub mod mini_game;
pub mod mini_program_page;
pub mod name_review;
pub mod pictures;
pub mod poi_review;
pub mod product_review;
pub mod product_scan;
pub mod published;
pub mod punishment;
pub mod release_review;
pub mod scan;
pub mod scan_code;
pub mod shake;
pub mod store_refund;
pub mod subscribe;
pub mod subscription_choice;
pub mod subscription_sent;
pub mod template_sent;
pub mod text;
pub mod trade_access;
pub mod trade_settlement;
pub mod trade_shipping;
pub mod unknown;
pub mod unsubscribe;
pub mod user_consume_card;
pub mod user_get_card;
pub mod user_gifting_card;
pub mod user_info_modified;
pub mod user_pay_from_pay_cell;
pub mod user_view_card;
pub mod verification;
pub mod verification_order;
pub mod video;
pub mod view;
pub mod view_mini_program;
pub mod violation;
pub mod virtual_coins;
pub mod virtual_goods;
pub mod virtual_refund;
pub mod virtual_subscription;
pub mod voice;
pub mod wifi;

pub use effect::Ack;
pub(super) use effect::{Effect, Person};

kinds! {
    messages {
        Text(text::Text) "text";
        Image(image::Image) "image";
        Voice(voice::Voice) "voice";
        Video(video::Video) "video";
        ShortVideo(video::Video) "shortvideo";
        Location(location::Location) "location";
        Link(link::Link) "link";
        MiniProgramPage(mini_program_page::MiniProgramPage) "miniprogrampage";
        File(file::File) "file";
    }
    devices {
        DeviceText(device::Device) "device_text";
        DeviceEvent(device::Device) "device_event";
        DeviceStatus(device::Device) "device_status";
        Hardware(device::Device) "hardware";
    }
    events {
        // Follow, scan, menu.
        Subscribe(subscribe::Subscribe) "subscribe";
        Unsubscribe(unsubscribe::Unsubscribe) "unsubscribe";
        Scan(scan::Scan) "scan";
        Click(click::Click) "click";
        View(view::View) "view";
        ViewMiniProgram(view_mini_program::ViewMiniProgram) "view_miniprogram";
        LocationReport(location_report::LocationReport) "location";
        ScanCodePush(scan_code::ScanCode) "scancode_push";
        ScanCodeWait(scan_code::ScanCode) "scancode_waitmsg";
        PicturesTaken(pictures::Pictures) "pic_sysphoto";
        PicturesTakenOrChosen(pictures::Pictures) "pic_photo_or_album";
        PicturesChosen(pictures::Pictures) "pic_weixin";
        LocationSelect(location_select::LocationSelect) "location_select";
        // What became of messages to the person.
        TemplateSent(template_sent::TemplateSent) "templatesendjobfinish";
        MassSent(mass_sent::MassSent) "masssendjobfinish";
        Published(published::Published) "publishjobfinish" | "freepublishjobfinish";
        SubscriptionPopup(subscription_choice::SubscriptionChoice) "subscribe_msg_popup_event";
        SubscriptionChange(subscription_choice::SubscriptionChoice) "subscribe_msg_change_event";
        SubscriptionSent(subscription_sent::SubscriptionSent) "subscribe_msg_sent_event";
        // Customer service.
        EnterChat(enter_chat::EnterChat) "user_enter_tempsession" => "enter";
        KfCreate(kf_session::KfSession) "kf_create_session";
        KfClose(kf_session::KfSession) "kf_close_session";
        KfSwitch(kf_switch::KfSwitch) "kf_switch_session";
        // Privacy.
        UserInfoModified(user_info_modified::UserInfoModified) "user_info_modified";
        AuthorizationRevoke(authorization_revoke::AuthorizationRevoke) "user_authorization_revoke";
        AuthorizationCancellation(authorization_cancellation::AuthorizationCancellation) "user_authorization_cancellation";
        // Cards.
        CardPassed(card_review::CardReview) "card_pass_check";
        CardRefused(card_review::CardReview) "card_not_pass_check";
        UserGetCard(user_get_card::UserGetCard) "user_get_card";
        UserGiftingCard(user_gifting_card::UserGiftingCard) "user_gifting_card";
        UserDelCard(card_held::CardHeld) "user_del_card";
        EnterSessionFromCard(card_held::CardHeld) "user_enter_session_from_card";
        SubmitMemberCard(card_held::CardHeld) "submit_membercard_user_info";
        UserConsumeCard(user_consume_card::UserConsumeCard) "user_consume_card";
        UserPayFromPayCell(user_pay_from_pay_cell::UserPayFromPayCell) "user_pay_from_pay_cell";
        UserViewCard(user_view_card::UserViewCard) "user_view_card";
        UpdateMemberCard(member_card::MemberCard) "update_member_card";
        CardStock(card_stock::CardStock) "card_sku_remind";
        CardOrder(card_order::CardOrder) "card_pay_order";
        GiftCardPaid(gift_card::GiftCard) "giftcard_pay_done";
        GiftCardSent(gift_card::GiftCard) "giftcard_send_to_friend";
        GiftCardAccepted(gift_card::GiftCard) "giftcard_user_accept";
        // Stores, products, devices, invoices, guides.
        PoiReview(poi_review::PoiReview) "poi_check_notify";
        MerchantOrder(merchant_order::MerchantOrder) "merchant_order";
        ProductOpened(product_scan::ProductScan) "user_scan_product";
        ProductChat(product_scan::ProductScan) "user_scan_product_enter_session";
        ProductPlace(product_scan::ProductScan) "user_scan_product_async";
        ProductReview(product_review::ProductReview) "user_scan_product_verify_action";
        WifiConnected(wifi::WifiConnected) "wificonnected";
        Shake(shake::Shake) "shakearoundusershake";
        InvoiceAuthorization(invoice_authorization::InvoiceAuthorization) "user_authorize_invoice";
        InvoiceStatus(invoice_status::InvoiceStatus) "update_invoice_status";
        InvoiceTitle(invoice_title::InvoiceTitle) "submit_invoice_title";
        InvoiceResult(invoice_result::InvoiceResult) "cloud_invoice_invoiceresult_event";
        GuideScan(guide_scan::GuideScan) "guide_qrcode_scan_event";
        GuideInvite(guide_invite::GuideInvite) "guide_invite_result_event";
        // Payments inside mini-programs.
        VirtualGoods(virtual_goods::VirtualGoods) "xpay_goods_deliver_notify";
        VirtualCoins(virtual_coins::VirtualCoins) "xpay_coin_pay_notify";
        VirtualRefund(virtual_refund::VirtualRefund) "xpay_refund_notify";
        VirtualSubscription(virtual_subscription::VirtualSubscription) "xpay_apple_subscribe_signing_result_notify";
        MiniGameCoins(mini_game::MiniGame) "minigame_coin_deliver_completed";
        MiniGameGoods(mini_game::MiniGame) "minigame_deliver_goods";
        StoreRefund(store_refund::StoreRefund) "retail_refund_notify";
        TradeAccess(trade_access::TradeAccess) "trade_manage_remind_access_api";
        TradeShipping(trade_shipping::TradeShipping) "trade_manage_remind_shipping";
        TradeSettlement(trade_settlement::TradeSettlement) "trade_manage_order_settlement";
        ExpressPath(add_express_path::ExpressPath) "add_express_path";
        // Live rooms and films of a mini-program.
        LiveFollow(live_follow::LiveFollow) "wxalive_follow_notify";
        LivePush(live_push::LivePush) "wxalive_push_message_notify";
        DramaUpload(drama_upload::DramaUpload) "secvod_upload_event";
        DramaReview(drama_review::DramaReview) "secvod_audit_event";
        // WeChat's verdicts on the account and its content.
        MediaCheck(media_check::MediaCheck) "wxa_media_check";
        QualificationVerified(verification::Verified) "qualification_verify_success";
        QualificationRefused(verification::Refused) "qualification_verify_fail";
        NamingVerified(verification::Verified) "naming_verify_success";
        NamingRefused(verification::Refused) "naming_verify_fail";
        AnnualRenew(verification::Verified) "annual_renew";
        VerifyExpired(verification::Verified) "verify_expired";
        VerificationPaid(verification_order::VerificationOrder) "wx_verify_pay_succ";
        VerificationDispatched(verification_order::VerificationOrder) "wx_verify_dispatch";
        ReleaseApproved(release_review::ReleaseReview) "weapp_audit_success";
        ReleaseRefused(release_review::ReleaseReview) "weapp_audit_fail";
        ReleaseDelayed(release_review::ReleaseReview) "weapp_audit_delay";
        NameReview(name_review::NameReview) "wxa_nickname_audit";
        CategoryReview(category_review::CategoryReview) "wxa_category_audit";
        InterfaceReview(interface_review::InterfaceReview) "wxa_privacy_apply";
        Violation(violation::Violation) "wxa_illegal_record";
        Appeal(appeal::Appeal) "wxa_appeal_record";
        Punishment(punishment::Punishment) "wxa_punish_event";
        ChargeQuota(charge_quota::ChargeQuota) "charge_service_quota_notify";
        DebugDemo(debug_demo::DebugDemo) "debug_demo";
    }
}

/// Makes the enum, its reader and its names out of the table.
macro_rules! kinds {
    (
        messages { $($message:ident($message_type:ty) $message_name:literal;)* }
        devices { $($device:ident($device_type:ty) $device_name:literal;)* }
        events { $($event:ident($event_type:ty) $event_name:literal $(| $also:literal)* $(=> $touch:literal)?;)* }
    ) => {
        /// What was pushed. `Debug` shows what is in it, [`Words`](super::Words) and identifiers excepted.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Kind {
            $(#[doc = concat!("Message `", $message_name, "`.")] $message($message_type),)*
            $(#[doc = concat!("Message `", $device_name, "` of hardware.")] $device($device_type),)*
            $(#[doc = concat!("Event `", $event_name, "`.")] $event($event_type),)*
            /// Anything else: WeChat adds kinds without notice.
            Unknown(unknown::Unknown),
        }

        impl Kind {
            /// Every [`Kind::label`] but `unknown` and `message.unknown`.
            pub const LABELS: &[&'static str] = &[
                $(concat!("message.", $message_name),)*
                $($device_name,)*
                $($event_name,)*
            ];

            /// Reads the kind that the header names. `Event` is written in any case: `subscribe`, but `SCAN`.
            pub(super) fn read(head: &Head<'_>, fields: Fields<'_>) -> Result<Self, ParseError> {
                let is = |name: &str| head.name.eq_ignore_ascii_case(name);
                match head.event {
                    None => {
                        $(if is($message_name) {
                            return Wire::from_fields(fields).map(Self::$message);
                        })*
                        $(if is($device_name) {
                            return Wire::from_fields(fields).map(Self::$device);
                        })*
                    }
                    Some(_) => {
                        $(if is($event_name) $(|| is($also))* {
                            return Wire::from_fields(fields).map(Self::$event);
                        })*
                    }
                }
                Ok(Self::Unknown(unknown::Unknown::keep(head, fields)))
            }

            /// Name for metrics and logs, one of a fixed set: the event in lower case, or `message.` and its type.
            #[must_use]
            pub fn label(&self) -> &'static str {
                match self {
                    $(Self::$message(_) => concat!("message.", $message_name),)*
                    $(Self::$device(_) => $device_name,)*
                    $(Self::$event(_) => $event_name,)*
                    Self::Unknown(unknown) => unknown.label(),
                }
            }

            /// The touchpoint that rules listen on (`oa.subscribe`, `mp.message`), one of a fixed set.
            #[must_use]
            pub fn touchpoint(&self, account: AccountKind) -> &'static str {
                let (oa, mp) = match self {
                    $(Self::$message(_))|* => ("oa.message", "mp.message"),
                    $(Self::$device(_) => touchpoints!($device_name),)*
                    $(Self::$event(_) => touchpoints!($($touch)? $event_name),)*
                    Self::Unknown(unknown) => unknown.touchpoints(),
                };
                match account {
                    AccountKind::OfficialAccount => oa,
                    AccountKind::MiniProgram => mp,
                }
            }

            /// True for what a person wrote or sent, false for an event.
            pub(super) fn is_message(&self) -> bool {
                match self {
                    $(Self::$message(_))|* => true,
                    $(Self::$device(_))|* => false,
                    $(Self::$event(_))|* => false,
                    Self::Unknown(unknown) => unknown.is_message(),
                }
            }

            pub(super) fn effect(&self) -> &dyn Effect {
                match self {
                    $(Self::$message(kind) => kind,)*
                    $(Self::$device(kind) => kind,)*
                    $(Self::$event(kind) => kind,)*
                    Self::Unknown(kind) => kind,
                }
            }
        }
    };
}
use kinds;

/// Both names of a touchpoint: its own where the table gives one, else the event's.
macro_rules! touchpoints {
    ($touch:literal $event:literal) => {
        touchpoints!($touch)
    };
    ($touch:literal) => {
        (concat!("oa.", $touch), concat!("mp.", $touch))
    };
}
use touchpoints;
