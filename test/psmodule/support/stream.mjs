// stream.mjs send|receive NODE: sends to, or receives from, a server in a process of its own, run by NODE, as fast as it
// can, until standard input ends. For each line on standard input it says how many bytes have arrived at the receiving
// end, and at which millisecond; once also without, as soon as it is connected.
import { Buffer } from 'node:buffer';
import { fork } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [role, ...rest] = process.argv.slice(2);
const piece = Buffer.alloc(65536);

if (role === 'server') serve(rest[0]);
else run(role, rest[0]);

function serve(direction) {
  let received = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (direction === 'receive') pour(socket);
    else socket.on('data', (data) => (received += data.length));
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', () => process.send({ bytes: received, at: Date.now() }));
  process.on('disconnect', () => process.exit());
}

function run(direction, node) {
  const server = fork(fileURLToPath(import.meta.url), ['server', direction], { execPath: node });
  const say = (report) => process.stdout.write(`${JSON.stringify(report)}\n`);
  let socket;
  server.on('message', (message) => {
    if (message.port === undefined) return say(message);
    socket = connect(message.port, '127.0.0.1', () => {
      if (direction === 'send') pour(socket);
      else socket.resume();
      say({ bytes: 0, at: Date.now() });
    });
  });
  createInterface({ input: process.stdin })
    .on('line', () => (direction === 'send' ? server.send('') : say({ bytes: socket.bytesRead, at: Date.now() })))
    .on('close', () => process.exit());
}

function pour(socket) {
  const fill = () => {
    while (socket.write(piece));
  };
  socket.on('drain', fill);
  fill();
}
