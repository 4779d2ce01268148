"""wechatpy, unmodified, against a running mock-wechat: WeChat's hosts lead to the mock, nothing else is changed.

usage: wechatpy_client.py URL APPID SECRET OPENID UNIONID SHOP_APPID SHOP_SECRET JS_CODE
"""

import io
import sys

import requests
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient, WeChatClientException, WeChatOAuth

URL, APPID, SECRET, OPENID, UNIONID, SHOP_APPID, SHOP_SECRET, JS_CODE = sys.argv[1:]
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class ToTheMock(HTTPAdapter):
    """Several of wechatpy's addresses are absolute, so the host is what has to lead elsewhere."""

    def send(self, request, **options):
        path = request.url.split("/", 3)[3]
        request.url = f"{URL}/{path}"
        return super().send(request, **options)


def refused(code, call):
    try:
        call()
    except WeChatClientException as error:
        assert error.errcode == code, error
        return
    raise AssertionError(f"{code} was expected")


session = requests.Session()
session.trust_env = False
for host in ("api", "mp", "open"):
    session.mount(f"https://{host}.weixin.qq.com", ToTheMock())

client = WeChatClient(APPID, SECRET)
client._http = session

# Tokens, people.
assert client.access_token and client.session.get(f"{APPID}_access_token") == client.access_token
info = client.user.get(OPENID)
assert info["subscribe"] == 1 and info["unionid"] == UNIONID, info
assert client.user.get_batch([OPENID])[0]["unionid"] == UNIONID
assert list(client.user.iter_followers()) == [OPENID]
assert client.user.update_remark(OPENID, "VIP")["errcode"] == 0
assert client.user.get(OPENID)["remark"] == "VIP"
refused(40003, lambda: client.user.get("oNobody"))

# Tags.
tag_id = client.tag.create("gold")["id"]
client.tag.tag_user(tag_id, [OPENID])
assert client.tag.get_user_tag(OPENID) == [tag_id]
assert client.tag.get_tag_users(tag_id)["data"]["openid"] == [OPENID]

# Messages.
assert client.message.send_text(OPENID, "来自 wechatpy")["errcode"] == 0
media_id = client.media.upload("image", ("a.jpg", io.BytesIO(JPEG), "image/jpeg"))["media_id"]
assert client.media.download(media_id).content == JPEG
assert client.message.send_image(OPENID, media_id)["errcode"] == 0
article = {"title": "a", "description": "b", "url": "https://example.com/", "image": "https://example.com/a.jpg"}
refused(45008, lambda: client.message.send_articles(OPENID, [article, article]))
refused(40007, lambda: client.message.send_image(OPENID, "made-up"))
template = client.template.get_all_private_template()["template_list"][0]["template_id"]
data = {"keyword1": {"value": "消费"}, "keyword2": {"value": "+1"}}
assert client.message.send_template(OPENID, template, data)["msgid"] > 2**53

# QR codes.
made = client.qrcode.create({"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}})
assert session.get(client.qrcode.get_url(made["ticket"])).content.startswith(b"\xff\xd8")

# Menus.
button = {"type": "click", "name": "积分", "key": "POINTS"}
assert client.menu.create({"button": [button]})["errcode"] == 0
assert client.menu.get()["menu"]["button"][0]["key"] == "POINTS"
assert client.menu.get_menu_info()["is_menu_open"] == 1
rule = {"button": [button], "matchrule": {"tag_id": str(tag_id)}}
menu_id = client.menu.add_conditional(rule)["menuid"]
assert client.menu.try_match(OPENID)["button"][0]["name"] == "积分"
client.menu.del_conditional(menu_id)
client.menu.delete()
assert client.menu.get() is None, "wechatpy makes None of 46003"

# JS-SDK, plumbing.
assert len(client.jsapi.get_jsapi_ticket()) == 86
assert client.misc.get_wechat_ips()

# Web OAuth.
oauth = WeChatOAuth(APPID, SECRET, "https://m.example.com/back", "snsapi_userinfo", "s1")
oauth._http = session
page = session.get(oauth.authorize_url.split("#")[0] + "&person=lin", allow_redirects=False)
code = page.headers["Location"].split("code=")[1].split("&")[0]
assert oauth.fetch_access_token(code)["unionid"] == UNIONID
assert oauth.get_user_info()["nickname"] == "lin"

# A mini-program.
shop = WeChatClient(SHOP_APPID, SHOP_SECRET)
shop._http = session
login = shop.wxa.code_to_session(JS_CODE)
assert login["unionid"] == UNIONID, login
refused(40163, lambda: shop.wxa.code_to_session(JS_CODE))
assert shop.wxa.get_wxa_code_unlimited("ref=m1024").content.startswith(b"\xff\xd8")
assert shop.wxa.get_wxa_code("pages/index/index?ref=m1024").content.startswith(b"\xff\xd8")
assert shop.wxa.create_qrcode("pages/index/index?ref=m1024").content.startswith(b"\xff\xd8")

print("wechatpy is content")
