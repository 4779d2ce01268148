//! Every kind of message and event with the fields that WeChat sends, by who hears of it.
//!
//! To add one: a line in its group. `T` is text (CDATA, or a JSON string), `N` a number, `G` a group of fields.

use super::{
    kind::{
        Field::{self, G, N, T},
        Kind, answered, message, told,
    },
    lesser, rare, registered,
};

/// Whom a kind is pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    OfficialAccount,
    MiniProgram,
    Both,
    /// Third-party platforms: with an `InfoType`.
    Component,
}

/// All kinds but the made-up ones. A kind may stand here several times, with the fields of several occasions.
pub(crate) const ALL: &[(Audience, &[Kind])] = &[
    (Audience::OfficialAccount, MESSAGES),
    (Audience::OfficialAccount, FOLLOWING),
    (Audience::OfficialAccount, MENU),
    (Audience::OfficialAccount, SENDING),
    (Audience::OfficialAccount, SERVICE),
    (Audience::Both, PRIVACY),
    (Audience::OfficialAccount, ACCOUNT),
    (Audience::OfficialAccount, CARDS),
    (Audience::OfficialAccount, lesser::OFFICIAL_ACCOUNT),
    (Audience::OfficialAccount, rare::OFFICIAL_ACCOUNT),
    (Audience::MiniProgram, MINI_PROGRAM),
    (Audience::MiniProgram, lesser::MINI_PROGRAM),
    (Audience::MiniProgram, rare::MINI_PROGRAM),
    (Audience::Component, registered::COMPONENT),
];

pub(crate) const MESSAGES: &[Kind] = &[
    message("text", &[T("Content", "hello")]),
    message("text", &[T("Content", "101"), T("bizmsgmenuid", "101")]),
    message(
        "image",
        &[T("PicUrl", "http://mmbiz.qpic.cn/mmbiz_jpg/AbCdEf/0"), T("MediaId", "3xYz-Media_0001")],
    ),
    message(
        "voice",
        &[
            T("MediaId", "3xYz-Media_0002"),
            T("Format", "amr"),
            T("MediaId16K", "3xYz-Media_0002b"),
            T("Recognition", ""),
        ],
    ),
    message("video", &[T("MediaId", "3xYz-Media_0003"), T("ThumbMediaId", "3xYz-Thumb_0003")]),
    message("shortvideo", &[T("MediaId", "3xYz-Media_0004"), T("ThumbMediaId", "3xYz-Thumb_0004")]),
    message(
        "location",
        &[N("Location_X", "31.204817"), N("Location_Y", "121.471903"), N("Scale", "16"), T("Label", "")],
    ),
    message(
        "link",
        &[T("Title", "会员日"), T("Description", "活动说明"), T("Url", "https://example.com/a?b=1&c=2")],
    ),
    message(
        "miniprogrampage",
        &[
            T("Title", "积分商城"),
            T("AppId", "wx0123456789abcdef"),
            T("PagePath", "pages/mall/index?id=7"),
            T("ThumbUrl", "https://mmbiz.qpic.cn/x"),
            T("ThumbMediaId", "3xYz-Thumb_0007"),
        ],
    ),
];

pub(crate) const FOLLOWING: &[Kind] = &[
    answered("subscribe", &[T("EventKey", "")]),
    answered("subscribe", &[T("EventKey", "qrscene_ref=m1024"), T("Ticket", "gQFB8TwAAAAAAAAAAS5odHRw")]),
    answered("subscribe", &[T("EventKey", "last_trade_no_4200002750202510091234567890")]),
    answered("SCAN", &[T("EventKey", "ref=m1024"), T("Ticket", "gQFB8TwAAAAAAAAAAS5odHRw")]),
    answered(
        "LOCATION",
        &[N("Latitude", "31.204820"), N("Longitude", "121.471911"), N("Precision", "65.000000")],
    ),
    told("unsubscribe", &[T("EventKey", "")]),
];

