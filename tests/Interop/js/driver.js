// The JavaScript peer: mqtt.js 5. Scenarios, keys and output: ../README.md.
'use strict';
const fs = require('fs');
const mqtt = require('mqtt');

const scenario = process.argv[2];
const settings = {};
for (const argument of process.argv.slice(3)) {
  const at = argument.indexOf('=');
  (settings[argument.slice(0, at)] ??= []).push(argument.slice(at + 1));
}
const text = (key, otherwise) => settings[key]?.[0] ?? otherwise;
const number = (key, otherwise = 0) => Number(text(key, otherwise));
const optionalNumber = (key) => (key in settings ? number(key) : undefined);
const show = (...columns) => process.stdout.write(columns.join('\t') + '\n');

// Only what is set: mqtt.js writes a property that is undefined as a broken one.
const properties = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

// Several values for one name come as an array, a single one as a string.
const pairs = (userProperties) => Object.entries(userProperties).flatMap(([name, values]) => [values].flat().map((value) => `${name}:${value}`)).join(' ');

const version = number('version');
const isV5 = version === 5;
const until = optionalNumber('until');
let messages = 0;
let failed = false;

const options = {
  host: '127.0.0.1',
  port: number('port'),
  protocolVersion: version,
  protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
  clientId: text('id', ''),
  clean: number('clean', 1) === 1,
  keepalive: number('keepalive', 60),
  reconnectPeriod: 0,
  resubscribe: false,
};
const transport = text('transport');
if (transport) options.protocol = { ws: 'ws', tls: 'mqtts', wss: 'wss' }[transport];
if (transport?.startsWith('ws')) options.path = '/mqtt';
if ('ca' in settings) options.ca = fs.readFileSync(text('ca'));
if ('cert' in settings) Object.assign(options, { cert: fs.readFileSync(text('cert')), key: fs.readFileSync(text('key')) });
if ('user' in settings) Object.assign(options, { username: text('user'), password: text('password') });
if (isV5) {
  options.properties = properties({
    sessionExpiryInterval: optionalNumber('session-expiry'),
    topicAliasMaximum: optionalNumber('topic-alias-maximum'),
  });
}
if ('will-topic' in settings) {
  options.will = {
    topic: text('will-topic'),
    payload: Buffer.from(text('will-payload', '')),
    qos: number('will-qos'),
    retain: number('will-retain') === 1,
  };
  if (isV5) options.will.properties = properties({ willDelayInterval: optionalNumber('will-delay') });
}

const client = mqtt.connect(options);
const leave = () => client.end(false, () => { process.exitCode = failed ? 1 : 0; });

client.on('connect', (connack) => {
  show('CONNECTED', isV5 ? connack.reasonCode : connack.returnCode, connack.sessionPresent ? 1 : 0);
  if (scenario === 'publish') publish();
  else if (scenario === 'subscribe') subscribe();
  else leave();
});
client.on('error', (error) => {
  show(client.connected ? 'ERROR' : 'CONNECTED', error.code ?? error.message, 0);
  process.exit(1);
});
client.on('disconnect', (packet) => {
  show('DISCONNECTED', packet.reasonCode);
  process.exit(1);
});
client.on('close', () => {
  if (client.disconnecting) return;
  show('DISCONNECTED', 1);
  process.exit(1);
});
client.on('message', (topic, payload, packet) => {
  const p = packet.properties ?? {};
  const columns = properties({
    'content-type': p.contentType,
    response: p.responseTopic,
    expiry: p.messageExpiryInterval,
    correlation: p.correlationData?.toString(),
    'subscription-id': p.subscriptionIdentifier && [p.subscriptionIdentifier].flat().join(','),
    property: p.userProperties && pairs(p.userProperties),
  });
  show('MESSAGE', topic, packet.qos, packet.retain ? 1 : 0, payload.toString('hex'),
    ...Object.entries(columns).map(([name, value]) => `${name}=${value}`));
  // Not before mqtt.js has acknowledged this message.
  if (++messages === until) setImmediate(leave);
});

function publish() {
  const alias = optionalNumber('alias');
  const payload = 'file' in settings ? fs.readFileSync(text('file')) : Buffer.from(text('payload', ''));
  const count = number('count', 1);
  const codes = [];
  const userProperties = {};
  for (const pair of settings.property ?? []) {
    const at = pair.indexOf(':');
    (userProperties[pair.slice(0, at)] ??= []).push(pair.slice(at + 1));
  }
  for (let i = 0; i < count; i++) {
    const topic = alias && i > 0 ? '' : text('topic').replaceAll('{i}', i);
    const body = 'count' in settings ? payload.toString().replaceAll('{i}', i) : payload;
    const packet = { qos: number('qos'), retain: number('retain') === 1 };
    if (isV5) {
      packet.properties = properties({
        contentType: text('content-type'),
        responseTopic: text('response'),
        correlationData: 'correlation' in settings ? Buffer.from(text('correlation')) : undefined,
        messageExpiryInterval: optionalNumber('expiry'),
        userProperties: 'property' in settings ? userProperties : undefined,
        topicAlias: alias,
      });
    }
    client.publish(topic, body, packet, (error) => {
      codes.push(error ? error.code ?? error.message : 0);
      failed ||= Boolean(error);
      if (codes.length < count) return;
      show('PUBLISHED', codes.join(','));
      leave();
    });
  }
}

function subscribe() {
  if (!('filter' in settings)) return;
  const wanted = {};
  for (const filter of settings.filter) {
    wanted[filter] = { qos: number('qos') };
    if (isV5) Object.assign(wanted[filter], { nl: number('no-local') === 1, rap: number('retain-as-published') === 1, rh: number('retain-handling') });
  }
  const extra = isV5 ? { properties: properties({ subscriptionIdentifier: optionalNumber('subscription-id') }) } : {};
  client.subscribe(wanted, extra, (error, granted, suback) => {
    show('SUBSCRIBED', suback ? suback.granted.join(',') : error.message);
    failed ||= Boolean(error);
    if (until === 0) leave();
  });
}
