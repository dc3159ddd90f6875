using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks;

namespace NetFlow.Server
{
    /// <summary>What edge-js calls. Everything that crosses is here; JavaScript's side is psmodule/bridge/server.ts.</summary>
    public sealed class EntryPoint
    {
        /// <summary>
        /// Opens the pipe. <paramref name="input"/> has its name in <c>pipe</c> and, in <c>receive</c>, a function that
        /// is told of each frame and of each connection's end. Gives the function that sends.
        /// </summary>
        [SuppressMessage("Performance", "CA1822", Justification = "edge-js calls a method of an object.")]
        public Task<object> Start(object input)
        {
            var options = (IDictionary<string, object>)input;
            var receive = (Func<object, Task<object>>)options["receive"];
            var server = new PipeServer((string)options["pipe"], (connection, frame) => receive(Crossing(connection, frame)));

            server.Start();
            return Task.FromResult<object>((Func<object, Task<object>>)(message => Send(server, message)));
        }

        // Whatever a JavaScript function returned would be kept for ever: so none returns anything.
        private static Dictionary<string, object?> Crossing(int connection, Frame? frame) => new Dictionary<string, object?>
        {
            ["connection"] = connection,
            ["kind"] = (int?)frame?.Kind,
            ["payload"] = frame?.Payload,
        };

        private static async Task<object> Send(PipeServer server, object message)
        {
            var values = (IDictionary<string, object>)message;
            await server.Send((int)values["connection"], (byte[])values["frame"]).ConfigureAwait(false);
            return null!;
        }
    }
}