pub(crate) const MENU: &[Kind] = &[
    answered("CLICK", &[T("EventKey", "POINTS_QUERY")]),
    told("VIEW", &[T("EventKey", "https://m.example.com/points"), N("MenuId", "430012345")]),
    told("view_miniprogram", &[T("EventKey", "pages/index/index"), N("MenuId", "430012345")]),
    answered("scancode_waitmsg", &[T("EventKey", "menu_scan_1"), G("ScanCodeInfo", SCANNED)]),
    answered("scancode_push", &[T("EventKey", "menu_scan_2"), G("ScanCodeInfo", SCANNED)]),
    answered("pic_sysphoto", &[T("EventKey", "menu_photo_1"), G("SendPicsInfo", PICTURES)]),
    answered("pic_photo_or_album", &[T("EventKey", "menu_photo_2"), G("SendPicsInfo", PICTURES)]),
    answered("pic_weixin", &[T("EventKey", "menu_photo_3"), G("SendPicsInfo", PICTURES)]),
    answered(
        "location_select",
        &[
            T("EventKey", "menu_place_1"),
            G(
                "SendLocationInfo",
                &[
                    T("Location_X", "31.2048"),
                    T("Location_Y", "121.4719"),
                    T("Scale", "15"),
                    T("Label", "某市某区某路 8 号"),
                    T("Poiname", ""),
                ],
            ),
        ],
    ),
];

const SCANNED: &[Field] = &[T("ScanType", "qrcode"), T("ScanResult", "https://m.example.com/t/88")];

const PICTURES: &[Field] =
    &[N("Count", "1"), G("PicList", &[G("item", &[T("PicMd5Sum", "9e107d9d372bb6826bd81d3542a419d6")])])];

pub(crate) const SENDING: &[Kind] = &[
    told("TEMPLATESENDJOBFINISH", &[N("MsgID", "3456789012345678901"), T("Status", "success")]),
    told("TEMPLATESENDJOBFINISH", &[N("MsgID", "3456789012345678902"), T("Status", "failed:user block")]),
    told(
        "MASSSENDJOBFINISH",
        &[
            N("MsgID", "1000004711"),
            T("Status", "send success"),
            N("TotalCount", "100"),
            N("FilterCount", "80"),
            N("SentCount", "75"),
            N("ErrorCount", "5"),
        ],
    ),
    told(
        "subscribe_msg_popup_event",
        &[G(
            "SubscribeMsgPopupEvent",
            &[G(
                "List",
                &[
                    T("TemplateId", "MadeUpTemplateId-000000000000000000000000001"),
                    T("SubscribeStatusString", "accept"),
                    N("PopupScene", "2"),
                ],
            )],
        )],
    ),
    told(
        "subscribe_msg_change_event",
        &[G(
            "SubscribeMsgChangeEvent",
            &[G(
                "List",
                &[
                    T("TemplateId", "MadeUpTemplateId-000000000000000000000000001"),
                    T("SubscribeStatusString", "reject"),
                ],
            )],
        )],
    ),
    told(
        "subscribe_msg_sent_event",
        &[G(
            "SubscribeMsgSentEvent",
            &[G(
                "List",
                &[
                    T("TemplateId", "MadeUpTemplateId-000000000000000000000000001"),
                    N("MsgID", "1876543210987654321"),
                    N("ErrorCode", "0"),
                    T("ErrorStatus", "success"),
                ],
            )],
        )],
    ),
];

pub(crate) const SERVICE: &[Kind] = &[
    told("kf_create_session", &[T("KfAccount", "anna@demo")]),
    told("kf_switch_session", &[T("FromKfAccount", "anna@demo"), T("ToKfAccount", "bo@demo")]),
    told("kf_close_session", &[T("KfAccount", "bo@demo")]),
];

pub(crate) const PRIVACY: &[Kind] = &[
    told("user_info_modified", AFFECTED),
    told(
        "user_authorization_revoke",
        &[
            T("OpenID", "oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A"),
            T("AppID", "wx0123456789abcdef"),
            T("RevokeInfo", "205"),
        ],
    ),
    told("user_authorization_cancellation", AFFECTED),
];

