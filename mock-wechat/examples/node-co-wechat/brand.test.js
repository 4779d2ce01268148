// What people see of the account in brand.js, in each of the three modes.
'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { after, before, beforeEach, describe, test } = require('node:test');

const brand = require('./brand');
const WeChat = require('./mock');

let wechat;
let server;

before(async () => {
  wechat = await WeChat.start();
  server = brand.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => {
  wechat.stop();
  server.close();
});

function texts({ deliveries, shown }) {
  const bad = deliveries.filter(({ verdict }) => !verdict.ok).map(({ verdict }) => verdict.reason);
  assert.deepEqual(bad, []);
  return shown.map(({ text }) => text);
}

for (const mode of ['plain', 'compatible', 'safe']) {
  describe(`in ${mode} mode`, () => {
    beforeEach(async () => {
      await wechat.request('POST', '/_mock/reset', {});
      await wechat.account('brand', { callback: `http://127.0.0.1:${server.address().port}/`, mode });
    });

    test('a new follower is welcomed', async () => {
      assert.deepEqual(texts(await wechat.person('lin', 'follow')), ['Welcome!']);
    });

    test('whoever scans a code is welcomed by its scene', async () => {
      assert.deepEqual(texts(await wechat.person('王小明', 'scan', { scene: 'store-12' })), ['Welcome from store-12!']);
    });

    test('a menu tap is answered', async () => {
      await wechat.person('lin', 'follow');
      assert.deepEqual(texts(await wechat.person('lin', 'click', { key: 'POINTS' })), ['You have 100 points.']);
    });

    test('what is written comes back', async () => {
      await wechat.person('lin', 'follow');
      assert.deepEqual(texts(await wechat.person('lin', 'text', { content: '你好 👋 <b>' })), ['You said: 你好 👋 <b>']);
    });

    test('an unfollow is taken in silence', async () => {
      await wechat.person('lin', 'follow');
      assert.deepEqual(texts(await wechat.person('lin', 'unfollow')), []);
    });

    test('the URL is verified', async () => {
      assert.equal((await wechat.request('POST', '/_mock/accounts/brand/verify', {})).ok, true);
    });
  });
}
