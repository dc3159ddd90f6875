// application.mjs SENDS RECEIVES: exchanges so many bytes with a server in a process of its own, says what its own socket
// counted, and keeps the connection until standard input ends.
import { Buffer } from 'node:buffer';
import { fork } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const [role, ...amounts] = process.argv[2] === 'server' ? process.argv.slice(2) : ['client', ...process.argv.slice(2)];
const [sends, receives] = amounts.map(Number);

if (role === 'server') serve();
else exchange();

function serve() {
  const server = createServer((socket) => {
    let received = 0;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received += data.length;
      if (received === sends) socket.write(Buffer.alloc(receives));
    });
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
}

function exchange() {
  const server = fork(fileURLToPath(import.meta.url), ['server', String(sends), String(receives)]);
  server.once('message', (port) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.alloc(sends)));
    socket.on('data', () => {
      if (socket.bytesRead < receives) return;
      const { bytesWritten: sent, bytesRead: received } = socket;
      process.stdout.write(`${JSON.stringify({ sent, received, port })}\n`);
    });
  });
  process.stdin.resume().on('end', () => process.exit());
}
