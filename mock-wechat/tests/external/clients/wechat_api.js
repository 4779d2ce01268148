// wechat-api, the older one with callbacks, against a running mock-wechat: its endpoint leads to the mock, nothing else
// is changed.
//
// usage: wechat_api.js URL APPID SECRET OPENID UNIONID
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');

const API = require('wechat-api');

const [url, appId, secret, openId, unionId] = process.argv.slice(2);
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(' a picture '), Buffer.from([0xff, 0xd9])]);

// setEndpoint() would put https:// in front.
const at = (client) => Object.assign(client, { endpoint: url, mpPrefix: `${url}/cgi-bin/` });
const client = at(new API(appId, secret));

// Its methods with promises in the place of callbacks.
const api = new Proxy(client, { get: (target, name) => promisify(target[name]).bind(target) });

const refused = (code, call) => assert.rejects(call, { name: 'WeChatAPIError', code });

async function tokens() {
  const { accessToken } = await api.getLatestToken();
  assert.equal((await api.getLatestToken()).accessToken, accessToken);
  const stranger = at(new API(appId, '0'.repeat(32)));
  await refused(40125, promisify(stranger.getAccessToken).call(stranger));
}

async function people() {
  const info = await api.getUser({ openid: openId, lang: 'zh_CN' });
  assert.deepEqual([info.subscribe, info.unionid], [1, unionId]);
  assert.equal((await api.batchGetUsers([openId])).user_info_list[0].unionid, unionId);
  assert.deepEqual((await api.getFollowers()).data.openid, [openId]);
  await api.updateRemark(openId, '贵宾');
  assert.equal((await api.getUser(openId)).remark, '贵宾');
  await refused(40003, api.getUser('oNobody'));

  const { tag } = await api.createTag('gold');
  await api.membersBatchtagging(tag.id, [openId]);
  assert.deepEqual((await api.getUserTags(openId)).tagid_list, [tag.id]);
  assert.deepEqual((await api.getTagUsers(tag.id, '')).data.openid, [openId]);
  await api.membersBatchuntagging(tag.id, [openId]);
  await api.editTag(tag.id, 'silver');
  assert.ok((await api.getTags()).tags.some(({ name }) => name === 'silver'));
  await api.deleteTag(tag.id);
}

async function messages() {
  await api.sendText(openId, '来自 wechat-api');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wechat-api-'));
  const file = path.join(folder, 'a.jpg');
  fs.writeFileSync(file, JPEG);
  const { media_id: mediaId } = await api.uploadMedia(file, 'image');
  fs.rmSync(folder, { recursive: true });
  assert.deepEqual(await api.getMedia(mediaId), JPEG);
  await api.sendImage(openId, mediaId);
  await refused(40007, api.sendImage(openId, 'made-up'));
  const article = { title: 'a', description: 'b', url: 'https://example.com/', picurl: 'https://example.com/a.jpg' };
  await refused(45008, api.sendNews(openId, [article, article]));

  const [{ template_id: template }] = (await api.getAllPrivateTemplate()).template_list;
  const data = { keyword1: { value: '消费' }, keyword2: { value: '+1' } };
  assert.equal((await api.sendTemplate(openId, template, 'https://example.com/', data)).errmsg, 'ok');
  await refused(40037, api.sendTemplate(openId, 'made-up', '', data));
}

async function codes() {
  assert.equal((await api.createTmpQRCode('store-12', 1800)).expire_seconds, 1800);
  const { ticket } = await api.createLimitQRCode('store-12');
  const picture = await fetch(client.showQRCodeURL(encodeURIComponent(ticket)));
  assert.equal(picture.headers.get('content-type'), 'image/jpg');
}

async function menus() {
  const button = [{ type: 'click', name: '积分', key: 'POINTS' }];
  await api.createMenu({ button });
  assert.equal((await api.getMenu()).menu.button[0].key, 'POINTS');
  assert.equal((await api.getMenuConfig()).is_menu_open, 1);
  await api.removeMenu();
  await refused(46003, api.getMenu());
}

async function pages() {
  const config = await api.getJsConfig({ url: 'https://m.example.com/points', jsApiList: ['chooseImage'] });
  assert.match(config.signature, /^[0-9a-f]{40}$/);
}

(async () => {
  for (const part of [tokens, people, messages, codes, menus, pages]) await part();
  console.log('wechat-api is content');
  process.exit(); // not when its connections are closed, some seconds later
})();
