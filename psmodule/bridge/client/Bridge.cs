using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace NetFlow
{
    /// <summary>What the module's scripts call. Each call begins at once and is waited for by who began it.</summary>
    public static class Bridge
    {
        /// <summary>Of the host; 0 where none runs.</summary>
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
        /// <param name="target">Which processes.</param>
        /// <param name="exited">With processes that have ended.</param>
        public static Call GetTraffic(Target target, bool exited)
        {
            var options = new[] { new[] { exited ? 1.0 : 0 } };
            return new Call(Request.Traffic, Payload.Encode(target.Ids, target.Patterns, options), Decode.Traffic, target);
        }

        /// <summary>The same again and again: one batch now, and one every interval.</summary>
        /// <param name="target">Which processes.</param>
        /// <param name="exited">With processes that have ended.</param>
        /// <param name="interval">Seconds.</param>
        /// <param name="count">How many batches; 0 for no end.</param>
        public static Call WatchTraffic(Target target, bool exited, double interval, int count)
        {
            var options = new[] { new[] { exited ? 1 : 0, interval, count == 0 ? double.NaN : count } };
            return new Call(Request.Watch, Payload.Encode(target.Ids, target.Patterns, options), Decode.Traffic, target);
        }

        /// <summary>Batches of ProcessConnection: one.</summary>
        /// <param name="target">Which processes.</param>
        public static Call GetConnections(Target target) =>
            new Call(Request.Connections, Payload.Encode(target.Ids, target.Patterns), Decode.Connections, target);

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
    }
}
