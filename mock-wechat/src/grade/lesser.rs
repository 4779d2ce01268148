//! Kinds that WeChat documents by their fields and few receivers use: cards and stores, publishing, audits, orders and
//! virtual payment. They are pushed on request; the examination does without them.

use super::kind::{
    Field::{self, G, N, T},
    Kind, told,
};

const CARD: Field = T("CardId", "p1Pj9jr90_SQRaVqYI239Ka1erkI");
const CODE: Field = T("UserCardCode", "226009850808");

/// Of Official Accounts.
pub(crate) const OFFICIAL_ACCOUNT: &[Kind] = &[
    told(
        "PUBLISHJOBFINISH",
        &[G(
            "PublishEventInfo",
            &[
                T("publish_id", "2247503051"),
                N("publish_status", "0"),
                T("article_id", "b5O2OUs25HBxRceL7hfReg-U9QGeq9zQjiDvy"),
                G(
                    "article_detail",
                    &[
                        N("count", "1"),
                        G("item", &[N("idx", "1"), T("article_url", "http://mp.weixin.qq.com/s/x")]),
                    ],
                ),
            ],
        )],
    ),
    told(
        "guide_qrcode_scan_event",
        &[G(
            "GuideScanEvent",
            &[
                T("qrcode_guide_account", "anna"),
                T("qrcode_guide_openid", "oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A"),
                T("openid", "oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A"),
                N("action", "2"),
                T("qrcode_info", "shop=12"),
            ],
        )],
    ),
    told("card_not_pass_check", &[CARD, T("RefuseReason", "the picture is not clear")]),
    told(
        "user_gifting_card",
        &[
            CARD,
            CODE,
            N("IsReturnBack", "0"),
            T("FriendUserName", "oQ3vT6kX0m1Zc9RrUe2bWn5yHs8E"),
            N("IsChatRoom", "0"),
        ],
    ),
    told("user_enter_session_from_card", &[CARD, CODE]),
    told("submit_membercard_user_info", &[CARD, CODE]),
    told(
        "user_pay_from_pay_cell",
        &[
            CARD,
            CODE,
            T("TransId", "4200002750202510091234567890"),
            N("LocationId", "291710000"),
            T("Fee", "10000"),
            T("OriginalFee", "10000"),
        ],
    ),
    told("user_view_card", &[CARD, CODE, T("OuterStr", "12b")]),
    told("update_member_card", &[CARD, CODE, N("ModifyBonus", "3"), N("ModifyBalance", "0")]),
    told("card_sku_remind", &[CARD, T("Detail", "the card has fewer than 100 left")]),
    told(
        "card_pay_order",
        &[
            T("OrderId", "404091456"),
            T("Status", "ORDER_STATUS_FINANCE_SUCC"),
            N("CreateOrderTime", "1760000000"),
            N("PayFinishTime", "0"),
            T("Desc", ""),
            T("FreeCoinCount", "200"),
            T("PayCoinCount", "0"),
            T("RefundFreeCoinCount", "0"),
            T("RefundPayCoinCount", "0"),
            T("OrderType", "ORDER_TYPE_SYS_ADD"),
            T("Memo", ""),
            T("ReceiptInfo", ""),
        ],
    ),
    told("giftcard_pay_done", &[T("PageId", "OIAsbhm"), T("OrderId", "Z2y2rY74ksZX1ceuGA")]),
    told(
        "giftcard_send_to_friend",
        &[
            T("PageId", "OIAsbhm"),
            T("OrderId", "Z2y2rY74ksZX1ceuGA"),
            T("IsChatRoom", "true"),
            T("IsReturnBack", "false"),
        ],
    ),
    told("giftcard_user_accept", &[T("PageId", "OIAsbhm"), T("OrderId", "Z2y2rY74ksZX1ceuGA")]),
    told(
        "user_scan_product",
        &[
            T("KeyStandard", "ean13"),
            T("KeyStr", "6901481811083"),
            T("Country", ""),
            T("Province", ""),
            T("City", ""),
            N("Sex", "0"),
            N("Scene", "2"),
            T("ExtInfo", "123"),
        ],
    ),
];

