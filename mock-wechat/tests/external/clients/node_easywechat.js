// node-easywechat against a running mock-wechat: `http.baseURL` leads to the mock, nothing else is changed.
//
// usage: node_easywechat.js URL APPID SECRET OPENID UNIONID SHOP_APPID SHOP_SECRET JS_CODE
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { FormData, MiniApp, OfficialAccount } = require('node-easywechat');

const [url, appId, secret, openId, unionId, ...shop] = process.argv.slice(2);
const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(' a picture '), Buffer.from([0xff, 0xd9])]);

// It keeps tokens in files.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'node-easywechat-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true }));

function account(more = {}) {
  return new OfficialAccount({ app_id: appId, secret, http: { baseURL: url }, file_cache: { path: folder }, ...more });
}

const app = account();
const client = app.getClient();
const get = async (path, params = {}) => (await client.get(path, { params })).toObject();
const post = async (path, body) => (await client.postJson(path, body)).toObject();

async function ok(call) {
  assert.equal((await call).errcode, 0);
}

async function refused(errcode, call) {
  assert.equal((await call).errcode, errcode);
}

async function tokens() {
  const token = await app.getAccessToken().getToken();
  assert.equal(await app.getAccessToken().getToken(), token);
  // The other line: neither replaces the other.
  const stable = account({ use_stable_access_token: true }).getAccessToken();
  assert.notEqual(await stable.getToken(), token);
  await assert.rejects(account({ secret: '0'.repeat(32) }).getAccessToken().getToken(), /40125/);
}

async function people() {
  const info = await get('/cgi-bin/user/info', { openid: openId, lang: 'zh_CN' });
  assert.deepEqual([info.subscribe, info.unionid], [1, unionId]);
  const list = await post('/cgi-bin/user/info/batchget', { user_list: [{ openid: openId }] });
  assert.equal(list.user_info_list[0].unionid, unionId);
  assert.deepEqual((await get('/cgi-bin/user/get')).data.openid, [openId]);
  await ok(post('/cgi-bin/user/info/updateremark', { openid: openId, remark: '贵宾' }));
  assert.equal((await get('/cgi-bin/user/info', { openid: openId })).remark, '贵宾');
  await refused(40003, get('/cgi-bin/user/info', { openid: 'oNobody' }));
}

async function messages() {
  const send = (message) => post('/cgi-bin/message/custom/send', { touser: openId, ...message });
  await ok(send({ msgtype: 'text', text: { content: '来自 node-easywechat' } }));
  const form = new FormData();
  form.append('media', JPEG, { filename: '图.jpg', contentType: 'image/jpeg' });
  const uploaded = await client.post('/cgi-bin/media/upload', { params: { type: 'image' }, data: form });
  const { media_id } = uploaded.toObject();
  const params = { media_id };
  const downloaded = await client.get('/cgi-bin/media/get', { params, responseType: 'arraybuffer' });
  assert.deepEqual(Buffer.from(downloaded.getContent()), JPEG);
  await ok(send({ msgtype: 'image', image: { media_id } }));
  await refused(40007, send({ msgtype: 'image', image: { media_id: 'made-up' } }));

  const [{ template_id }] = (await get('/cgi-bin/template/get_all_private_template')).template_list;
  const data = { keyword1: { value: '消费' }, keyword2: { value: '+1' } };
  await ok(post('/cgi-bin/message/template/send', { touser: openId, template_id, data }));
}

async function codes() {
  const scene = { scene: { scene_str: 'store-12' } };
  const { ticket } = await post('/cgi-bin/qrcode/create', { action_name: 'QR_LIMIT_STR_SCENE', action_info: scene });
  const picture = await client.get('/cgi-bin/showqrcode', { params: { ticket }, responseType: 'arraybuffer' });
  assert.ok(picture.is('image'));
}

async function menus() {
  const button = [{ type: 'click', name: '积分', key: 'POINTS' }];
  await ok(post('/cgi-bin/menu/create', { button }));
  assert.equal((await get('/cgi-bin/menu/get')).menu.button[0].key, 'POINTS');
  await ok(get('/cgi-bin/menu/delete'));
  await refused(46003, get('/cgi-bin/menu/get'));
}

async function pages() {
  const config = await app.getUtils().buildJsSdkConfig('https://m.example.com/points', ['chooseImage']);
  assert.match(config.signature, /^[0-9a-f]{40}$/);
}

async function miniProgram() {
  const [app_id, shopSecret, code] = shop;
  const config = { app_id, secret: shopSecret, http: { baseURL: url }, file_cache: { path: folder } };
  const mini = new MiniApp(config);
  const session = await mini.getUtils().codeToSession(code);
  assert.equal(session.unionid, unionId);
  await assert.rejects(mini.getUtils().codeToSession(code), /40163/);
}

(async () => {
  for (const part of [tokens, people, messages, codes, menus, pages, miniProgram]) await part();
  console.log('node-easywechat is content');
})();
