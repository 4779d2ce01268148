"""wechatpy as an oracle: python wechatpy_oracle.py GATEWAY_URL MODE FIXTURES

Every XML fixture is pushed to the gateway in MODE, signed and encrypted by wechatpy. What comes back must be
`success`, or a reply that wechatpy opens and that is addressed to the sender. The kind that the gateway counts must
be the kind that wechatpy parses.
"""

import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

TOKEN = "localtoken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx00000000000000aa"
ORIGINAL_ID = "gh_0000000000aa"

base, mode, fixtures = sys.argv[1:4]
crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)


def signature(*parts):
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


def counted():
    text = urllib.request.urlopen(base + "/metrics", timeout=10).read().decode()
    found = re.findall(r'gateway_pushes_total\{kind="([^"]+)",outcome="[^"]+"\} (\d+)', text)
    totals = {}
    for kind, count in found:
        totals[kind] = totals.get(kind, 0) + int(count)
    return totals


def push(xml, nonce):
    timestamp = str(int(time.time()))
    query = {"signature": signature(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    body = xml
    if mode != "plain":
        sealed = ET.fromstring(crypto.encrypt_message(xml, nonce, timestamp))
        encrypted = sealed.findtext("Encrypt")
        query |= {"encrypt_type": "aes", "msg_signature": sealed.findtext("MsgSignature")}
        envelope = f"<ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        if mode == "safe":
            body = f"<xml>{envelope}</xml>"
        else:
            body = re.sub(r"\s*</xml>\s*$", f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>", xml)
    url = f"{base}/wechat/brand?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(url, body.encode(), {"Content-Type": "text/xml"})
    try:
        return urllib.request.urlopen(request, timeout=10).read().decode()
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"


def opened(answer):
    if mode == "plain":
        return answer
    sealed = ET.fromstring(answer)
    signed = sealed.findtext("MsgSignature"), sealed.findtext("TimeStamp"), sealed.findtext("Nonce")
    return crypto.decrypt_message(answer, *signed)


def expected_kinds(message):
    """What wechatpy reads, in the gateway's names. wechatpy calls a follow by QR code an event of its own, and the
    gateway calls the messages of devices events."""
    name, kind = message._data["MsgType"].lower(), str(message._data.get("Event")).lower()
    if name != "event":
        return {"message." + name, name}
    if kind.startswith("subscribe_scan"):
        return {"subscribe"}
    return {kind, "publishjobfinish"} if kind == "freepublishjobfinish" else {kind}


failures, checked, replies = [], 0, 0
for index, file in enumerate(sorted(pathlib.Path(fixtures).glob("*.xml"))):
    xml = file.read_text(encoding="utf-8").strip()
    xml = re.sub(r"(<ToUserName>\s*<!\[CDATA\[).*?(\]\]>)", rf"\g<1>{ORIGINAL_ID}\g<2>", xml, count=1)
    message = parse_message(xml)
    before = counted()
    answer = push(xml, str(10_000 + index))
    after = counted()
    kinds = [kind for kind in after if after[kind] != before.get(kind, 0)]
    expected = {"unknown", "message.unknown"} if file.stem.startswith("unknown") else expected_kinds(message)
    if len(kinds) != 1 or not expected & set(kinds):
        failures.append(f"{file.name}: wechatpy reads {expected}, the gateway counted {kinds} ({answer[:60]!r})")
    if answer in ("success", "") or answer.startswith("<xml><ErrCode>"):
        pass
    elif answer.startswith("HTTP"):
        failures.append(f"{file.name}: {answer}")
    else:
        reply = ET.fromstring(opened(answer))
        replies += 1
        if reply.findtext("ToUserName") != message.source or reply.findtext("FromUserName") != message.target:
            failures.append(f"{file.name}: the reply is addressed to {reply.findtext('ToUserName')}")
        if not reply.findtext("CreateTime").isdigit():
            failures.append(f"{file.name}: CreateTime is {reply.findtext('CreateTime')}")
    checked += 1

for failure in failures:
    print(failure)
if failures or not checked or not replies:
    sys.exit(f"{len(failures)} of {checked} fixtures disagree, {replies} replies were opened")
print(f"every fixture agrees: {checked} in {mode} mode, {replies} replies opened")
