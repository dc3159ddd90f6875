using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace NetFlow
{
    /// <summary>Selects the limits that Get-ProcessBandwidthLimit was given targets of; all if it was given none.</summary>
    public sealed class LimitFilter
    {
        private readonly SortedSet<int> ids = new SortedSet<int>();
        private readonly List<string> paths = new List<string>();
        private readonly List<(string Text, WildcardPattern Pattern)> patterns = new List<(string Text, WildcardPattern Pattern)>();
        private bool narrowed;

        /// <param name="fromPipeline">The targets come from the pipeline: an empty one selects none, not all.</param>
        public LimitFilter(bool fromPipeline) => narrowed = fromPipeline;

        public bool IsNothing => narrowed && ids.Count + paths.Count + patterns.Count == 0;

        /// <summary>Full paths. The host follows their links, since a limit has the path that the kernel knows.</summary>
        internal string[] Paths => paths.ToArray();

        /// <summary>Adds the values of the parameters Id, Path or InputObject, from arguments or from the pipeline.</summary>
        /// <param name="cmdlet">$PSCmdlet of the function; an object that can't have a limit is an error of it.</param>
        /// <param name="parameterSet">The parameter that is given; each has a set of the same name.</param>
        /// <param name="parameters">$PSBoundParameters of the function.</param>
        public void Add(PSCmdlet cmdlet, string parameterSet, IDictionary parameters)
        {
            switch (parameters[parameterSet])
            {
                case int[] some: AddIds(some); break;
                case string[] some: CmdletErrors.ForEach(cmdlet, some, path => AddPath(cmdlet, path)); break;
                case PSObject[] some: CmdletErrors.ForEach(cmdlet, some, item => AddTarget(PipelineObject.ToTarget(cmdlet, item))); break;
            }
        }

        public override string ToString()
        {
            if (!narrowed) return "all limits";
            return "the limits of " + string.Join(", ", ids.Select(id => $"process {id}").Concat(paths).Concat(patterns.Select(pattern => pattern.Text)));
        }

        /// <summary>Adds a path, full or relative to the shell's location; wildcards match paths that have a limit.</summary>
        internal void AddPath(PSCmdlet cmdlet, string path)
        {
            narrowed = true;
            if (WildcardPattern.ContainsWildcardCharacters(path)) patterns.Add((path, ShellPath.Pattern(cmdlet, path)));
            else paths.Add(ShellPath.Literal(cmdlet, WildcardPattern.Unescape(path)));
        }

        private void AddIds(int[] some)
        {
            narrowed = true;
            ids.UnionWith(some);
        }

        private void AddTarget(LimitTarget target)
        {
            if (target.ProcessId is int id) ids.Add(id);
            else paths.Add(target.Path!);
        }

        /// <summary>Selects limits of the first table; the second has the paths with their links followed.</summary>
        internal Array Decode(Payload payload)
        {
            var limits = NetFlow.Decode.Limits(payload).Cast<ProcessBandwidthLimit>();
            if (!narrowed) return limits.ToArray();
            var places = Enumerable.Range(0, paths.Count).ToArray();
            return limits.Where(limit => Names(limit) || places.Any(place => IsFor(limit, place, payload))).ToArray();
        }

        /// <summary>Returns an error for each path without a limit, and for each id that neither has one nor runs.</summary>
        internal NetFlowException[] Missing(Payload payload, Array limits)
        {
            var found = limits.Cast<ProcessBandwidthLimit>().ToArray();
            var missingIds = ids.Where(id => !found.Any(limit => limit.ProcessId == id) && !RunningProcess.Exists(id));
            var missingPaths = Enumerable.Range(0, paths.Count).Where(place => !found.Any(limit => IsFor(limit, place, payload)));
            return missingIds
                .Select(RunningProcess.NotFound)
                .Concat(missingPaths.Select(place => new NetFlowException(
                    "NOT_FOUND", $"{paths[place]} has no limit: Get-ProcessBandwidthLimit without parameters shows all limits.", paths[place])))
                .ToArray();
        }

        private bool Names(ProcessBandwidthLimit limit) =>
            (limit.ProcessId is int id && ids.Contains(id)) || (limit.Path is string path && patterns.Any(pattern => pattern.Pattern.IsMatch(path)));

        private bool IsFor(ProcessBandwidthLimit limit, int place, Payload payload) =>
            limit.Path != null && (ShellPath.AreEqual(limit.Path, paths[place]) || ShellPath.AreEqual(limit.Path, payload.Tables[1].Text(place, 0)));
    }
}
