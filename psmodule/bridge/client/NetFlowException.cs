using System;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>An error of a call, with the record that PowerShell shows for it.</summary>
    public sealed class NetFlowException : Exception, IContainsErrorRecord
    {
        public const string HostNotStarted = "HOST_NOT_STARTED";
        public const string HostGone = "HOST_GONE";

        private readonly object? target;
        private readonly string? reason;

        /// <param name="code">A code of core/errors.ts, or a constant of this class.</param>
        /// <param name="message">A line that says what failed, why, and what to do.</param>
        /// <param name="target">The subject of the error.</param>
        /// <param name="reason">The system's own name of it, such as ENOENT.</param>
        public NetFlowException(string code, string message, object? target = null, Exception? inner = null, string? reason = null)
            : base(message, inner)
        {
            Code = code;
            this.target = target;
            this.reason = reason;
        }

        public string Code { get; }

        public ErrorRecord ErrorRecord => new ErrorRecord(this, "NetFlow." + Identifier(Code), Category(Code == "FAILED" ? reason : Code), target);

        private static ErrorCategory Category(string? reason)
        {
            switch (reason)
            {
                case "ENOENT":
                case "ENOTDIR":
                case "NOT_FOUND": return ErrorCategory.ObjectNotFound;
                case "EACCES":
                case "EPERM":
                case "NOT_PERMITTED": return ErrorCategory.PermissionDenied;
                case "ENOSPC":
                case "EROFS": return ErrorCategory.WriteError;
                case "INVALID_ARGUMENT": return ErrorCategory.InvalidArgument;
                case "DRIVER_UNAVAILABLE":
                case "DRIVER_NOT_RUNNING":
                case "DRIVER_MISMATCH":
                case HostNotStarted:
                case HostGone: return ErrorCategory.ResourceUnavailable;
                default: return ErrorCategory.NotSpecified;
            }
        }

        /// <summary>Turns DRIVER_NOT_RUNNING into DriverNotRunning.</summary>
        private static string Identifier(string code)
        {
            var words = code.Split('_');
            for (var index = 0; index < words.Length; index++)
            {
                if (words[index].Length == 0) continue;
                words[index] = words[index].Substring(0, 1) + words[index].Substring(1).ToLowerInvariant();
            }
            return string.Concat(words);
        }
    }
}
