using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks;

namespace NetFlow.Server
{
    /// <summary>Called by edge-js. All calls from and to JavaScript are here; its side is psmodule/bridge/server.ts.</summary>
    public sealed class EntryPoint
    {
        /// <summary>The size of a connection's number, with which a crossing begins.</summary>
        private const int ConnectionBytes = sizeof(int);
        private const int KindBytes = 1;

        private static readonly Task<object?> Nothing = Task.FromResult<object?>(null);

        /// <summary>
        /// Opens the pipe. <paramref name="input"/> has its name in <c>pipe</c> and, in <c>receive</c>, a function that
        /// gets each frame as an array: connection, kind, payload; or the connection alone when that has ended. Returns the
        /// function that sends, which takes an array: connection, message.
        /// </summary>
        [SuppressMessage("Performance", "CA1822", Justification = "edge-js calls a method of an object.")]
        public Task<object> Start(object input)
        {
            var options = (IDictionary<string, object>)input;
            var receive = (Func<object, Task<object>>)options["receive"];
            var server = new PipeServer((string)options["pipe"], (connection, frame) => receive(Crossing(connection, frame)));

            server.Start();
            return Task.FromResult<object>((Func<object, Task<object?>>)(crossing => Send(server, (byte[])crossing)));
        }

        // Sends one array each way, and returns nothing: edge-js leaks memory with each object that crosses, and keeps for
        // ever what a JavaScript function returns.
        private static byte[] Crossing(int connection, Frame? frame)
        {
            var crossing = new byte[ConnectionBytes + (frame == null ? 0 : KindBytes + frame.Payload.Length)];
            BitConverter.GetBytes(connection).CopyTo(crossing, 0);
            if (frame != null)
            {
                crossing[ConnectionBytes] = frame.Kind;
                frame.Payload.CopyTo(crossing, ConnectionBytes + KindBytes);
            }
            return crossing;
        }

        // Completes at once, since edge-js leaks memory for a task that it waits for, too.
        private static Task<object?> Send(PipeServer server, byte[] crossing)
        {
            server.Send(BitConverter.ToInt32(crossing, 0), crossing, ConnectionBytes);
            return Nothing;
        }
    }
}
