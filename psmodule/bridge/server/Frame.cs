using System;
using System.IO;
using System.Threading.Tasks;

namespace NetFlow.Server
{
    /// <summary>A received frame, whose form is in psmodule/bridge/wire.ts.</summary>
    internal sealed class Frame
    {
        private const int HeaderBytes = 5;

        /// <summary>Requests are ids and names: our client never sends more.</summary>
        private const int MaxPayloadBytes = 16 * 1024 * 1024;

        public byte Kind { get; private set; }

        public byte[] Payload { get; private set; } = Array.Empty<byte>();

        /// <summary>Reads a frame; null at the end of the stream. Throws InvalidDataException for anything else.</summary>
        public static async Task<Frame?> Read(Stream stream)
        {
            var header = await ReadBytes(stream, HeaderBytes).ConfigureAwait(false);
            if (header == null) return null;
            var length = BitConverter.ToInt32(header, 0);
            if (length < 0 || length > MaxPayloadBytes) throw new InvalidDataException("A frame has an impossible length.");
            var payload = await ReadBytes(stream, length).ConfigureAwait(false);
            return payload == null ? null : new Frame { Kind = header[HeaderBytes - 1], Payload = payload };
        }

        private static async Task<byte[]?> ReadBytes(Stream stream, int count)
        {
            var bytes = new byte[count];
            for (var read = 0; read < count;)
            {
                var more = await stream.ReadAsync(bytes, read, count - read).ConfigureAwait(false);
                if (more == 0) return null;
                read += more;
            }
            return bytes;
        }
    }
}
