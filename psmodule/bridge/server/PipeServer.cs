using System;
using System.Collections.Concurrent;
using System.IO;
using System.IO.Pipes;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow.Server
{
    /// <summary>Takes connections on a pipe that only its owner can open, and hands on what comes in frame by frame.</summary>
    internal sealed class PipeServer
    {
        private readonly string name;
        private readonly Func<int, Frame?, Task> receive;
        private readonly ConcurrentDictionary<int, Output> connections = new ConcurrentDictionary<int, Output>();
        private int lastConnection;

        /// <param name="name">As NamedPipeServerStream takes it.</param>
        /// <param name="receive">Called with each frame, and with null when a connection has ended.</param>
        public PipeServer(string name, Func<int, Frame?, Task> receive)
        {
            this.name = name;
            this.receive = receive;
        }

        /// <summary>When this returns, the pipe can be opened.</summary>
        public void Start()
        {
            var first = PipeFactory.Create(name);
            Task.Run(() => Accept(first));
        }

        /// <summary>Sends what is in an array from some place on; a message for a connection that has ended is dropped.</summary>
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
                    pipe.Dispose(); // somebody else's connection: refused
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
                // The end, as well.
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