const AFFECTED: &[Field] = &[T("OpenID", "oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A"), T("AppID", "wx0123456789abcdef")];

pub(crate) const ACCOUNT: &[Kind] = &[
    told("qualification_verify_success", &[N("ExpiredTime", "1791536000")]),
    told("qualification_verify_fail", &[N("FailTime", "1760000000"), T("FailReason", "by time")]),
    told("naming_verify_success", &[N("ExpiredTime", "1791536000")]),
    told("naming_verify_fail", &[N("FailTime", "1760000000"), T("FailReason", "by time")]),
    told("annual_renew", &[N("ExpiredTime", "1791536000")]),
    told("verify_expired", &[N("ExpiredTime", "1760000000")]),
];

pub(crate) const CARDS: &[Kind] = &[
    told("card_pass_check", &[T("CardId", "p1Pj9jr90_SQRaVqYI239Ka1erkI")]),
    told(
        "user_get_card",
        &[
            T("CardId", "p1Pj9jr90_SQRaVqYI239Ka1erkI"),
            N("IsGiveByFriend", "0"),
            T("UserCardCode", "226009850808"),
            T("OuterStr", ""),
            T("UnionId", "o6_bmasdasdsad6_2sgVt7hMZOPfL"),
        ],
    ),
    told("user_del_card", &[T("CardId", "p1Pj9jr90_SQRaVqYI239Ka1erkI"), T("UserCardCode", "226009850808")]),
    told(
        "user_consume_card",
        &[
            T("CardId", "p1Pj9jr90_SQRaVqYI239Ka1erkI"),
            T("UserCardCode", "226009850808"),
            T("ConsumeSource", "FROM_API"),
        ],
    ),
    told(
        "merchant_order",
        &[T("OrderId", "test_order_id"), N("OrderStatus", "2"), T("ProductId", "test"), T("SkuInfo", "")],
    ),
    told(
        "poi_check_notify",
        &[T("UniqId", "123adb"), N("PoiId", "123123"), T("Result", "fail"), T("msg", "xxxxxx")],
    ),
];

pub(crate) const MINI_PROGRAM: &[Kind] = &[
    message("text", &[T("Content", "在吗")]),
    message("image", &[T("PicUrl", "https://mmbiz.qpic.cn/x"), T("MediaId", "3xYz-Media_0001")]),
    message(
        "miniprogrampage",
        &[
            T("Title", "t"),
            T("AppId", "wx0123456789abcdef"),
            T("PagePath", "pages/a"),
            T("ThumbUrl", "https://mmbiz.qpic.cn/x"),
            T("ThumbMediaId", "3xYz-Thumb_0007"),
        ],
    ),
    told("user_enter_tempsession", &[T("SessionFrom", "mall")]),
    told("debug_demo", &[T("debug_str", "hello world")]),
    told("weapp_audit_success", &[N("SuccTime", "1760000000")]),
    told(
        "weapp_audit_fail",
        &[T("Reason", "1: blank page"), N("FailTime", "1760000000"), T("ScreenShot", "a|b")],
    ),
    told(
        "wxa_media_check",
        &[
            T("appid", "wx0123456789abcdef"),
            T("trace_id", "68e77a00-3845297a-1976a3ae"),
            N("version", "2"),
            G("result", &[T("suggest", "pass"), N("label", "100")]),
        ],
    ),
    told(
        "subscribe_msg_popup_event",
        &[G(
            "List",
            &[
                T("TemplateId", "MadeUpTemplateId-000000000000000000000000001"),
                T("SubscribeStatusString", "accept"),
                T("PopupScene", "0"),
            ],
        )],
    ),
];

/// WeChat adds kinds without notice.
pub(crate) const UNKNOWN: &[Kind] = &[
    told("brand_new_event_of_tomorrow", &[T("Colour", "teal"), G("Inner", &[N("Depth", "2")])]),
    message("brand_new_message_of_tomorrow", &[T("Colour", "teal")]),
];
