using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Finds the targets of Set- and Remove-ProcessBandwidthLimit. A value that can't have a limit is an error of the cmdlet.</summary>
    public static class LimitTargets
    {
        /// <summary>Finds running processes, and executables.</summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="parameterSet">The parameter that is given; each has a set of the same name.</param>
        /// <param name="parameters">$PSBoundParameters of the function.</param>
        public static LimitTarget[] ToSet(PSCmdlet cmdlet, string parameterSet, IDictionary parameters)
        {
            switch (parameters[parameterSet])
            {
                case int[] ids: return Collect(cmdlet, ids, id => new[] { Present(LimitTarget.OfProcess(id)) });
                case string[] names when parameterSet == "Name": return Collect(cmdlet, names, Named);
                case string[] patterns when parameterSet == "Path": return Collect(cmdlet, patterns, pattern => Files(cmdlet, pattern));
                case string[] paths: return Collect(cmdlet, paths, path => Literal(cmdlet, path));
                case PSObject[] items: return Collect(cmdlet, items, item => new[] { Present(PipelineObject.ToTarget(cmdlet, item)) });
                default: return Array.Empty<LimitTarget>();
            }
        }

        /// <summary>Finds targets that may have a limit, whether or not they run. Wildcards match paths that have one.</summary>
        /// <param name="cmdlet">$PSCmdlet of the function.</param>
        /// <param name="parameterSet">The parameter that is given; each has a set of the same name.</param>
        /// <param name="parameters">$PSBoundParameters of the function.</param>
        public static LimitTarget[] ToRemove(PSCmdlet cmdlet, string parameterSet, IDictionary parameters)
        {
            switch (parameters[parameterSet])
            {
                case int[] ids: return Collect(cmdlet, ids, id => new[] { LimitTarget.OfProcess(id) });
                case string[] patterns when parameterSet == "Path": return Collect(cmdlet, patterns, pattern => Limited(cmdlet, pattern));
                case string[] paths: return Collect(cmdlet, paths, path => Literal(cmdlet, path));
                case PSObject[] items: return Collect(cmdlet, items, item => new[] { PipelineObject.ToTarget(cmdlet, item) });
                default: return Array.Empty<LimitTarget>();
            }
        }

        /// <summary>Returns the targets found for all items, each once.</summary>
        private static LimitTarget[] Collect<Item>(PSCmdlet cmdlet, Item[] items, Func<Item, IEnumerable<LimitTarget>> find)
        {
            var found = new List<LimitTarget>();
            CmdletErrors.ForEach(cmdlet, items, item => found.AddRange(find(item)));
            return found.GroupBy(target => target.Subject).Select(same => same.First()).ToArray();
        }

        /// <summary>Returns the target itself; throws NOT_FOUND for a process that has exited.</summary>
        private static LimitTarget Present(LimitTarget target) =>
            target.ProcessId is int id && !RunningProcess.Exists(id) ? throw RunningProcess.NotFound(id) : target;

        private static IEnumerable<LimitTarget> Named(string name)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var found = RunningProcess.Names()
                .Where(process => pattern.IsMatch(process.Name) || (RunningProcess.IsWindows && pattern.IsMatch(process.Name + ".exe")))
                .GroupBy(process => process.Id)
                .Select(names => names.First())
                .ToArray();
            if (found.Length > 0 || WildcardPattern.ContainsWildcardCharacters(name)) return found.Select(process => LimitTarget.OfProcess(process.Id, process.Name));
            var plain = WildcardPattern.Unescape(name);
            throw new NetFlowException("NOT_FOUND", $"There is no process named {plain}: Get-Process shows all processes.", plain);
        }

        /// <summary>Wildcards match existing files; a path without them may be that of a future program.</summary>
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
    }
}
