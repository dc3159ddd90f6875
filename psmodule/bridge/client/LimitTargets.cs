using System;
using System.Collections;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>What Set- and Remove-ProcessBandwidthLimit were given. What is nothing that can have a limit is an error of the cmdlet.</summary>
    public static class LimitTargets
    {
        private static readonly string[] IdProperties = { "Id", "ProcessId", "PID" };
        private static readonly string[] PathProperties = { "LiteralPath", "Path", "FullName" };

        /// <summary>Processes that run, and executables.</summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="parameterSet">Which of its parameters it is; each has a set of its own, of the same name.</param>
        /// <param name="parameters">$PSBoundParameters of the function.</param>
        public static LimitTarget[] ToSet(PSCmdlet cmdlet, string parameterSet, IDictionary parameters)
        {
            switch (parameters[parameterSet])
            {
                case int[] ids: return Collect(cmdlet, ids, id => new[] { Present(OfProcess(id)) });
                case string[] names when parameterSet == "Name": return Collect(cmdlet, names, Named);
                case string[] patterns when parameterSet == "Path": return Collect(cmdlet, patterns, pattern => Files(cmdlet, pattern));
                case string[] paths: return Collect(cmdlet, paths, path => Literal(cmdlet, path));
                case PSObject[] items: return Collect(cmdlet, items, item => new[] { Present(FromPipeline(cmdlet, item)) });
                default: return Array.Empty<LimitTarget>();
            }
        }

        /// <summary>What has a limit, whether or not it runs. A wildcard stands for paths that have one.</summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="parameterSet">Which of its parameters it is; each has a set of its own, of the same name.</param>
        /// <param name="parameters">$PSBoundParameters of the function.</param>
        public static LimitTarget[] ToRemove(PSCmdlet cmdlet, string parameterSet, IDictionary parameters)
        {
            switch (parameters[parameterSet])
            {
                case int[] ids: return Collect(cmdlet, ids, id => new[] { OfProcess(id) });
                case string[] patterns when parameterSet == "Path": return Collect(cmdlet, patterns, pattern => Limited(cmdlet, pattern));
                case string[] paths: return Collect(cmdlet, paths, path => Literal(cmdlet, path));
                case PSObject[] items: return Collect(cmdlet, items, item => new[] { FromPipeline(cmdlet, item) });
                default: return Array.Empty<LimitTarget>();
            }
        }

        /// <summary>Tables: ids, paths, one row of what to do with them.</summary>
        internal static byte[] Encode(LimitTarget[] targets, params double[] cells)
        {
            var ids = targets.Where(target => target.ProcessId.HasValue).Select(target => target.ProcessId!.Value).ToArray();
            var paths = targets.Where(target => target.Path != null).Select(target => target.Path!).ToArray();
            return Payload.Encode(ids, paths, new[] { cells });
        }

        /// <summary>An error for each row of the second table: the target's place in the order of Encode, code, message.</summary>
        internal static Func<Payload, Array, NetFlowException[]> Failures(LimitTarget[] targets)
        {
            var encoded = targets.Where(target => target.ProcessId.HasValue).Concat(targets.Where(target => target.Path != null)).ToArray();
            return (payload, rows) =>
            {
                var table = payload.Tables[1];
                return Enumerable.Range(0, table.Rows)
                    .Select(row => new NetFlowException(table.Text(row, 1)!, table.Text(row, 2)!, encoded[table.Int(row, 0)].Subject))
                    .ToArray();
            };
        }

        /// <summary>
        /// By what it is, and else by its properties; throws INVALID_ARGUMENT. PowerShell's own binding by property name would
        /// not do: a limit has both a process id and a path, one of which is null.
        /// </summary>
        internal static LimitTarget FromPipeline(PSCmdlet cmdlet, PSObject item)
        {
            switch (item.BaseObject)
            {
                // Its id may belong to another one by now.
                case Process process when HasEnded(process): throw NoProcess(process.Id);
                case ProcessTraffic traffic when traffic.Exited: throw NoProcess(traffic.ProcessId);
                case Process process: return OfProcess(process.Id);
                case FileInfo file: return LimitTarget.OfPath(file.FullName);
                case ProcessBandwidthLimit limit when limit.Path != null: return LimitTarget.OfPath(limit.Path);
            }
            foreach (var name in IdProperties)
            {
                if (LanguagePrimitives.TryConvertTo(ValueOf(item, name), out int id) && id > 0) return OfProcess(id);
            }
            foreach (var name in PathProperties)
            {
                if (ValueOf(item, name) is string path && path.Length > 0) return LimitTarget.OfPath(ShellPath.Literal(cmdlet, path));
            }
            throw new NetFlowException(
                "INVALID_ARGUMENT", $"{item} can't have a limit: give a process, a limit, a file, or an object with a property Id, ProcessId, PID or Path.", item);
        }

        /// <summary>Goes through all of them; what fails is an error of the cmdlet, and the rest goes on.</summary>
        internal static void ForEach<Item>(PSCmdlet cmdlet, Item[] items, Action<Item> act)
        {
            foreach (var item in items)
            {
                try
                {
                    act(item);
                }
                catch (NetFlowException error)
                {
                    cmdlet.WriteError(error.ErrorRecord);
                }
            }
        }

        internal static bool IsRunning(int id) => NameOf(id) != null;

        internal static NetFlowException NoProcess(int id) =>
            new NetFlowException("NOT_FOUND", $"There is no process {id}: Get-Process shows all that run.", id);

        /// <summary>Each once.</summary>
        private static LimitTarget[] Collect<Item>(PSCmdlet cmdlet, Item[] items, Func<Item, IEnumerable<LimitTarget>> find)
        {
            var found = new List<LimitTarget>();
            ForEach(cmdlet, items, item => found.AddRange(find(item)));
            return found.GroupBy(target => target.Subject).Select(same => same.First()).ToArray();
        }

        /// <summary>One that may have ended.</summary>
        private static LimitTarget OfProcess(int id) => LimitTarget.OfProcess(id, NameOf(id));

        /// <summary>The same target; throws NOT_FOUND for a process that has ended.</summary>
        private static LimitTarget Present(LimitTarget target) =>
            target.ProcessId is int id && !IsRunning(id) ? throw NoProcess(id) : target;

        private static IEnumerable<LimitTarget> Named(string name)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var found = new List<LimitTarget>();
            foreach (var process in Process.GetProcesses())
            {
                using (process)
                {
                    if (NameOf(process) is string its && pattern.IsMatch(its)) found.Add(LimitTarget.OfProcess(process.Id, its));
                }
            }
            if (found.Count > 0 || WildcardPattern.ContainsWildcardCharacters(name)) return found;
            var plain = WildcardPattern.Unescape(name);
            throw new NetFlowException("NOT_FOUND", $"There is no process named {plain}: Get-Process shows all that run.", plain);
        }

        /// <summary>A wildcard stands for files that are there; a path without one may be that of a program to come.</summary>
        private static IEnumerable<LimitTarget> Files(PSCmdlet cmdlet, string pattern) =>
            WildcardPattern.ContainsWildcardCharacters(pattern)
                ? ShellPath.Files(cmdlet, pattern).Select(LimitTarget.OfPath)
                : Literal(cmdlet, WildcardPattern.Unescape(pattern));

        private static LimitTarget[] Limited(PSCmdlet cmdlet, string pattern)
        {
            if (!WildcardPattern.ContainsWildcardCharacters(pattern)) return Literal(cmdlet, WildcardPattern.Unescape(pattern));
            var filter = new LimitFilter(false);
            filter.AddPath(cmdlet, pattern);
            using (var call = Bridge.GetLimits(filter))
            {
                return call.Read(cmdlet).Cast<ProcessBandwidthLimit>().Select(limit => LimitTarget.OfPath(limit.Path!)).ToArray();
            }
        }

        private static LimitTarget[] Literal(PSCmdlet cmdlet, string path) => new[] { LimitTarget.OfPath(ShellPath.Literal(cmdlet, path)) };

        private static object? ValueOf(PSObject item, string property)
        {
            var value = item.Properties[property]?.Value;
            return value is PSObject wrapped ? wrapped.BaseObject : value;
        }

        /// <summary>As far as this shell may see.</summary>
        private static bool HasEnded(Process process)
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

        /// <summary>Null for one that has ended.</summary>
        private static string? NameOf(int id)
        {
            try
            {
                using (var process = Process.GetProcessById(id)) return NameOf(process);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        /// <summary>Null for one that has ended.</summary>
        private static string? NameOf(Process process)
        {
            try
            {
                return process.ProcessName;
            }
            catch (InvalidOperationException)
            {
                return null;
            }
        }
    }
}
