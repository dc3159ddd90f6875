using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NetFlow
{
    /// <summary>Completes paths with running executables, by the beginnings of their paths or names, and then with files.</summary>
    public sealed class PathCompleter : IArgumentCompleter
    {
        public IEnumerable<CompletionResult> CompleteArgument(
            string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
        {
            var word = wordToComplete ?? string.Empty;
            var pattern = new WildcardPattern(word.Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
            var running = RunningProcess.Executables()
                .Distinct()
                .Where(path => pattern.IsMatch(path) || pattern.IsMatch(Path.GetFileName(path)))
                .OrderBy(path => path, StringComparer.OrdinalIgnoreCase)
                .Select(path => Completion.Result(Completion.QuotedPath(path, parameterName), path))
                .ToArray();
            var texts = new HashSet<string>(running.Select(result => result.CompletionText));
            return running.Concat(CompletionCompleters.CompleteFilename(word).Where(file => texts.Add(file.CompletionText)));
        }
    }
}
