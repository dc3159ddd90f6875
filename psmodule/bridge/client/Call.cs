using System;
using System.Collections;
using System.Management.Automation;
using System.Threading;

namespace NetFlow
{
    /// <summary>
    /// A request to the host, as a cmdlet waits for it: in small steps, so that it can be stopped at any time. Dispose ends
    /// it in whatever state it is.
    /// </summary>
    public sealed class Call : IDisposable
    {
        private readonly Exchange exchange;
        private readonly bool asksByItself;
        private Action? onDispose;

        internal Call(Request request, byte[] payload, Func<Payload, Array> decode, Func<Payload, Array, NetFlowException[]>? complain = null, bool asksByItself = true, Action? onDispose = null)
        {
            exchange = new Exchange(request, payload, decode, complain);
            this.asksByItself = asksByItself;
            this.onDispose = onDispose;
        }

        private Call(NetFlowException failure) => exchange = new Exchange(failure);

        /// <summary>A call that has failed before it was begun.</summary>
        internal static Call Failed(NetFlowException failure) => new Call(failure);

        /// <summary>The next batch, after WaitFor has said that there is one; null where all have been taken.</summary>
        public Array? Take()
        {
            var taken = exchange.Take();
            if (asksByItself && taken != null) exchange.AskForMore();
            return taken;
        }

        /// <summary>Asks for the result of a measurement.</summary>
        public void Finish() => exchange.AskForMore();

        /// <summary>
        /// The answer, object by object, for a script to put out; what fails is an error of the cmdlet. The script is to
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
                isReady = exchange.Wait(StepMilliseconds);
                foreach (var message in exchange.TakeMessages()) cmdlet.WriteVerbose(message);
                if (cmdlet.Stopping) throw new PipelineStoppedException();
            }
            while (!isReady);
            var failed = exchange.Failure;
            if (failed != null) cmdlet.WriteError(failed.ErrorRecord);
            return failed == null;
        }

        public void Dispose()
        {
            exchange.Dispose();
            Interlocked.Exchange(ref onDispose, null)?.Invoke();
        }

        /// <summary>The next batch, its problems being errors of the cmdlet; null where there is none any more.</summary>
        private Array? Next(PSCmdlet cmdlet)
        {
            if (!WaitFor(cmdlet) || !(Take() is Array taken)) return null;
            foreach (var problem in exchange.Problems) cmdlet.WriteError(problem.ErrorRecord);
            return taken;
        }
    }
}
