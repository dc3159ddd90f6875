using System;
using System.IO;
using System.IO.Pipes;
using System.Threading.Tasks;

namespace NetFlow
{
    /// <summary>An open pipe to the host, for a request at a time. A caller that gives up on its request disposes of it.</summary>
    internal sealed class Connection : IDisposable
    {
        private const int HeaderBytes = 5;
        private const int ConnectMilliseconds = 5000;

        /// <summary>PipeOptions.CurrentUserOnly, which netstandard2.0 doesn't name: refuses the pipe of another user.</summary>
        private const PipeOptions CurrentUserOnly = (PipeOptions)0x20000000;

        private readonly NamedPipeClientStream pipe;

        private Connection(NamedPipeClientStream pipe) => this.pipe = pipe;

        public static async Task<Connection> Open(string name)
        {
            var options = Path.DirectorySeparatorChar == '/' ? PipeOptions.Asynchronous | CurrentUserOnly : PipeOptions.Asynchronous;
            var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, options);
            try
            {
                await pipe.ConnectAsync(ConnectMilliseconds).ConfigureAwait(false);
                return new Connection(pipe);
            }
            catch
            {
                pipe.Dispose();
                throw;
            }
        }

        public Task Send(Request request, byte[] payload)
        {
            var message = new byte[HeaderBytes + payload.Length];
            BitConverter.GetBytes(payload.Length).CopyTo(message, 0);
            message[HeaderBytes - 1] = (byte)request;
            payload.CopyTo(message, HeaderBytes);
            return pipe.WriteAsync(message, 0, message.Length);
        }

        /// <summary>Receives a reply; throws EndOfStreamException if the host has exited.</summary>
        public async Task<(Reply Kind, byte[] Payload)> Receive()
        {
            var header = await ReadBytes(HeaderBytes).ConfigureAwait(false);
            var length = BitConverter.ToInt32(header, 0);
            if (length < 0) throw new InvalidDataException("A frame of the host has an impossible length.");
            return ((Reply)header[HeaderBytes - 1], await ReadBytes(length).ConfigureAwait(false));
        }

        public void Dispose() => pipe.Dispose();

        private async Task<byte[]> ReadBytes(int count)
        {
            var bytes = new byte[count];
            for (var read = 0; read < count;)
            {
                var more = await pipe.ReadAsync(bytes, read, count - read).ConfigureAwait(false);
                if (more == 0) throw new EndOfStreamException("The host has closed the pipe.");
                read += more;
            }
            return bytes;
        }
    }
}