const WECHAT_PAY: Field = G(
    "WeChatPayInfo",
    &[T("MchOrderNo", "M1"), T("TransactionId", "4200002750202510091234567890"), N("PaidTime", "1760000000")],
);
const OPEN_ID: Field = T("OpenId", "oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A");

/// Of mini-programs.
pub(crate) const MINI_PROGRAM: &[Kind] = &[
    told("weapp_audit_delay", &[T("Reason", "the audit takes longer"), N("DelayTime", "1760000000")]),
    told("wxa_nickname_audit", &[N("ret", "3"), T("nickname", "shop"), T("reason", "")]),
    told("wxa_category_audit", &[N("ret", "3"), N("first", "287"), N("second", "618"), T("reason", "")]),
    told(
        "wxa_privacy_apply",
        &[G(
            "result_info",
            &[
                T("api_name", "wx.getLocation"),
                T("apply_time", "1760000000"),
                T("audit_id", "4211202267"),
                T("audit_time", "1760003600"),
                T("reason", ""),
                T("status", "1"),
            ],
        )],
    ),
    told(
        "wxa_punish_event",
        &[
            N("event_type", "1"),
            T("punish_id", "7"),
            T("appid", "wx0123456789abcdef"),
            N("punish_time", "1760000000"),
            T("illegal_reason", "made up"),
            T("rule_name", "1.2"),
            T("rule_url", "https://example.com/rule"),
            T("detail", "{}"),
        ],
    ),
    told(
        "xpay_goods_deliver_notify",
        &[
            OPEN_ID,
            T("OutTradeNo", "VP202510090001"),
            N("Env", "0"),
            WECHAT_PAY,
            G(
                "GoodsInfo",
                &[
                    T("ProductId", "points_100"),
                    N("Quantity", "1"),
                    N("OrigPrice", "100"),
                    N("ActualPrice", "100"),
                    T("Attach", "m1024"),
                ],
            ),
            N("RetryTimes", "0"),
        ],
    ),
    told(
        "xpay_coin_pay_notify",
        &[
            OPEN_ID,
            T("OutTradeNo", "VP202510090002"),
            N("Env", "0"),
            WECHAT_PAY,
            G(
                "CoinInfo",
                &[N("Quantity", "100"), N("OrigPrice", "100"), N("ActualPrice", "100"), T("Attach", "m1024")],
            ),
            N("RetryTimes", "0"),
        ],
    ),
    told(
        "xpay_refund_notify",
        &[
            OPEN_ID,
            T("WxRefundId", "50300002750202510091234567"),
            T("MchRefundId", "R1"),
            T("WxOrderId", "4200002750202510091234567890"),
            T("MchOrderId", "M1"),
            N("RefundFee", "100"),
            N("RetCode", "0"),
            T("RetMsg", "ok"),
            N("RefundStartTimestamp", "1760000000"),
            N("RefundSuccTimestamp", "1760000060"),
            T("WxpayRefundTransactionId", "50300002750202510091234567"),
            N("RetryTimes", "0"),
        ],
    ),
    told("trade_manage_remind_access_api", &[T("msg", "please use the order shipping API")]),
    told(
        "trade_manage_remind_shipping",
        &[
            T("transaction_id", "4200002750202510091234567890"),
            T("merchant_id", "1900000001"),
            T("sub_merchant_id", ""),
            T("merchant_trade_no", "order-1"),
            N("pay_time", "1760000000"),
            T("msg", "please ship"),
        ],
    ),
    told(
        "trade_manage_order_settlement",
        &[
            T("transaction_id", "4200002750202510091234567890"),
            T("merchant_id", "1900000001"),
            T("sub_merchant_id", ""),
            T("merchant_trade_no", "order-1"),
            N("pay_time", "1760000000"),
            N("shipped_time", "1760086400"),
            N("estimated_settlement_time", "1760691200"),
            N("confirm_receive_method", "1"),
            N("confirm_receive_time", "1760172800"),
            N("settlement_time", "1760172800"),
        ],
    ),
    told(
        "add_express_path",
        &[
            T("DeliveryID", "SF"),
            T("WayBillId", "123456789"),
            T("OrderId", "order-1"),
            N("Version", "3"),
            N("Count", "1"),
            G(
                "Actions",
                &[N("ActionTime", "1760000000"), N("ActionType", "100001"), T("ActionMsg", "picked up")],
            ),
        ],
    ),
];
