using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Turns an object from the pipeline into the target of a limit.</summary>
    internal static class PipelineObject
    {
        private static readonly string[] IdProperties = { "Id", "ProcessId", "PID" };
        private static readonly string[] PathProperties = { "LiteralPath", "Path", "FullName" };

        /// <summary>
        /// Goes by the object's type, or else by its properties; throws INVALID_ARGUMENT. PowerShell's own binding by property
        /// name can't do this: a limit has both a process id and a path, one of which is null.
        /// </summary>
        public static LimitTarget ToTarget(PSCmdlet cmdlet, PSObject item)
        {
            switch (item.BaseObject)
            {
                // Its id may belong to another process by now.
                case Process process when HasExited(process): throw RunningProcess.NotFound(process.Id);
                case ProcessTraffic traffic when traffic.Exited: throw RunningProcess.NotFound(traffic.ProcessId);
                case Process process: return LimitTarget.OfProcess(process.Id);
                case FileInfo file: return LimitTarget.OfPath(file.FullName);
                case ProcessBandwidthLimit limit when limit.Path != null: return LimitTarget.OfPath(limit.Path);
            }
            foreach (var name in IdProperties)
            {
                if (LanguagePrimitives.TryConvertTo(ValueOf(item, name), out int id) && id > 0) return LimitTarget.OfProcess(id);
            }
            foreach (var name in PathProperties)
            {
                if (ValueOf(item, name) is string path && path.Length > 0) return LimitTarget.OfPath(ShellPath.Literal(cmdlet, path));
            }
            throw new NetFlowException(
                "INVALID_ARGUMENT", $"{item} can't have a limit: give a process, a limit, a file, or an object with a property Id, ProcessId, PID or Path.", item);
        }

        private static object? ValueOf(PSObject item, string property)
        {
            var value = item.Properties[property]?.Value;
            return value is PSObject wrapped ? wrapped.BaseObject : value;
        }

        /// <summary>Whether it has exited, as far as this shell may see.</summary>
        private static bool HasExited(Process process)
        {
            try
            {
                return process.HasExited;
            }
            catch (Win32Exception)
            {
                return false;
            }
        }
    }
}
