// Generated from core/fields.ts. Do not edit; run: node scripts/generate-records.mjs
#nullable enable
using System;

namespace NetFlow
{
    /// <summary>The traffic of a process, and when it was read.</summary>
    public sealed partial class ProcessTraffic
    {
        /// <summary>When it was read; local time.</summary>
        public DateTime Time { get; set; }

        public int ProcessId { get; set; }

        public string? ProcessName { get; set; }

        /// <summary>The executable's full path; null for a kernel thread or an executable that never had one.</summary>
        public string? Path { get; set; }

        public string? User { get; set; }

        /// <summary>Local time, as PowerShell gives it.</summary>
        public DateTime StartTime { get; set; }

        public long UploadBytes { get; set; }

        public long DownloadBytes { get; set; }

        public long UploadSpeed { get; set; }

        public long DownloadSpeed { get; set; }

        /// <summary>Bytes per second; null where there is no limit.</summary>
        public long? UploadLimit { get; set; }

        public long? DownloadLimit { get; set; }

        /// <summary>Sockets that are bound, listening or connected.</summary>
        public long Connections { get; set; }

        public bool Exited { get; set; }

        /// <summary>Its words, quoted where a shell requires it. Null if it has none. Of an exited process, perhaps the beginning.</summary>
        public string? CommandLine { get; set; }

        /// <summary>The systemd unit or Windows service that it belongs to; null where there is none.</summary>
        public string? Service { get; set; }

        internal static ProcessTraffic Read(Table table, int row) => new ProcessTraffic
        {
            Time = table.Time(row, 0),
            ProcessId = table.Int(row, 1),
            ProcessName = table.Text(row, 2),
            Path = table.Text(row, 3),
            User = table.Text(row, 4),
            StartTime = table.Time(row, 5),
            UploadBytes = table.Long(row, 6),
            DownloadBytes = table.Long(row, 7),
            UploadSpeed = table.Long(row, 8),
            DownloadSpeed = table.Long(row, 9),
            UploadLimit = table.LongOrNull(row, 10),
            DownloadLimit = table.LongOrNull(row, 11),
            Connections = table.Long(row, 12),
            Exited = table.Boolean(row, 13),
            CommandLine = table.Text(row, 14),
            Service = table.Text(row, 15),
        };
    }

    /// <summary>A socket as a process uses it.</summary>
    public sealed partial class ProcessConnection
    {
        /// <summary>By a raw socket: icmp, or raw for all else. Frames that a program has made itself: packet, without addresses.</summary>
        public string? Protocol { get; set; }

        public string? LocalAddress { get; set; }

        public int LocalPort { get; set; }

        public string? RemoteAddress { get; set; }

        public int RemotePort { get; set; }

        /// <summary>As in RFC 9293, lower case with hyphens (established, time-wait); empty where there is none.</summary>
        public string? State { get; set; }

        public int ProcessId { get; set; }

        public string? ProcessName { get; set; }

        public long UploadBytes { get; set; }

        public long DownloadBytes { get; set; }

        public long UploadSpeed { get; set; }

        public long DownloadSpeed { get; set; }

        internal static ProcessConnection Read(Table table, int row) => new ProcessConnection
        {
            Protocol = table.Text(row, 0),
            LocalAddress = table.Text(row, 1),
            LocalPort = table.Int(row, 2),
            RemoteAddress = table.Text(row, 3),
            RemotePort = table.Int(row, 4),
            State = table.Text(row, 5),
            ProcessId = table.Int(row, 6),
            ProcessName = table.Text(row, 7),
            UploadBytes = table.Long(row, 8),
            DownloadBytes = table.Long(row, 9),
            UploadSpeed = table.Long(row, 10),
            DownloadSpeed = table.Long(row, 11),
        };
    }

    /// <summary>A rule: a limit and its target.</summary>
    public sealed partial class ProcessBandwidthLimit
    {
        /// <summary>process or path.</summary>
        public string? Target { get; set; }

        /// <summary>Null where the rule is for a path.</summary>
        public int? ProcessId { get; set; }

        /// <summary>The executable's full path; null where the rule is for a process.</summary>
        public string? Path { get; set; }

        /// <summary>Bytes per second; null where there is no limit.</summary>
        public long? UploadLimit { get; set; }

        public long? DownloadLimit { get; set; }

        /// <summary>All matching processes have the limit together, and not each for itself.</summary>
        public bool Shared { get; set; }

        /// <summary>local or policy.</summary>
        public string? Source { get; set; }

        /// <summary>How many processes it is in force for now.</summary>
        public long Processes { get; set; }

        internal static ProcessBandwidthLimit Read(Table table, int row) => new ProcessBandwidthLimit
        {
            Target = table.Text(row, 0),
            ProcessId = (int?)table.LongOrNull(row, 1),
            Path = table.Text(row, 2),
            UploadLimit = table.LongOrNull(row, 3),
            DownloadLimit = table.LongOrNull(row, 4),
            Shared = table.Boolean(row, 5),
            Source = table.Text(row, 6),
            Processes = table.Long(row, 7),
        };
    }

    /// <summary>What was transferred while a script block ran. Speeds are averages, in bytes per second.</summary>
    public sealed partial class TrafficMeasurement
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

        internal static TrafficMeasurement Read(Table table, int row) => new TrafficMeasurement
        {
            DurationMs = table.Long(row, 0),
            Processes = table.Int(row, 1),
            UploadBytes = table.Long(row, 2),
            DownloadBytes = table.Long(row, 3),
            AverageUploadSpeed = table.Long(row, 4),
            AverageDownloadSpeed = table.Long(row, 5),
        };
    }

    /// <summary>The state of the driver, its losses and its requirements.</summary>
    public sealed partial class DriverStatus
    {
        /// <summary>wfp, tdi or ebpf.</summary>
        public string? Driver { get; set; }

        /// <summary>running, stopped or not installed.</summary>
        public string? State { get; set; }

        public string? Version { get; set; }

        /// <summary>Local time; null where the driver is not running.</summary>
        public DateTime? Since { get; set; }

        /// <summary>How often the driver could not record something as it should.</summary>
        public long LostEvents { get; set; }

        /// <summary>Bytes that were counted without their process, for which there was no room.</summary>
        public long UnattributedBytes { get; set; }

        public DriverRequirement[] Requirements { get; set; } = Array.Empty<DriverRequirement>();

        internal static DriverStatus Read(Table table, int row) => new DriverStatus
        {
            Driver = table.Text(row, 0),
            State = table.Text(row, 1),
            Version = table.Text(row, 2),
            Since = table.TimeOrNull(row, 3),
            LostEvents = table.Long(row, 4),
            UnattributedBytes = table.Long(row, 5),
        };
    }

    /// <summary>A condition that the machine has to meet for the driver.</summary>
    public sealed partial class DriverRequirement
    {
        public string? Name { get; set; }

        public bool Ok { get; set; }

        /// <summary>Names what was found, or what is missing and how to get it.</summary>
        public string? Detail { get; set; }

        internal static DriverRequirement Read(Table table, int row) => new DriverRequirement
        {
            Name = table.Text(row, 0),
            Ok = table.Boolean(row, 1),
            Detail = table.Text(row, 2),
        };
    }
}
