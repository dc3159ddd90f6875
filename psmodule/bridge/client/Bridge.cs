using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow
{
    /// <summary>The module's scripts call this. Each call begins at once and is waited for by who began it.</summary>
    public static class Bridge
    {
        /// <summary>The host's process id; 0 where none runs.</summary>
        public static int HostProcessId => Hosts.ProcessId;

        /// <summary>Begins to start the host, so that the first call finds it ready; one that can't be started is that call's error.</summary>
        /// <param name="moduleRoot">The folder of NetFlow.psd1.</param>
        public static void Prepare(string moduleRoot)
        {
            Hosts.SetRoot(moduleRoot);
            Task.Run(Hosts.Start);
        }

        /// <summary>The host ends when the calls that are under way have ended; another call starts another one.</summary>
        public static void Close() => Hosts.Close();

        /// <summary>Batches of ProcessTraffic: one.</summary>
        /// <param name="filter">Which processes.</param>
        /// <param name="exited">With processes that have exited.</param>
        public static Call GetTraffic(ProcessFilter filter, bool exited)
        {
            var options = new[] { new[] { exited ? 1.0 : 0 } };
            return new Call(Request.Traffic, Payload.Encode(filter.Ids, filter.Patterns, options), Decode.Traffic, filter.TakeMissing);
        }

        /// <summary>Batches of ProcessTraffic: one batch now, and one every interval.</summary>
        /// <param name="filter">Which processes.</param>
        /// <param name="exited">With processes that have exited.</param>
        /// <param name="interval">Seconds.</param>
        /// <param name="count">How many batches; 0 for no end.</param>
        public static Call WatchTraffic(ProcessFilter filter, bool exited, double interval, int count)
        {
            var options = new[] { new[] { exited ? 1 : 0, interval, count == 0 ? double.NaN : count } };
            return new Call(Request.Watch, Payload.Encode(filter.Ids, filter.Patterns, options), Decode.Traffic, filter.TakeMissing);
        }

        /// <summary>Batches of ProcessConnection: one.</summary>
        /// <param name="filter">Which processes.</param>
        public static Call GetConnections(ProcessFilter filter) =>
            new Call(Request.Connections, Payload.Encode(filter.Ids, filter.Patterns), Decode.Connections, filter.TakeMissing);

        private static int measuring;

        /// <summary>
        /// What this process and those that it starts transfer. An empty batch once measuring has begun; after Finish one
        /// with a TrafficMeasurement.
        /// </summary>
        public static Call MeasureTraffic()
        {
            if (Interlocked.Exchange(ref measuring, 1) == 1)
            {
                return Call.Failed(new NetFlowException("FAILED", "This shell measures already: wait for that measurement to end."));
            }
            using (var own = Process.GetCurrentProcess())
            {
                return new Call(Request.Measure, Payload.Encode(new[] { own.Id }), Decode.Measurement, asksByItself: false, onDispose: () => measuring = 0);
            }
        }

        /// <summary>Batches of DriverStatus: one.</summary>
        public static Call GetDriver() => new Call(Request.DriverStatus, Payload.Encode(), Decode.Driver);

        public static Call StartDriver() => new Call(Request.DriverStart, Payload.Encode(), Decode.Nothing);

        public static Call StopDriver() => new Call(Request.DriverStop, Payload.Encode(), Decode.Nothing);

        public static Call InstallDriver() => new Call(Request.DriverInstall, Payload.Encode(), Decode.Nothing);

        public static Call UninstallDriver() => new Call(Request.DriverUninstall, Payload.Encode(), Decode.Nothing);

        /// <summary>Batches of ProcessBandwidthLimit: one.</summary>
        /// <param name="filter">Which limits.</param>
        public static Call GetLimits(LimitFilter filter) =>
            new Call(Request.LimitList, Payload.Encode(filter.Paths), filter.Decode, filter.Missing);

        /// <summary>Batches of ProcessBandwidthLimit: one, with the limits as they are now. A target that can't have one is an error.</summary>
        /// <param name="targets">What to limit.</param>
        /// <param name="change">How.</param>
        public static Call SetLimits(LimitTarget[] targets, LimitChange change) =>
            new Call(Request.LimitSet, LimitRequest.Encode(targets, change.Cells), Decode.Limits, LimitRequest.Failures(targets));

        /// <summary>Batches of ProcessBandwidthLimit: one, with the limits that there were. A target that has none is an error.</summary>
        /// <param name="targets">Whose limits to remove.</param>
        public static Call RemoveLimits(LimitTarget[] targets) =>
            new Call(Request.LimitRemove, LimitRequest.Encode(targets, 0), Decode.Limits, LimitRequest.Failures(targets));

        /// <summary>Removes every limit that there is.</summary>
        public static Call RemoveAllLimits() =>
            new Call(Request.LimitRemove, LimitRequest.Encode(Array.Empty<LimitTarget>(), 1), Decode.Limits);

        /// <summary>Batches of texts: one, with a line for each rule that was changed.</summary>
        /// <param name="file">Its full path.</param>
        public static Call ApplyPolicy(string file) => new Call(Request.PolicyApply, Payload.Encode(new[] { file }), Decode.Texts);

        /// <summary>Batches of texts: one, with a line for each rule that differs.</summary>
        /// <param name="file">Its full path.</param>
        public static Call TestPolicy(string file) => new Call(Request.PolicyTest, Payload.Encode(new[] { file }), Decode.Texts);

        /// <param name="file">Its full path.</param>
        public static Call ExportPolicy(string file) => new Call(Request.PolicyExport, Payload.Encode(new[] { file }), Decode.Nothing);

        /// <summary>Batches of texts: one, with a line for each rule that was changed.</summary>
        public static Call UpdatePolicy() => new Call(Request.PolicyUpdate, Payload.Encode(), Decode.Texts);
    }
}
