using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace NetFlow
{
    /// <summary>Selects the processes that a cmdlet was given, each once; all if it was given none.</summary>
    public sealed class ProcessFilter
    {
        private readonly bool fromPipeline;
        private readonly SortedSet<int> ids = new SortedSet<int>();
        private readonly SortedSet<string> names = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        private bool reported;

        /// <param name="fromPipeline">The processes come from the pipeline: an empty one selects none, not all.</param>
        public ProcessFilter(bool fromPipeline) => this.fromPipeline = fromPipeline;

        public bool IsNothing => fromPipeline && ids.Count == 0 && names.Count == 0;

        internal int[] Ids => ids.ToArray();

        /// <summary>The names as patterns for the core, which has no backtick to escape a wildcard.</summary>
        internal string[] Patterns => names.Select(name => Regex.Replace(name, "`(.)", match => Literal(match.Groups[1].Value))).ToArray();

        /// <summary>
        /// Adds the values of the parameters InputObject, Id or Name, from arguments or from the pipeline. The host gets all
        /// of them at the end, for one snapshot.
        /// </summary>
        /// <param name="parameterSet">The parameter that is given: $PSBoundParameters keeps those of earlier objects.</param>
        /// <param name="parameters">$PSBoundParameters of the cmdlet.</param>
        public void Add(string parameterSet, IDictionary parameters)
        {
            switch (parameters[parameterSet])
            {
                case Process[] processes: ids.UnionWith(processes.Select(process => process.Id)); break;
                case int[] given: ids.UnionWith(given); break;
                case string[] patterns: names.UnionWith(patterns); break;
            }
        }

        public override string ToString()
        {
            if (ids.Count + names.Count == 0) return "all processes";
            var byId = ids.Count > 0 ? new[] { Describe("ids", ids.Count, ids) } : Array.Empty<string>();
            var byName = names.Count > 0 ? new[] { Describe("names", names.Count, names) } : Array.Empty<string>();
            return string.Join(" and ", byId.Concat(byName));
        }

        /// <summary>Returns an error for each id and name without a process, once, with the first batch.</summary>
        internal NetFlowException[] TakeMissing(Payload payload, Array rows)
        {
            if (reported) return Array.Empty<NetFlowException>();
            reported = true;
            var byId = Numbers(payload.Tables[1]).Select(id => NotFound(id, $"process {id}"));
            var byName = Numbers(payload.Tables[2])
                .Select(place => names.ElementAt(place))
                .Where(name => !WildcardPattern.ContainsWildcardCharacters(name))
                .Select(WildcardPattern.Unescape)
                .Select(name => NotFound(name, $"process named {name}"));
            return byId.Concat(byName).ToArray();
        }

        private static IEnumerable<int> Numbers(Table table) => Enumerable.Range(0, table.Rows).Select(row => table.Int(row, 0));

        private static string Describe<Item>(string what, int count, IEnumerable<Item> items)
        {
            const int Shown = 10;
            return $"the {what} {string.Join(", ", items.Take(Shown))}{(count > Shown ? $" and {count - Shown} more" : string.Empty)}";
        }

        private static NetFlowException NotFound(object target, string what) => new NetFlowException(
            "NOT_FOUND", $"There is no {what}: Get-ProcessTraffic shows those with traffic, Get-Process all.", target);

        private static string Literal(string character) => "*?[".Contains(character) ? "[" + character + "]" : character;
    }
}
