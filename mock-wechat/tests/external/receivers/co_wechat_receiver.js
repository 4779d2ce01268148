// An Official Account's server in Koa and co-wechat: co_wechat_receiver.js MODE. Prints its URL once it listens.
//
// With a key it encrypts as the push asks for, so the same configuration serves all three modes.
'use strict';

const Koa = require('koa');
const wechat = require('co-wechat');

const config = {
  token: 'localtoken',
  appid: 'wx00000000000000aa',
  encodingAESKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};

async function reply({ MsgType, Content, Event, EventKey }) {
  if (MsgType === 'text' && Content === 'news') {
    const picurl = 'https://m.example.com/a.jpg';
    return [{ title: '会员日', description: '双倍积分', picurl, url: 'https://m.example.com/' }];
  }
  if (MsgType === 'text' && Content === 'picture') return { type: 'image', content: { mediaId: '3xYz-picture' } };
  if (MsgType === 'text') return `You said: ${Content}`;
  if (Event === 'subscribe' && EventKey) return `Welcome from ${EventKey.replace(/^qrscene_/, '')}!`;
  if (Event === 'subscribe') return 'Welcome!';
  if (Event === 'CLICK' && EventKey === 'POINTS') return 'You have 100 points.';
  return '';
}

const server = new Koa().use(wechat(config).middleware(reply)).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
