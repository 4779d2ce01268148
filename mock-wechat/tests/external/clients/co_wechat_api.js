// co-wechat-api against a running mock-wechat: its prefixes lead to the mock, nothing else is changed.
//
// usage: co_wechat_api.js URL APPID SECRET OPENID UNIONID SHOP_APPID SHOP_SECRET JS_CODE
'use strict';

const assert = require('node:assert/strict');

const API = require('co-wechat-api');

const [url, appId, secret, openId, unionId, ...shop] = process.argv.slice(2);
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(' a picture '), Buffer.from([0xff, 0xd9])]);

const api = at(new API(appId, secret));

function at(client) {
  return Object.assign(client, {
    prefix: `${url}/cgi-bin/`,
    snsPrefix: `${url}/sns/`,
    mpPrefix: `${url}/cgi-bin/`,
    fileServerPrefix: `${url}/cgi-bin/`,
    wxaPrefix: `${url}/wxa/`,
  });
}

const refused = (code, call) => assert.rejects(call, { name: 'WeChatAPIError', code });

async function tokens() {
  const { accessToken } = await api.ensureAccessToken();
  assert.equal((await api.ensureAccessToken()).accessToken, accessToken);
  await refused(40125, at(new API(appId, '0'.repeat(32))).getAccessToken());

  // A token that WeChat no longer knows is replaced, and the call made again.
  await api.saveToken(new API.AccessToken('stale', Date.now() + 7_200_000));
  assert.ok((await api.getIp()).ip_list.length > 0);
}

async function people() {
  const info = await api.getUser(openId);
  assert.deepEqual([info.subscribe, info.unionid, info.language], [1, unionId, 'zh_CN']);
  assert.equal((await api.batchGetUsers([openId])).user_info_list[0].unionid, unionId);
  assert.deepEqual((await api.getFollowers()).data.openid, [openId]);
  assert.equal((await api.getFollowers(openId)).count, 0);
  await api.updateRemark(openId, '贵宾');
  assert.equal((await api.getUser({ openid: openId, lang: 'zh_TW' })).remark, '贵宾');
  await refused(40003, api.getUser('oNobody'));

  const { tag } = await api.createTags('gold');
  await api.batchTagging([openId], tag.id);
  assert.deepEqual((await api.getIdList(openId)).tagid_list, [tag.id]);
  assert.deepEqual((await api.getUsersFromTag(tag.id)).data.openid, [openId]);
  await api.updateTag(tag.id, 'silver');
  assert.ok((await api.getTags()).tags.some(({ name, count }) => name === 'silver' && count === 1));
  await api.batchUnTagging([openId], tag.id);
  await api.deleteTag(tag.id);
}

async function messages() {
  await api.sendText(openId, '来自 co-wechat-api');
  const { media_id: mediaId } = await api.uploadMedia(JPEG, 'image', 'a.jpg', 'image/jpeg');
  assert.deepEqual(await api.getMedia(mediaId), JPEG);
  await api.sendImage(openId, mediaId);
  await refused(40007, api.sendImage(openId, 'made-up'));
  const article = { title: 'a', description: 'b', url: 'https://example.com/', picurl: 'https://example.com/a.jpg' };
  await refused(45008, api.sendNews(openId, [article, article]));

  const [{ template_id: template }] = (await api.getAllPrivateTemplate()).template_list;
  const data = { keyword1: { value: '消费' }, keyword2: { value: '+1' } };
  // A number that JavaScript cannot hold comes as one that it can.
  const { msgid } = await api.sendTemplate(openId, template, 'https://example.com/', '#FF0000', data);
  assert.ok(BigInt(msgid.toFixed()) > 2n ** 53n, msgid);
  await refused(40037, api.sendTemplate(openId, 'made-up', '', '', data));
}

async function toMany() {
  const { msg_id: id } = await api.massSendText('给所有人', true);
  assert.equal((await api.getMassMessageStatus(id)).msg_status, 'SEND_SUCCESS');
  await api.previewText(openId, '预览');
}

async function codes() {
  for (const made of [await api.createTmpQRCode(10000, 1800), await api.createTmpQRCode('store-12', 1800)]) {
    assert.equal(made.expire_seconds, 1800);
  }
  const { ticket } = await api.createLimitQRCode('store-12');
  const picture = await api.request(api.showQRCodeURL(encodeURIComponent(ticket)));
  assert.deepEqual([...picture.subarray(0, 2)], [0xff, 0xd8]);
}

async function menus() {
  const button = [{ type: 'click', name: '积分', key: 'POINTS' }];
  await api.createMenu({ button });
  assert.equal((await api.getMenu()).menu.button[0].key, 'POINTS');
  assert.equal((await api.getMenuConfig()).is_menu_open, 1);
  const { menuid } = await api.addConditionalMenu({ button, matchrule: { tag_id: '2' } });
  assert.equal((await api.tryConditionalMenu(openId)).button[0].name, '积分');
  await api.delConditionalMenu(menuid);
  await api.removeMenu();
  await refused(46003, api.getMenu());
}

async function pages() {
  const page = 'https://m.example.com/points?from=menu';
  const config = await api.getJsConfig({ url: page, jsApiList: ['chooseImage'] });
  assert.match(config.signature, /^[0-9a-f]{40}$/);
  assert.equal((await api.getLatestTicket()).ticket.length, 86);
}

async function miniProgram() {
  const [shopId, shopSecret, code] = shop;
  const mini = at(new API(shopId, shopSecret));
  assert.equal((await mini.code2Session(code)).unionid, unionId);
  await refused(40163, mini.code2Session(code));
  const pictures = [
    await mini.getWXACodeUnlimit('ref=m1024', 'pages/index/index'),
    await mini.getWXACode('pages/index/index?ref=m1024'),
    await mini.createWXAQRCode('pages/index/index?ref=m1024'),
  ];
  for (const picture of pictures) assert.deepEqual([...picture.subarray(0, 2)], [0xff, 0xd8]);
  await refused(40129, mini.getWXACodeUnlimit('中文', 'pages/index/index'));
}

(async () => {
  for (const part of [tokens, people, messages, toMany, codes, menus, pages, miniProgram]) await part();
  console.log('co-wechat-api is content');
})();
