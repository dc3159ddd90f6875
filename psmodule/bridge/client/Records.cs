using System;

namespace NetFlow
{
    /// <summary>Traffic of one process. Bytes are payload bytes since the driver started; speeds are bytes in the last whole second.</summary>
    public sealed class ProcessTraffic
    {
        public int ProcessId { get; set; }

        public string? ProcessName { get; set; }

        /// <summary>Of the executable; null for a kernel thread or an executable that never had one.</summary>
        public string? Path { get; set; }

        public string? User { get; set; }

        public DateTime StartTime { get; set; }

        public long UploadBytes { get; set; }

        public long DownloadBytes { get; set; }

        public long UploadSpeed { get; set; }

        public long DownloadSpeed { get; set; }

        /// <summary>Bytes per second; null where there is no limit.</summary>
        public long? UploadLimit { get; set; }

        /// <summary>Bytes per second; null where there is no limit.</summary>
        public long? DownloadLimit { get; set; }

        /// <summary>Sockets that are bound, listening or connected.</summary>
        public long Connections { get; set; }

        public bool Exited { get; set; }
    }

    /// <summary>One TCP or UDP socket as one process uses it.</summary>
    public sealed class ProcessConnection
    {
        /// <summary>tcp or udp.</summary>
        public string? Protocol { get; set; }

        public string? LocalAddress { get; set; }

        public int LocalPort { get; set; }

        public string? RemoteAddress { get; set; }

        public int RemotePort { get; set; }

        /// <summary>As in RFC 9293, lower case with hyphens; empty for UDP.</summary>
        public string? State { get; set; }

        public int ProcessId { get; set; }

        public string? ProcessName { get; set; }

        public long UploadBytes { get; set; }

        public long DownloadBytes { get; set; }

        public long UploadSpeed { get; set; }

        public long DownloadSpeed { get; set; }
    }

    /// <summary>How fast a process, or every process of an executable, may transfer.</summary>
    public sealed class ProcessBandwidthLimit
    {
        /// <summary>process or path.</summary>
        public string? Target { get; set; }

        /// <summary>Null where the limit is for a path.</summary>
        public int? ProcessId { get; set; }

        /// <summary>Of the executable; null where the limit is for a process.</summary>
        public string? Path { get; set; }

        /// <summary>Bytes per second; null where there is no limit.</summary>
        public long? UploadLimit { get; set; }

        /// <summary>Bytes per second; null where there is no limit.</summary>
        public long? DownloadLimit { get; set; }

        /// <summary>All processes have it together, and not each for itself.</summary>
        public bool Shared { get; set; }

        /// <summary>local or policy.</summary>
        public string? Source { get; set; }

        /// <summary>How many processes it holds for now.</summary>
        public long Processes { get; set; }
    }

    /// <summary>What was transferred while a script block ran. Speeds are averages, in bytes per second.</summary>
    public sealed class TrafficMeasurement
    {
        public string? Command { get; set; }

        /// <summary>Of the last program that the block ran; null where it ran none.</summary>
        public int? ExitCode { get; set; }

        public long DurationMs { get; set; }

        /// <summary>How many processes the block started, those that its programs started included.</summary>
        public int Processes { get; set; }

        public long UploadBytes { get; set; }

        public long DownloadBytes { get; set; }

        public long AverageUploadSpeed { get; set; }

        public long AverageDownloadSpeed { get; set; }
    }

    /// <summary>The part in the kernel.</summary>
    public sealed class DriverStatus
    {
        /// <summary>wfp, tdi or ebpf.</summary>
        public string? Driver { get; set; }

        /// <summary>running, stopped or not installed.</summary>
        public string? State { get; set; }

        public string? Version { get; set; }

        /// <summary>Null where the driver is not running.</summary>
        public DateTime? Since { get; set; }

        /// <summary>How often something could not be recorded as it should.</summary>
        public long LostEvents { get; set; }

        /// <summary>Bytes that were counted, but for which there was no room to say whose.</summary>
        public long UnattributedBytes { get; set; }

        public DriverRequirement[] Requirements { get; set; } = Array.Empty<DriverRequirement>();
    }

    /// <summary>One thing that the driver needs of the machine.</summary>
    public sealed class DriverRequirement
    {
        public string? Name { get; set; }

        public bool Ok { get; set; }

        /// <summary>What was found, or what is missing and how to get it.</summary>
        public string? Detail { get; set; }

        public override string ToString() => Name + (Ok ? string.Empty : " (missing)");
    }
}
