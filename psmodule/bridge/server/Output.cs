using System;
using System.IO;
using System.Threading.Tasks;

namespace NetFlow.Server
{
    /// <summary>Writes to a stream in the background, one array after the other.</summary>
    internal sealed class Output
    {
        private readonly object gate = new object();
        private readonly Stream stream;
        private Task last = Task.CompletedTask;

        public Output(Stream stream) => this.stream = stream;

        /// <summary>Returns at once. The client asks for each batch, so that no more than one is ever waiting.</summary>
        public void Write(byte[] bytes, int offset)
        {
            lock (gate) last = WriteAfter(last, bytes, offset);
        }

        private async Task WriteAfter(Task before, byte[] bytes, int offset)
        {
            await before.ConfigureAwait(false);
            try
            {
                await stream.WriteAsync(bytes, offset, bytes.Length - offset).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException)
            {
                // The connection has ended; its reader notices too, and reports it.
            }
        }
    }
}
