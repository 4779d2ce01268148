//! Kinds that hardly any account gets: files, invoices, hardware, goods that were scanned, games, live rooms, short plays, records
//! of what was against the rules. They are pushed on request; the examination does without them.

use super::kind::{
    Field::{G, N, T},
    Kind, message, reported, told,
};

/// Of Official Accounts.
pub(crate) const OFFICIAL_ACCOUNT: &[Kind] = &[
    message(
        "file",
        &[
            T("Title", "invoice.pdf"),
            T("Description", ""),
            T("FileKey", "made-up-file-key"),
            T("FileMd5", "9e107d9d372bb6826bd81d3542a419d6"),
            N("FileTotalLen", "20480"),
        ],
    ),
    message("hardware", &[T("DeviceID", "lamp-17"), T("Content", "bWFkZSB1cA==")]),
    reported(
        "device_status",
        &[
            T("DeviceType", "gh_0000000000aa"),
            T("DeviceID", "lamp-17"),
            N("DeviceStatus", "1"),
            T("OpenID", "oMkbrand0000000000000000linA"),
        ],
    ),
    told(
        "FREEPUBLISHJOBFINISH",
        &[G(
            "PublishEventInfo",
            &[
                T("publish_id", "2247503052"),
                N("publish_status", "2"),
                N("fail_idx", "1"),
                N("fail_idx", "2"),
            ],
        )],
    ),
    told(
        "guide_invite_result_event",
        &[G(
            "GuideInviteEvent",
            &[
                T("guide_account", "anna"),
                T("guide_openid", "oMkbrand0000000000000000annA"),
                N("invite_result", "1"),
            ],
        )],
    ),
    told(
        "user_scan_product_enter_session",
        &[T("KeyStandard", "ean13"), T("KeyStr", "6900000000017"), T("ExtInfo", "123")],
    ),
    told(
        "user_scan_product_async",
        &[
            T("KeyStandard", "ean13"),
            T("KeyStr", "6900000000017"),
            T("ExtInfo", "123"),
            T("RegionCode", "440105"),
        ],
    ),
    told(
        "user_scan_product_verify_action",
        &[
            T("KeyStandard", "ean13"),
            T("KeyStr", "6900000000017"),
            T("Result", "verify_ok"),
            T("ReasonMsg", ""),
        ],
    ),
    told(
        "WifiConnected",
        &[
            N("ConnectTime", "1759999999"),
            N("ExpireTime", "1760086399"),
            T("VendorId", "3001224419"),
            T("ShopId", "4983322"),
            T("DeviceNo", "00:1f:7a:ad:5c:a8"),
        ],
    ),
    told(
        "ShakearoundUserShake",
        &[
            G(
                "ChosenBeacon",
                &[
                    T("Uuid", "FDA50693-0000-4FB1-AFCF-C6EB07647825"),
                    N("Major", "1002"),
                    N("Minor", "1223"),
                    T("Distance", "0.057"),
                ],
            ),
            G(
                "AroundBeacons",
                &[
                    G(
                        "AroundBeacon",
                        &[
                            T("Uuid", "FDA50693-0000-4FB1-AFCF-C6EB07647825"),
                            N("Major", "1002"),
                            N("Minor", "1223"),
                            T("Distance", "166.816"),
                        ],
                    ),
                    G(
                        "AroundBeacon",
                        &[
                            T("Uuid", "FDA50693-0000-4FB1-AFCF-C6EB07647825"),
                            N("Major", "1002"),
                            N("Minor", "1223"),
                            T("Distance", "15.013"),
                        ],
                    ),
                ],
            ),
        ],
    ),
    told(
        "user_authorize_invoice",
        &[
            T("SuccOrderId", "1202933957956"),
            T("FailOrderId", ""),
            T("AuthorizeAppId", "wx00000000000000aa"),
            T("Source", "web"),
        ],
    ),
    told(
        "update_invoice_status",
        &[
            T("Status", "INVOICE_REIMBURSE_LOCK"),
            T("CardId", "pMkbrand0000000000000invoiA"),
            T("Code", "186921658591"),
        ],
    ),
    told(
        "submit_invoice_title",
        &[
            T("title", "样例公司"),
            T("phone", "02100000000"),
            T("tax_no", "914400000000000000"),
            T("addr", "某某路 1 号"),
            T("bank_type", "样例银行"),
            T("bank_no", "0000"),
            T("attach", "order-1"),
            T("title_type", "InvoiceUserTitleBusinessType"),
        ],
    ),
    told(
        "cloud_invoice_invoiceresult_event",
        &[T("fpqqlsh", "made-up-request-1"), T("nsrsbh", "914400000000000000"), N("status", "0")],
    ),
];

