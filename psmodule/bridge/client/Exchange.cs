using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow
{
    /// <summary>A request to the host and its answer, a batch at a time, in the background; Dispose ends it in any state.</summary>
    internal sealed class Exchange : IDisposable
    {
        private readonly object gate = new object();
        private readonly ManualResetEventSlim ready = new ManualResetEventSlim();
        private readonly Queue<(Reply Kind, string Text)> messages = new Queue<(Reply Kind, string Text)>();
        private readonly Func<Payload, Array> decode;
        private readonly Func<Payload, Array, NetFlowException[]>? complain;
        private Connection? connection;
        private Host? host;
        private Array? batch;
        private NetFlowException? failure;
        private bool over;
        private bool disposed;

        public Exchange(Request request, byte[] payload, Func<Payload, Array> decode, Func<Payload, Array, NetFlowException[]>? complain)
        {
            this.decode = decode;
            this.complain = complain;
            Task.Run(() => Run(request, payload));
        }

        /// <summary>Creates an exchange that has failed before it began.</summary>
        public Exchange(NetFlowException failure)
        {
            decode = Decode.Nothing;
            Fail(failure);
        }

        /// <summary>An error for each part of the request that failed, for the batch that was taken last.</summary>
        public NetFlowException[] Problems { get; private set; } = Array.Empty<NetFlowException>();

        /// <summary>The error with which the exchange failed; null if it did not.</summary>
        public NetFlowException? Failure
        {
            get
            {
                lock (gate) return failure;
            }
        }

        /// <summary>Returns true once a batch can be taken, or none will come: all have been taken, or the exchange failed.</summary>
        public bool Wait(int milliseconds) => ready.Wait(milliseconds);

        /// <summary>Takes the next batch, after Wait; null if all have been taken.</summary>
        public Array? Take()
        {
            lock (gate)
            {
                var taken = batch;
                batch = null;
                if (!over) ready.Reset();
                return taken;
            }
        }

        /// <summary>Takes the host's status messages and warnings since the last call.</summary>
        public (Reply Kind, string Text)[] TakeMessages()
        {
            lock (gate)
            {
                var taken = messages.ToArray();
                messages.Clear();
                return taken;
            }
        }

        /// <summary>Asks for the next batch.</summary>
        public async void AskForMore()
        {
            Connection? open;
            lock (gate) open = over ? null : connection;
            if (open == null) return;
            try
            {
                await open.Send(Request.Next, Array.Empty<byte>()).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException || error is OperationCanceledException)
            {
                // The receiver of the answer fails as well, and reports it.
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                if (disposed) return;
                disposed = true;
                connection?.Dispose();
                connection = null;
            }
        }

        private async Task Run(Request request, byte[] payload)
        {
            try
            {
                host = Hosts.ForCall();
                try
                {
                    await Converse(host, request, payload).ConfigureAwait(false);
                }
                finally
                {
                    host.EndCall();
                }
            }
            catch (NetFlowException error)
            {
                Fail(error);
            }
            catch (Exception error)
            {
                Fail(new NetFlowException("FAILED", error.Message, inner: error));
            }
        }

        private async Task Converse(Host host, Request request, byte[] payload)
        {
            var rented = await host.Rent().ConfigureAwait(false);
            if (!Attach(rented)) return;
            try
            {
                await rented.Send(request, payload).ConfigureAwait(false);
                for (var isLast = false; !isLast;)
                {
                    var message = await rented.Receive().ConfigureAwait(false);
                    isLast = message.Kind == Reply.Last || message.Kind == Reply.Error;

                    // Before Handle, after which the waiting cmdlet may dispose of the exchange, and so of the connection.
                    if (isLast && Detach()) host.GiveBack(rented);
                    Handle(message);
                }
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException || error is OperationCanceledException)
            {
                if (Detach())
                {
                    rented.Dispose();
                    throw host.Gone(error);
                }
            }
        }

        private void Handle((Reply Kind, byte[] Payload) message)
        {
            var payload = Payload.Read(message.Payload);
            switch (message.Kind)
            {
                case Reply.Message:
                case Reply.Warning:
                    lock (gate) messages.Enqueue((message.Kind, payload.Tables[0].Text(0, 0) ?? string.Empty));
                    break;
                case Reply.Error:
                    var error = payload.Tables[0];
                    Fail(new NetFlowException(error.Text(0, 0) ?? string.Empty, error.Text(0, 1) ?? string.Empty, reason: error.Text(0, 2)));
                    break;
                default:
                    Offer(payload, isLast: message.Kind == Reply.Last);
                    break;
            }
        }

        private void Offer(Payload payload, bool isLast)
        {
            var isEmpty = isLast && payload.Tables.Length == 0;
            var rows = isEmpty ? null : decode(payload);
            var problems = rows == null ? null : complain?.Invoke(payload, rows);
            lock (gate)
            {
                batch = rows;
                Problems = problems ?? Array.Empty<NetFlowException>();
                over = isLast;
                ready.Set();
            }
        }

        private void Fail(NetFlowException error)
        {
            lock (gate)
            {
                failure = failure ?? error;
                over = true;
                ready.Set();
            }
        }

        /// <summary>Returns false if the exchange was disposed of before it had a connection.</summary>
        private bool Attach(Connection rented)
        {
            lock (gate)
            {
                connection = disposed ? null : rented;
                if (disposed) host!.GiveBack(rented);
                return !disposed;
            }
        }

        /// <summary>Returns false if Dispose has closed the connection.</summary>
        private bool Detach()
        {
            lock (gate)
            {
                var attached = connection != null;
                connection = null;
                return attached;
            }
        }
    }
}
