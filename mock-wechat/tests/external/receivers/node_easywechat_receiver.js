// An Official Account's server in node-easywechat: node_easywechat_receiver.js MODE. Prints its URL once it listens.
'use strict';

const http = require('node:http');

const { OfficialAccount, ServerRequest } = require('node-easywechat');

const keys = { app_id: 'wx00000000000000aa', token: 'localtoken' };

// One that has a key encrypts every reply, so an account in plain mode takes one without.
if (process.argv[2] !== 'plain') keys.aes_key = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

function reply({ MsgType, Content, Event, EventKey }) {
  if (MsgType === 'text' && Content === 'news') {
    const item = { Title: '会员日', Description: '双倍积分', PicUrl: 'https://m.example.com/a.jpg' };
    return { MsgType: 'news', ArticleCount: 1, Articles: { item: { ...item, Url: 'https://m.example.com/' } } };
  }
  if (MsgType === 'text' && Content === 'picture') return { MsgType: 'image', Image: { MediaId: '3xYz-picture' } };
  if (MsgType === 'text') return `You said: ${Content}`;
  if (Event === 'subscribe' && EventKey) return `Welcome from ${EventKey.replace(/^qrscene_/, '')}!`;
  if (Event === 'subscribe') return 'Welcome!';
  if (Event === 'CLICK' && EventKey === 'POINTS') return 'You have 100 points.';
  return true;
}

async function serve(incoming, outgoing) {
  const app = new OfficialAccount(keys);
  app.setRequest(await ServerRequest.createFromIncomingMessage(incoming));
  const answer = await app.getServer().with(async (message) => reply(message)).serve();
  outgoing.writeHead(answer.getStatusCode(), answer.getHeaders());
  outgoing.end(answer.getBody());
}

const server = http.createServer((incoming, outgoing) => {
  // It throws where a signature is wrong, and does not look at that of a push in clear.
  serve(incoming, outgoing).catch(() => outgoing.writeHead(403).end());
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
