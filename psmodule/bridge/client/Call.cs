using System;
using System.Collections;
using System.Management.Automation;
using System.Threading;

namespace NetFlow
{
    /// <summary>
    /// A request to the host, for which a cmdlet waits in small steps, so that it can be stopped at any time. Dispose ends
    /// it in any state.
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

        /// <summary>Returns a call that has failed before it began.</summary>
        internal static Call Failed(NetFlowException failure) => new Call(failure);

        /// <summary>Takes the next batch, after WaitFor; null if all have been taken.</summary>
        public Array? Take()
        {
            var taken = exchange.Take();
            if (asksByItself && taken != null) exchange.AskForMore();
            return taken;
        }

        /// <summary>Takes the next batch without a cmdlet that waits; empty where there is none in time.</summary>
        internal Array TakeWithin(int milliseconds) =>
            (exchange.Wait(milliseconds) && exchange.Failure == null ? Take() : null) ?? Array.Empty<object>();

        /// <summary>Asks for the result of a measurement.</summary>
        public void Finish() => exchange.AskForMore();

        /// <summary>
        /// Yields the answer's objects for a function to return; failures are errors of the cmdlet. The function disposes of
        /// the call. It can't use PSCmdlet.WriteObject: an exception from further down the pipeline would be wrapped on its
        /// way through that method, and the caller's script would continue after it.
        /// </summary>
        public IEnumerable Read(PSCmdlet cmdlet)
        {
            while (Next(cmdlet) is Array taken)
            {
                foreach (var item in taken) yield return item;
            }
        }

        /// <summary>Waits for the end of a call, discards its results, and ends it when Ctrl+C stops the cmdlet.</summary>
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
        /// Waits until a batch can be taken or all have been, and reports the host's messages and warnings. Returns false if
        /// the call failed, which is then an error of the cmdlet.
        /// </summary>
        public bool WaitFor(PSCmdlet cmdlet)
        {
            const int StepMilliseconds = 50;
            bool isReady;
            do
            {
                isReady = exchange.Wait(StepMilliseconds);
                ReportMessages(cmdlet);
                if (cmdlet.Stopping) throw new PipelineStoppedException();
            }
            while (!isReady);
            var failed = exchange.Failure;
            if (failed != null) cmdlet.WriteError(failed.ErrorRecord);
            return failed == null;
        }

        private void ReportMessages(PSCmdlet cmdlet)
        {
            foreach (var (kind, text) in exchange.TakeMessages())
            {
                if (kind == Reply.Warning) cmdlet.WriteWarning(text);
                else cmdlet.WriteVerbose(text);
            }
        }

        public void Dispose()
        {
            exchange.Dispose();
            Interlocked.Exchange(ref onDispose, null)?.Invoke();
        }

        /// <summary>Returns the next batch, and reports its problems as errors of the cmdlet; null after the last.</summary>
        private Array? Next(PSCmdlet cmdlet)
        {
            if (!WaitFor(cmdlet) || !(Take() is Array taken)) return null;
            foreach (var problem in exchange.Problems) cmdlet.WriteError(problem.ErrorRecord);
            return taken;
        }
    }
}
