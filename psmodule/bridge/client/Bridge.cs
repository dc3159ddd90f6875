using System;
using System.Collections;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow
{
    /// <summary>The methods that the module's functions call. A call begins at once; the function then waits for it.</summary>
    public static class Bridge
    {
        /// <summary>The host's process id; 0 if none runs.</summary>
        public static int HostProcessId => Hosts.ProcessId;

        /// <summary>Begins to start the host, so that the first call finds it ready, or reports why it can't start.</summary>
        /// <param name="moduleRoot">The folder of NetFlow.psd1.</param>
        public static void Prepare(string moduleRoot)
        {
            Hosts.SetRoot(Path.GetFullPath(moduleRoot));
            Task.Run(Hosts.Start);
        }

        /// <summary>Ends the host after the calls that are under way; another call starts another one.</summary>
        public static void Close() => Hosts.Close();

        /// <summary>Gets a batch of ProcessTraffic.</summary>
        /// <param name="filter">Selects the processes.</param>
        /// <param name="exited">Includes processes that have exited.</param>
        public static Call GetTraffic(ProcessFilter filter, bool exited)
        {
            var options = new[] { new[] { exited ? 1.0 : 0 } };
            return new Call(Request.Traffic, Payload.Encode(filter.Ids, filter.Patterns, options), Decode.Traffic, filter.TakeMissing);
        }

        /// <summary>Gets a batch of ProcessTraffic now, and one every interval.</summary>
        /// <param name="filter">Selects the processes.</param>
        /// <param name="exited">Includes processes that have exited.</param>
        /// <param name="interval">In seconds.</param>
        /// <param name="count">The number of batches; 0 for no end.</param>
        public static Call WatchTraffic(ProcessFilter filter, bool exited, double interval, int count)
        {
            var options = new[] { new[] { exited ? 1 : 0, interval, count == 0 ? double.NaN : count } };
            return new Call(Request.Watch, Payload.Encode(filter.Ids, filter.Patterns, options), Decode.Traffic, filter.TakeMissing);
        }

        /// <summary>Gets a batch of ProcessConnection.</summary>
        /// <param name="filter">Selects the processes.</param>
        /// <param name="parameters">$PSBoundParameters of the function, which may select connections.</param>
        public static Call GetConnections(ProcessFilter filter, IDictionary parameters)
        {
            string[] Texts(string name) => (string[]?)parameters[name] ?? Array.Empty<string>();
            int[] Numbers(string name) => (int[]?)parameters[name] ?? Array.Empty<int>();
            var request = Payload.Encode(
                filter.Ids, filter.Patterns, Texts("LocalAddress"), Texts("RemoteAddress"), Numbers("LocalPort"), Numbers("RemotePort"), Texts("State"), Texts("Protocol"));
            return new Call(Request.Connections, request, Decode.Connections, filter.TakeMissing);
        }

        private static int measuring;

        /// <summary>
        /// Measures this process and those that it starts. Gets an empty batch once measuring has begun, and after Finish
        /// one with a TrafficMeasurement.
        /// </summary>
        public static Call MeasureTraffic()
        {
            if (Interlocked.Exchange(ref measuring, 1) == 1)
            {
                return Call.Failed(new NetFlowException("FAILED", "This shell is measuring already: wait for that measurement to end."));
            }
            using (var own = Process.GetCurrentProcess())
            {
                return new Call(Request.Measure, Payload.Encode(new[] { own.Id }), Decode.Measurement, asksByItself: false, onDispose: () => measuring = 0);
            }
        }

        /// <summary>Gets a batch of one DriverStatus.</summary>
        public static Call GetDriver() => new Call(Request.DriverStatus, Payload.Encode(), Decode.Driver);

        public static Call StartDriver() => new Call(Request.DriverStart, Payload.Encode(), Decode.Nothing);

        public static Call StopDriver() => new Call(Request.DriverStop, Payload.Encode(), Decode.Nothing);

        public static Call InstallDriver() => new Call(Request.DriverInstall, Payload.Encode(), Decode.Nothing);

        public static Call UninstallDriver() => new Call(Request.DriverUninstall, Payload.Encode(), Decode.Nothing);

        /// <summary>Gets a batch of ProcessBandwidthLimit.</summary>
        /// <param name="filter">Selects the limits.</param>
        public static Call GetLimits(LimitFilter filter) =>
            new Call(Request.LimitList, Payload.Encode(filter.Paths), filter.Decode, filter.Missing);

        /// <summary>Sets limits, and gets a batch of them as they are now. A target that can't have one is an error.</summary>
        /// <param name="targets">The processes and paths to limit.</param>
        /// <param name="change">The change of each limit.</param>
        public static Call SetLimits(LimitTarget[] targets, LimitChange change) =>
            new Call(Request.LimitSet, LimitRequest.Encode(targets, change.Cells), Decode.Limits, LimitRequest.Failures(targets));

        /// <summary>Removes limits, and gets a batch of those that it removed. A target without one is an error.</summary>
        /// <param name="targets">The processes and paths that have the limits.</param>
        public static Call RemoveLimits(LimitTarget[] targets) =>
            new Call(Request.LimitRemove, LimitRequest.Encode(targets, 0), Decode.Limits, LimitRequest.Failures(targets));

        /// <summary>Removes every limit that no policy has set.</summary>
        public static Call RemoveAllLimits() =>
            new Call(Request.LimitRemove, LimitRequest.Encode(Array.Empty<LimitTarget>(), 1), Decode.Limits);

        /// <summary>Applies a policy file. Gets a batch of a PolicyDifference for each rule that it changed.</summary>
        /// <param name="file">Its full path.</param>
        public static Call ApplyPolicy(string file) => new Call(Request.PolicyApply, Payload.Encode(new[] { file }), Decode.Differences);

        /// <summary>
        /// Gets a batch of a PolicyDifference for each rule that a policy file, or the machine's policy, would change.
        /// </summary>
        /// <param name="files">The file's full path; empty for the machine's policy.</param>
        public static Call PlanPolicy(params string[] files) => new Call(Request.PolicyPlan, Payload.Encode(new Array[] { files }), Decode.Differences);

        /// <summary>Gets a batch of a PolicyDifference for each rule that differs from a policy file.</summary>
        /// <param name="file">Its full path.</param>
        public static Call TestPolicy(string file) => new Call(Request.PolicyTest, Payload.Encode(new[] { file }), Decode.Differences);

        /// <summary>Writes a policy file.</summary>
        /// <param name="file">Its full path.</param>
        public static Call ExportPolicy(string file) => new Call(Request.PolicyExport, Payload.Encode(new[] { file }), Decode.Nothing);

        /// <summary>
        /// Applies the machine's policy. Gets a batch of a PolicyDifference for each rule that it changed.
        /// </summary>
        public static Call UpdatePolicy() => new Call(Request.PolicyUpdate, Payload.Encode(), Decode.Differences);
    }
}
