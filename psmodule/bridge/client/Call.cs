using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow
{
    /// <summary>
    /// One request to the host and what comes back, a batch at a time. It goes on in the background, so that a cmdlet
    /// that waits in small steps can be stopped at any time; Dispose ends it in whatever state it is.
    /// </summary>
    public sealed class Call : IDisposable
    {
        private readonly object gate = new object();
        private readonly ManualResetEventSlim ready = new ManualResetEventSlim();
        private readonly Queue<string> messages = new Queue<string>();
        private readonly Func<Payload, Array> decode;
        private readonly Func<Payload, Array, NetFlowException[]>? complain;
        private readonly bool asksByItself;
        private readonly Action? onDispose;
        private Connection? connection;
        private Host? host;
        private Array? batch;
        private NetFlowException? failure;
        private bool over;
        private bool disposed;

        internal Call(Request request, byte[] payload, Func<Payload, Array> decode, Func<Payload, Array, NetFlowException[]>? complain = null, bool asksByItself = true, Action? onDispose = null)
        {
            this.decode = decode;
            this.complain = complain;
            this.asksByItself = asksByItself;
            this.onDispose = onDispose;
            Task.Run(() => Run(request, payload));
        }

        private Call(NetFlowException failure)
        {
            decode = Decode.Nothing;
            Fail(failure);
        }

        /// <summary>An error for each thing that was asked for and could not be had, with the batch that was taken last.</summary>
        internal NetFlowException[] Problems { get; private set; } = Array.Empty<NetFlowException>();

        /// <summary>A call that has failed before it was begun.</summary>
        internal static Call Failed(NetFlowException failure) => new Call(failure);

        /// <summary>What the call failed with; null where it did not.</summary>
        internal NetFlowException? Failure
        {
            get
            {
                lock (gate) return failure;
            }
        }

        /// <summary>True once a batch can be taken, or none will come any more, because all have been taken or the call failed.</summary>
        internal bool Wait(int milliseconds) => ready.Wait(milliseconds);

        /// <summary>The next batch, after Wait has said that there is one; null where all have been taken.</summary>
        public Array? Take()
        {
            Array? taken;
            lock (gate)
            {
                taken = batch;
                batch = null;
                if (!over) ready.Reset();
            }
            if (asksByItself && taken != null) AskForMore();
            return taken;
        }

        /// <summary>What the host said that it does, since this was last asked.</summary>
        internal string[] TakeMessages()
        {
            lock (gate)
            {
                var taken = messages.ToArray();
                messages.Clear();
                return taken;
            }
        }

        /// <summary>Asks for the result of a measurement.</summary>
        public void Finish() => AskForMore();

        /// <summary>
        /// What comes, object by object, for a script to put out; what fails is an error of the cmdlet. The script is to
        /// dispose of the call. PSCmdlet.WriteObject would not do: what is thrown further down the pipeline would be wrapped
        /// on its way through a method, and the caller's script would go on after it.
        /// </summary>
        public IEnumerable Read(PSCmdlet cmdlet)
        {
            while (Next(cmdlet) is Array taken)
            {
                foreach (var item in taken) yield return item;
            }
        }

        /// <summary>Waits for a call to its end, without what it brings, and ends it when Ctrl+C stops the cmdlet.</summary>
        public void WaitForEnd(PSCmdlet cmdlet)
        {
            using (this)
            {
                while (Next(cmdlet) != null)
                {
                }
            }
        }

        /// <summary>
        /// Waits on behalf of a cmdlet until a batch can be taken or all have been, and says what the host does meanwhile;
        /// false where the call failed, which is then an error of the cmdlet.
        /// </summary>
        public bool WaitFor(PSCmdlet cmdlet)
        {
            const int StepMilliseconds = 50;
            bool isReady;
            do
            {
                isReady = Wait(StepMilliseconds);
                foreach (var message in TakeMessages()) cmdlet.WriteVerbose(message);
                if (cmdlet.Stopping) throw new PipelineStoppedException();
            }
            while (!isReady);
            var failed = Failure;
            if (failed != null) cmdlet.WriteError(failed.ErrorRecord);
            return failed == null;
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
            onDispose?.Invoke();
        }

        /// <summary>The next batch, its problems being errors of the cmdlet; null where there is none any more.</summary>
        private Array? Next(PSCmdlet cmdlet)
        {
            if (!WaitFor(cmdlet) || !(Take() is Array taken)) return null;
            foreach (var problem in Problems) cmdlet.WriteError(problem.ErrorRecord);
            return taken;
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
            if (!Hold(rented)) return;
            try
            {
                await rented.Send(request, payload).ConfigureAwait(false);
                for (var isLast = false; !isLast;)
                {
                    var message = await rented.Receive().ConfigureAwait(false);
                    isLast = message.Kind == Reply.Last || message.Kind == Reply.Error;

                    // Before anyone is told, who would dispose of the call and close the connection with it.
                    if (isLast && LetGo()) host.GiveBack(rented);
                    Handle(message);
                }
            }
            catch (Exception error) when (error is IOException || error is ObjectDisposedException || error is OperationCanceledException)
            {
                if (LetGo())
                {
                    rented.Dispose();
                    throw host.Gone(error);
                }
            }
        }

        private void Handle((Reply Kind, byte[] Payload) message)
        {
            var payload = Payload.Decode(message.Payload);
            switch (message.Kind)
            {
                case Reply.Message:
                    lock (gate) messages.Enqueue(payload.Tables[0].Text(0, 0) ?? string.Empty);
                    break;
                case Reply.Error:
                    Fail(new NetFlowException(payload.Tables[0].Text(0, 0) ?? string.Empty, payload.Tables[0].Text(0, 1) ?? string.Empty));
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

        private async void AskForMore()
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
                // Who waits for the answer notices as well.
            }
        }

        /// <summary>False where the call was disposed of before it had a connection.</summary>
        private bool Hold(Connection rented)
        {
            lock (gate)
            {
                connection = disposed ? null : rented;
                if (disposed) host!.GiveBack(rented);
                return !disposed;
            }
        }

        /// <summary>False where Dispose has closed the connection.</summary>
        private bool LetGo()
        {
            lock (gate)
            {
                var held = connection != null;
                connection = null;
                return held;
            }
        }
    }
}
