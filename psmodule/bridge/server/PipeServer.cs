using System;
using System.Collections.Concurrent;
using System.IO;
using System.IO.Pipes;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow.Server
{
    /// <summary>Accepts connections on a pipe that only its owner can open, and passes on each frame.</summary>
    internal sealed class PipeServer
    {
        private readonly string name;
        private readonly Func<int, Frame?, Task> receive;
        private readonly ConcurrentDictionary<int, Output> connections = new ConcurrentDictionary<int, Output>();
        private int lastConnection;

        /// <param name="name">A name for NamedPipeServerStream.</param>
        /// <param name="receive">Called with each frame, and with null when a connection has ended.</param>
        public PipeServer(string name, Func<int, Frame?, Task> receive)
        {
            this.name = name;
            this.receive = receive;
        }

        /// <summary>Opens the pipe before it returns.</summary>
        public void Start()
        {
            var first = PipeFactory.Create(name);
            Task.Run(() => Accept(first));
        }

        /// <summary>Sends an array from an offset on; drops it if the connection has ended.</summary>
        public void Send(int connection, byte[] bytes, int offset)
        {
            if (connections.TryGetValue(connection, out var output)) output.Write(bytes, offset);
        }

        private async Task Accept(NamedPipeServerStream first)
        {
            for (var pipe = first; ; pipe = PipeFactory.Create(name))
            {
                try
                {
                    await pipe.WaitForConnectionAsync().ConfigureAwait(false);
                }
                catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
                {
                    pipe.Dispose(); // refuses another user's connection
                    continue;
                }
                var connected = pipe;
                _ = Task.Run(() => Serve(connected));
            }
        }

        private async Task Serve(NamedPipeServerStream pipe)
        {
            var connection = Interlocked.Increment(ref lastConnection);
            connections[connection] = new Output(pipe);
            try
            {
                while (await Frame.Read(pipe).ConfigureAwait(false) is Frame frame)
                {
                    await receive(connection, frame).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is IOException || error is InvalidDataException || error is ObjectDisposedException)
            {
                // Ends the connection, as does the end of the stream.
            }
            finally
            {
                connections.TryRemove(connection, out _);
                pipe.Dispose();
                await receive(connection, null).ConfigureAwait(false);
            }
        }
    }
}