/// Of mini-programs.
pub(crate) const MINI_PROGRAM: &[Kind] = &[
    told(
        "minigame_coin_deliver_completed",
        &[G(
            "MiniGame",
            &[
                T("Payload", "{\"OpenId\":\"oMkshop00000000000000000linA\",\"Env\":0}"),
                T("PayEventSig", "c0ffee"),
                N("IsMock", "1"),
            ],
        )],
    ),
    told(
        "minigame_deliver_goods",
        &[G(
            "MiniGame",
            &[
                T("Payload", "{\"OpenId\":\"oMkshop00000000000000000linA\",\"Env\":0}"),
                T("PayEventSig", "c0ffee"),
                N("IsMock", "1"),
            ],
        )],
    ),
    told(
        "charge_service_quota_notify",
        &[
            N("event_type", "3"),
            N("spu_id", "10000077"),
            T("spu_name", "手机号快速验证组件"),
            N("total_quota", "1000"),
            N("total_used_quota", "1000"),
            T("appid", "wx00000000000000bb"),
        ],
    ),
    told(
        "secvod_upload_event",
        &[G(
            "upload_event",
            &[N("media_id", "20001"), T("source_context", "abc"), N("errcode", "0"), T("errmsg", "OK")],
        )],
    ),
    told(
        "secvod_audit_event",
        &[G(
            "audit_event",
            &[
                N("drama_id", "20001"),
                G(
                    "audit_detail",
                    &[
                        N("status", "3"),
                        N("audit_type", "0"),
                        N("create_time", "1759900000"),
                        N("audit_time", "1760000000"),
                    ],
                ),
            ],
        )],
    ),
    told(
        "wxalive_follow_notify",
        &[G(
            "FollowNotify",
            &[
                N("room_id", "123"),
                T("user_openid", "oMkshop00000000000000000linA"),
                N("time", "1760000000"),
                N("live_status", "101"),
                T("action", "add_follow"),
            ],
        )],
    ),
    told(
        "wxalive_push_message_notify",
        &[G(
            "PushMessageApiNotify",
            &[
                T("message_id", "1622047360795164672"),
                N("room_id", "123"),
                N("total_count", "6"),
                N("success_count", "2"),
                N("openid_error_count", "1"),
                N("relation_error_count", "1"),
                N("user_recv_limit_count", "1"),
                N("internal_error_count", "1"),
            ],
        )],
    ),
    told(
        "retail_refund_notify",
        &[
            T("appid", "wx00000000000000bb"),
            T("mchid", "1230000109"),
            T("out_refund_no", "R-1"),
            T("refund_id", "r1"),
            T("out_trade_no", "T-1"),
            T("order_id", "o1"),
            N("refund_amount", "100"),
            N("order_amount", "1000"),
            T("refund_from", "REFUND_FROM_USER"),
            T("refund_reason", "REFUND_REASON_WILLING"),
            T("create_time", "2026-03-05 17:50:50"),
            T("refund_time", "2026-03-05 17:50:53"),
            T("refund_status", "REFUND_SUCC"),
            T("wxpay_refund_id", "5030000000000000000000000000"),
            N("env", "0"),
            N("pay_channel", "0"),
            T("refund_desc", ""),
        ],
    ),
    told(
        "xpay_apple_subscribe_signing_result_notify",
        &[
            T("OpenId", "oMkshop00000000000000000linA"),
            T("Attach", "uid=12345"),
            G(
                "AppleSubscriptionInfo",
                &[
                    T("OriginalTransactionId", "2000000000000001"),
                    T("ProductId", "vip_monthly"),
                    N("AutoRenewStatus", "1"),
                ],
            ),
        ],
    ),
    told("wx_verify_pay_succ", &[]),
    told(
        "wx_verify_dispatch",
        &[T("provider", "made up"), T("contact", "support"), N("dispatch_time", "1760000000")],
    ),
    told(
        "wxa_illegal_record",
        &[
            T("illegal_record_id", "rec-1"),
            T("appid", "wx00000000000000bb"),
            T("create_time", "1759900000"),
            T("illegal_reason", "sharing"),
            T("illegal_content", "page a"),
            T("rule_url", "https://example.com/rule"),
            T("rule_name", "5.1"),
        ],
    ),
    told(
        "wxa_appeal_record",
        &[
            N("appeal_record_id", "4711"),
            T("appid", "wx00000000000000bb"),
            N("appeal_time", "1759900000"),
            N("appeal_count", "1"),
            N("appeal_from", "0"),
            N("appeal_status", "2"),
            N("audit_time", "1760000000"),
            T("audit_reason", ""),
            T("punish_description", "sharing closed"),
            G(
                "material",
                &[
                    G(
                        "illegal_material",
                        &[T("content", "page a"), T("content_url", "https://example.com/a")],
                    ),
                    G(
                        "appeal_material",
                        &[T("reason", "changed"), T("proof_material_id", "p1"), T("proof_material_id", "p2")],
                    ),
                ],
            ),
            G(
                "material",
                &[
                    G(
                        "illegal_material",
                        &[T("content", "page a"), T("content_url", "https://example.com/a")],
                    ),
                    G(
                        "appeal_material",
                        &[T("reason", "changed"), T("proof_material_id", "p1"), T("proof_material_id", "p2")],
                    ),
                ],
            ),
        ],
    ),
];
